/// What stands before the payload of an RTP packet, in the clear even where the rest is not
/// (RFC 3550 section 5.1, RFC 8285 section 4).
///
///      0                   1                   2                   3
///     |V=2|P|X|  CC   |M|     PT      |       sequence number         |
///     |                           timestamp                           |
///     |                             SSRC                              |
///     |                    CSRC, CC times                            ...
///     |       profile of extensions   |     words of extensions       |   if X
///     |                          extensions                          ...
///
/// On the path of every packet: read once, no allocation, nothing that a sender may write traps.
package struct RTPHeader: Hashable, BitwiseCopyable, Sendable {
    package let ssrc: SSRC
    package let timestamp: UInt32
    package let sequence: SequenceNumber
    package let payloadType: PayloadType
    package let marker: Bool
    /// Padding follows the payload. How much says its last byte, which may be encrypted.
    package let hasPadding: Bool
    /// Where the payload begins.
    package let headerCount: Int
    /// Which form the extensions have; see ``RTPExtensions``.
    let extensionProfile: UInt16
    /// Where they lie. Empty without any.
    let extensionOffset: Int
    let extensionCount: Int

    /// Nil if these bytes, protected or not, don't begin with a whole header, or with one that has more
    /// than 256 bytes of extensions.
    package init?(_ packet: UnsafeRawPointer, count: Int) {
        guard count >= Self.fixedCount else { return nil }
        let bits = unsafe packet.bigEndian16(at: 0)
        guard bits >> 14 == 2 else { return nil }
        hasPadding = bits & 0x2000 != 0
        marker = bits & 0x80 != 0
        payloadType = PayloadType(UInt8(truncatingIfNeeded: bits))
        sequence = SequenceNumber(unsafe packet.bigEndian16(at: 2))
        timestamp = unsafe packet.bigEndian32(at: 4)
        ssrc = SSRC(unsafe packet.bigEndian32(at: 8))
        let sourcesEnd = Self.fixedCount &+ 4 &* Int(bits >> 8 & 0xF)
        guard bits & 0x1000 != 0 else {
            guard count >= sourcesEnd else { return nil }
            headerCount = sourcesEnd
            extensionProfile = 0
            extensionOffset = sourcesEnd
            extensionCount = 0
            return
        }
        guard count >= sourcesEnd &+ 4 else { return nil }
        extensionProfile = unsafe packet.bigEndian16(at: sourcesEnd)
        extensionOffset = sourcesEnd &+ 4
        extensionCount = 4 &* Int(unsafe packet.bigEndian16(at: sourcesEnd &+ 2))
        headerCount = extensionOffset &+ extensionCount
        guard extensionCount <= Self.mostExtensions, count >= headerCount else { return nil }
    }

    /// Bytes of payload in a packet that is no longer encrypted, without padding; nil if the padding
    /// is said to be none, or more than there is.
    package func payloadCount(of packet: UnsafeRawPointer, count: Int) -> Int? {
        let rest = count &- headerCount
        guard rest >= 0 else { return nil }
        guard hasPadding else { return rest }
        guard rest > 0 else { return nil }
        let padding = Int(unsafe packet.load(fromByteOffset: count &- 1, as: UInt8.self))
        guard padding > 0, padding <= rest else { return nil }
        return rest &- padding
    }

    /// Whether a packet whose first two bits say RTP or RTCP is RTCP (RFC 5761 section 4). Two bytes
    /// are enough to tell.
    package static func isControl(_ packet: UnsafeRawPointer, count: Int) -> Bool {
        guard count >= 2 else { return false }
        return (192...223).contains(unsafe packet.load(fromByteOffset: 1, as: UInt8.self))
    }

    package static var fixedCount: Int { 12 }
    static var mostExtensions: Int { 256 }
}
