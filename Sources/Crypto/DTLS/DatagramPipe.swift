internal import COpenSSL

/// The wire as OpenSSL sees it when it speaks DTLS: a read takes the datagram at hand whole, a write
/// makes one datagram.
///
/// OpenSSL 3.0's own memory BIO forgets where a datagram ends. An idle pipe owns no buffer.
@safe struct DatagramPipe {
    /// What the caller offers for the length of one call.
    var offered: UnsafeRawBufferPointer?
    /// Those of whom the peer's description speaks. None: it has not come yet.
    var expected: [CertificateFingerprint]
    /// The peer showed a certificate that is none of those.
    var isRefused = false
    var presented: CertificateFingerprint?
    let pace: DTLSMachine.Pace
    /// Where OpenSSL has the buffer of the handshake, if ``OpenSSLMemory`` gave it.
    var pages: HandshakePages?

    /// Datagrams one after the other, and the size of each.
    private var output: [UInt8] = []
    private var sizes: [UInt16] = []
    private var outputStart = 0
    private var sizesStart = 0

    /// A flight of ours is two datagrams; an association that sends a burst may have some dozens.
    static let mostDatagrams = 64

    init(expecting expected: [CertificateFingerprint], pace: DTLSMachine.Pace) {
        self.expected = expected
        self.pace = pace
    }

    var waiting: Int { sizes.count - sizesStart }

    /// Keeps a datagram to be sent. More than the queue holds are lost, as on any network.
    mutating func write(_ datagram: UnsafeRawBufferPointer) {
        guard waiting < Self.mostDatagrams, let size = UInt16(exactly: datagram.count) else {
            return
        }
        unsafe output.append(contentsOf: datagram)
        sizes.append(size)
    }

    /// Moves the oldest datagram to a buffer. One that does not fit is lost.
    mutating func next(into buffer: inout MutableSpan<UInt8>) -> Int? {
        while sizesStart < sizes.count {
            let size = Int(sizes[sizesStart])
            let start = outputStart
            sizesStart += 1
            outputStart += size
            let fits = size <= buffer.count
            if fits {
                for index in 0..<size { buffer[index] = output[start + index] }
            }
            if sizesStart == sizes.count { discard() }
            if fits { return size }
        }
        return nil
    }

    mutating func discard() {
        (output, sizes) = ([], [])
        (outputStart, sizesStart) = (0, 0)
    }

    fileprivate mutating func read(into buffer: UnsafeMutableRawPointer, count: Int) -> Int? {
        guard let offered = unsafe offered, let base = offered.baseAddress else { return nil }
        unsafe self.offered = nil
        let size = min(count, offered.count)
        unsafe buffer.copyMemory(from: base, byteCount: size)
        return size
    }
}

/// The kind of BIO that reads from and writes to a ``DatagramPipe``. One for the whole process.
nonisolated(unsafe) let datagramPipeMethod: OpaquePointer? = {
    let kind = BIO_get_new_index() | BIO_TYPE_SOURCE_SINK
    guard let method = unsafe BIO_meth_new(kind, "roost datagrams") else { return nil }
    unsafe BIO_meth_set_read(method) { bio, buffer, count in
        unsafe BIO_clear_flags(bio, retryFlags)
        guard let buffer = unsafe buffer, count > 0, let pipe = unsafe datagramPipe(of: bio) else {
            return -1
        }
        if let size = unsafe pipe.pointee.read(into: buffer, count: Int(count)) {
            return CInt(size)
        }
        unsafe BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
        return -1
    }
    unsafe BIO_meth_set_write(method) { bio, buffer, count in
        unsafe BIO_clear_flags(bio, retryFlags)
        guard let buffer = unsafe buffer, count > 0, let pipe = unsafe datagramPipe(of: bio) else {
            return -1
        }
        unsafe pipe.pointee.write(UnsafeRawBufferPointer(start: buffer, count: Int(count)))
        return count
    }
    unsafe BIO_meth_set_ctrl(method) { _, command, _, _ in
        switch command {
        case BIO_CTRL_FLUSH: 1
        // IPv4 and UDP; what a wider header takes is within what 1,200 leaves free.
        case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD: 28
        case BIO_CTRL_DGRAM_QUERY_MTU, BIO_CTRL_DGRAM_GET_FALLBACK_MTU: DTLSMachine.flightMTU
        default: 0
        }
    }
    return unsafe method
}()

private let retryFlags =
    BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_IO_SPECIAL | BIO_FLAGS_SHOULD_RETRY

/// OpenSSL asks whether the peer's certificate is good. Its issuer and its dates mean nothing here
/// (RFC 8827 section 6.5); what counts is that it is the one the description names. If that has not
/// come yet, ``DTLSMachine`` asks again later.
func judgeCertificate(_ verification: OpaquePointer?, _ argument: UnsafeMutableRawPointer?) -> CInt
{
    let index = SSL_get_ex_data_X509_STORE_CTX_idx()
    guard let certificate = unsafe X509_STORE_CTX_get0_cert(verification),
        let data = unsafe X509_STORE_CTX_get_ex_data(verification, index),
        let pipe = unsafe datagramPipe(of: SSL_get_rbio(OpaquePointer(data)))
    else { return 0 }
    let expected = unsafe pipe.pointee.expected
    if expected.isEmpty { return 1 }
    for fingerprint in expected where unsafe fingerprint.matches(certificate) { return 1 }
    unsafe pipe.pointee.isRefused = true
    unsafe pipe.pointee.presented = CertificateFingerprint(.sha256, of: certificate)
    // Makes OpenSSL send the alert bad_certificate, which RFC 8122 section 6.2 asks for.
    unsafe X509_STORE_CTX_set_error(verification, X509_V_ERR_CERT_REJECTED)
    return 0
}

/// OpenSSL asks how long to wait before a flight goes out again: zero for the first time.
func retransmissionTime(_ ssl: OpaquePointer?, _ last: UInt32) -> UInt32 {
    guard let pipe = unsafe datagramPipe(of: SSL_get_rbio(ssl)) else { return 1_000_000 }
    let pace = unsafe pipe.pointee.pace
    if last == 0 { return pace.first }
    return min(pace.most, last.multipliedReportingOverflow(by: 2).overflow ? pace.most : last * 2)
}

private func datagramPipe(of bio: OpaquePointer?) -> UnsafeMutablePointer<DatagramPipe>? {
    unsafe BIO_get_data(bio)?.assumingMemoryBound(to: DatagramPipe.self)
}
