/// The header of an RTP packet (RFC 3550 section 5.1), read where it lies.
///
///     |V=2|P|X|  CC   |M|     PT      |            sequence           |
///     |                           timestamp                           |
///     |                             SSRC                              |
///     |                             CSRCs                            ...
///     |     profile of extensions     |        length in words        |   if X
///
/// What it says was written in clear, so it may be read before the packet is believed. Padding can't
/// be: its count is the last byte of what is encrypted (``payloadCount(of:count:)``).
@safe package struct RTPHeader: Sendable, BitwiseCopyable {
    package let payloadType: PayloadType
    package let isMarked: Bool
    package let isPadded: Bool
    package let sequence: SequenceNumber
    package let timestamp: UInt32
    package let ssrc: SSRC
    /// Where the payload begins.
    package let headerCount: Int
    /// The profile of the extensions, 0 if there are none.
    let extensionProfile: UInt16
    let extensionStart: Int

    /// Nil if the bytes are no RTP packet: too short for what their own header announces, or more than
    /// 256 bytes of extensions, which nobody needs and which would cost every reader.
    @inline(__always)
    package init?(_ packet: UnsafeRawPointer, count: Int) {
        guard count >= 12 else { return nil }
        let first = unsafe packet.load(as: UInt8.self)
        guard first & 0xC0 == 0x80 else { return nil }
        let second = unsafe packet.load(fromByteOffset: 1, as: UInt8.self)
        var size = 12 + 4 * Int(first & 0x0F)
        var profile: UInt16 = 0
        var start = 0
        if first & 0x10 != 0 {
            guard size + 4 <= count else { return nil }
            profile = unsafe UInt16(
                bigEndian: packet.loadUnaligned(fromByteOffset: size, as: UInt16.self)
            )
            let words = unsafe UInt16(
                bigEndian: packet.loadUnaligned(fromByteOffset: size + 2, as: UInt16.self)
            )
            guard words <= 64 else { return nil }
            start = size + 4
            size = start + 4 * Int(words)
        }
        guard size <= count else { return nil }
        payloadType = PayloadType(second)
        isMarked = second & 0x80 != 0
        isPadded = first & 0x20 != 0
        sequence = unsafe SequenceNumber(
            UInt16(bigEndian: packet.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
        )
        timestamp = unsafe UInt32(
            bigEndian: packet.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
        )
        ssrc = unsafe SSRC(
            UInt32(bigEndian: packet.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        )
        headerCount = size
        extensionProfile = profile
        extensionStart = start
    }

    /// The bytes of payload without padding, of the decrypted packet; nil if the padding is longer than
    /// the payload.
    @inline(__always)
    package func payloadCount(of packet: UnsafeRawPointer, count: Int) -> Int? {
        guard count >= headerCount else { return nil }
        guard isPadded else { return count &- headerCount }
        guard count > headerCount else { return nil }
        let padding = unsafe Int(packet.load(fromByteOffset: count &- 1, as: UInt8.self))
        guard padding > 0, headerCount &+ padding <= count else { return nil }
        return count &- headerCount &- padding
    }
}
