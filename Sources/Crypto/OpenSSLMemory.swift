internal import COpenSSL

/// Where OpenSSL takes its memory from: the heap, as ever, but for one thing.
///
/// For each handshake OpenSSL takes a buffer of 21 KiB. After one of TLS it gives it back; after one of
/// DTLS it keeps it as long as the session lasts, for a last flight that may have to go out again. Yet of
/// what is in it by then it never reads a byte: what is sent or heard is written there first
/// (`dtls1_retransmit_message`, `dtls_get_reassembled_message` and `WPACKET_init` of OpenSSL 3.0). So the
/// buffers of ``DTLSMachine`` lie on pages of their own, and once a handshake is finished the kernel gets
/// back what is on them. The address stays good: whatever is written there gets new pages.
///
/// OpenSSL lets a program say where its memory comes from as long as it has taken none, and says which of
/// its source files asks. Where either fails all is as it was, and sessions are larger.
package enum OpenSSLMemory {
    /// Call this before anything else of this room. False if OpenSSL has taken memory already.
    package static func arrange() -> Bool { isArranged }

    private static let isArranged = unsafe CRYPTO_set_mem_functions(take, resize, giveBack) == 1

    /// Lets the body call OpenSSL. A buffer for a handshake that it takes or gives back is noted in the pipe.
    static func attend<Result>(
        _ pipe: UnsafeMutablePointer<DatagramPipe>,
        _ body: () -> Result
    ) -> Result {
        guard let key = attended else { return body() }
        unsafe roost_thread_set(key, pipe)
        defer { roost_thread_set(key, nil) }
        return body()
    }
}

/// The buffer of a handshake, on pages of its own.
@safe struct HandshakePages {
    let start: UnsafeMutableRawPointer
    let count: Int

    /// Gives back what is on them. They read as zeros then.
    func forget() { unsafe roost_pages_forget(start, count) }

    /// How many of their bytes take memory.
    var residentSize: Int { unsafe roost_pages_resident(start, count) }
}

/// The pipe of the session that calls OpenSSL, on each thread.
private let attended: pthread_key_t? = {
    var key = pthread_key_t()
    return unsafe roost_thread_key(&key) == 0 ? key : nil
}()

private func attendedPipe() -> UnsafeMutablePointer<DatagramPipe>? {
    guard let key = attended else { return nil }
    return unsafe roost_thread_get(key)?.assumingMemoryBound(to: DatagramPipe.self)
}

/// Less than this cannot be the buffer of a handshake, which has room for the largest record.
private let leastBuffer = Int(SSL3_RT_MAX_PLAIN_LENGTH)

private func take(
    _ size: Int,
    _ file: UnsafePointer<CChar>?,
    _ line: CInt
) -> UnsafeMutableRawPointer? {
    guard size > 0 else { return nil }
    guard size >= leastBuffer, let file = unsafe file, unsafe roost_is_buffer_source(file) == 1,
        let pipe = unsafe attendedPipe()
    else { return unsafe roost_heap_take(size) }
    var count = size
    guard let start = unsafe roost_pages_take(&count) else { return nil }
    unsafe pipe.pointee.pages = unsafe HandshakePages(start: start, count: count)
    return unsafe start
}

private func resize(
    _ block: UnsafeMutableRawPointer?,
    _ size: Int,
    _ file: UnsafePointer<CChar>?,
    _ line: CInt
) -> UnsafeMutableRawPointer? {
    guard let block = unsafe block else { return unsafe take(size, file, line) }
    unsafe forgetPages(at: block)
    guard size > 0 else {
        unsafe roost_heap_give_back(block)
        return nil
    }
    return unsafe roost_heap_resize(block, size)
}

private func giveBack(
    _ block: UnsafeMutableRawPointer?,
    _ file: UnsafePointer<CChar>?,
    _ line: CInt
) {
    guard let block = unsafe block else { return }
    unsafe forgetPages(at: block)
    unsafe roost_heap_give_back(block)
}

/// From now on they are no buffer of the session's.
private func forgetPages(at block: UnsafeMutableRawPointer) {
    guard unsafe roost_is_page_aligned(block) == 1, let pipe = unsafe attendedPipe(),
        unsafe pipe.pointee.pages?.start == block
    else { return }
    unsafe pipe.pointee.pages = nil
}
