/// What a datagram on the one port is, by its first bytes (RFC 7983, and RFC 5761 section 4 for RTCP).
package enum DatagramKind: Sendable {
    case stun
    case dtls
    case rtp
    case rtcp
    /// ZRTP, TURN channels, QUIC, noise: nothing we asked for.
    case unknown

    @inlinable
    package init(_ datagram: Span<UInt8>) {
        guard datagram.count >= 2 else {
            self = .unknown
            return
        }
        self.init(datagram[0], datagram[1])
    }

    @inlinable
    package init(_ first: UInt8, _ second: UInt8) {
        switch first {
        case 0...3: self = .stun
        case 20...63: self = .dtls
        case 128...191: self = 192...223 ~= second ? .rtcp : .rtp
        default: self = .unknown
        }
    }
}
