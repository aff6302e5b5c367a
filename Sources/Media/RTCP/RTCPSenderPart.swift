/// What a sender says of one of its streams (RFC 3550 section 6.4.1): which moment a timestamp stands
/// for, and how much was sent so far.
package struct RTCPSenderPart: Hashable, BitwiseCopyable, Sendable {
    package var ssrc: SSRC
    package var ntp: NTPTime
    /// What a packet captured at that moment would bear.
    package var timestamp: UInt32
    package var packetCount: UInt32
    /// Of payload, without headers and padding.
    package var byteCount: UInt32

    package init(
        ssrc: SSRC,
        ntp: NTPTime,
        timestamp: UInt32,
        packetCount: UInt32,
        byteCount: UInt32
    ) {
        self.ssrc = ssrc
        self.ntp = ntp
        self.timestamp = timestamp
        self.packetCount = packetCount
        self.byteCount = byteCount
    }

    /// `bytes` holds the whole of it.
    init(_ bytes: Span<UInt8>) {
        ssrc = SSRC(bytes.number32(at: 0))
        ntp = NTPTime(rawValue: bytes.number64(at: 4))
        timestamp = bytes.number32(at: 12)
        packetCount = bytes.number32(at: 16)
        byteCount = bytes.number32(at: 20)
    }

    static var size: Int { 24 }
}
