internal import COpenSSL

/// The wire as OpenSSL sees it: bytes from the peer to be read, and bytes for the peer to be sent.
///
/// It stands in for OpenSSL's memory BIO, which copies once more and never gives memory back. An
/// idle pipe owns no buffer at all.
@safe struct Pipe {
    /// What the caller offers for the length of one call.
    var offered: UnsafeRawBufferPointer?
    /// What was offered earlier and not yet read, from `heldStart` on.
    var held: [UInt8] = []
    var heldStart = 0
    /// The peer's transport has ended: after what is here comes nothing more.
    var hasEnded = false
    /// What is to be sent.
    var output: [UInt8] = []
    /// The peer's certificate that was not believed.
    var refused: Certificate?

    var unread: Int {
        unsafe held.count - heldStart + (offered?.count ?? 0)
    }

    mutating func hold(_ bytes: UnsafeRawBufferPointer) {
        guard unsafe !bytes.isEmpty else { return }
        unsafe held.append(contentsOf: bytes)
    }

    /// Moves up to `count` bytes to OpenSSL, oldest first.
    mutating func read(into buffer: UnsafeMutableRawPointer, count: Int) -> Int {
        if heldStart < held.count {
            let taken = min(count, held.count - heldStart)
            unsafe held.withUnsafeBytes { held in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: held[heldStart...])
                guard let base = rest.baseAddress else { return }
                unsafe buffer.copyMemory(from: base, byteCount: taken)
            }
            heldStart += taken
            if heldStart == held.count {
                held = []
                heldStart = 0
            }
            return taken
        }
        guard let offered = unsafe offered, let base = offered.baseAddress else { return 0 }
        let taken = min(count, offered.count)
        unsafe buffer.copyMemory(from: base, byteCount: taken)
        unsafe self.offered = UnsafeRawBufferPointer(rebasing: offered[taken...])
        return taken
    }
}

/// The kind of BIO that reads from and writes to a ``Pipe``. One for the whole process.
nonisolated(unsafe) let pipeMethod: OpaquePointer? = {
    let kind = BIO_get_new_index() | BIO_TYPE_SOURCE_SINK
    guard let method = unsafe BIO_meth_new(kind, "roost pipe") else { return nil }
    unsafe BIO_meth_set_read(method) { bio, buffer, count in
        unsafe BIO_clear_flags(bio, retryFlags)
        guard let buffer = unsafe buffer, count > 0, let pipe = unsafe pipe(of: bio) else {
            return -1
        }
        let taken = unsafe pipe.pointee.read(into: buffer, count: Int(count))
        if taken > 0 { return CInt(taken) }
        if unsafe pipe.pointee.hasEnded { return 0 }
        unsafe BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
        return -1
    }
    unsafe BIO_meth_set_write(method) { bio, buffer, count in
        unsafe BIO_clear_flags(bio, retryFlags)
        guard let buffer = unsafe buffer, count > 0, let pipe = unsafe pipe(of: bio) else {
            return -1
        }
        unsafe pipe.pointee.output.append(
            contentsOf: UnsafeRawBufferPointer(start: buffer, count: Int(count))
        )
        return count
    }
    unsafe BIO_meth_set_ctrl(method) { bio, command, _, _ in
        switch command {
        case BIO_CTRL_FLUSH: 1
        case BIO_CTRL_EOF: unsafe pipe(of: bio).map { unsafe $0.pointee.hasEnded ? 1 : 0 } ?? 1
        default: 0
        }
    }
    return unsafe method
}()

private let retryFlags =
    BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_IO_SPECIAL | BIO_FLAGS_SHOULD_RETRY

/// OpenSSL asks whether to go on in spite of a doubt about the peer's certificate. Never; but note which
/// certificate it was, for OpenSSL forgets it.
func noteRefusal(_ isFine: CInt, _ verification: OpaquePointer?) -> CInt {
    if isFine == 1 { return 1 }
    let index = SSL_get_ex_data_X509_STORE_CTX_idx()
    if let certificate = unsafe X509_STORE_CTX_get_current_cert(verification),
        let data = unsafe X509_STORE_CTX_get_ex_data(verification, index),
        let pipe = unsafe pipe(of: SSL_get_rbio(OpaquePointer(data)))
    {
        unsafe pipe.pointee.refused = Certificate(borrowing: certificate)
    }
    return 0
}

private func pipe(of bio: OpaquePointer?) -> UnsafeMutablePointer<Pipe>? {
    unsafe BIO_get_data(bio)?.assumingMemoryBound(to: Pipe.self)
}
