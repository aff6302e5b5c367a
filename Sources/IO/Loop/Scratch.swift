/// The buffers a loop lends to whoever it is serving: one for what comes from the kernel, one for
/// what TLS made of it, one for what is to be sent.
///
/// A connection that has nothing in flight owns no buffer of its own, which is what makes an idle
/// one cheap.
@safe package final class Scratch: @unchecked Sendable {
    package static let size = 64 * 1024
    /// What one record of TLS can hold (RFC 8446, section 5.1).
    package static let recordSize = 16_384

    package let incoming: UnsafeMutableRawBufferPointer
    package let plaintext: UnsafeMutableRawBufferPointer
    /// For frames that leave in one record.
    package let record: UnsafeMutableRawBufferPointer
    /// Emptied, not freed, by each user.
    package var outgoing: [UInt8] = []

    init() {
        unsafe incoming = .allocate(byteCount: Self.size, alignment: 64)
        unsafe plaintext = .allocate(byteCount: Self.size, alignment: 64)
        unsafe record = .allocate(byteCount: Self.recordSize, alignment: 64)
        outgoing.reserveCapacity(Self.size)
    }

    deinit {
        unsafe incoming.deallocate()
        unsafe plaintext.deallocate()
        unsafe record.deallocate()
    }
}
