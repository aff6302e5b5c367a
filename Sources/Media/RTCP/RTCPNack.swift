/// Packets that did not come and are asked for again (RFC 4585 section 6.2.1).
///
///     |  a number that is missing     |  which of the next sixteen too, lowest bit first |
///
/// At most seventeen numbers a word, so a datagram bounds them.
package struct RTCPNack: ~Escapable {
    package let sender: SSRC
    package let media: SSRC
    private let bytes: Span<UInt8>
    private var offset = 8
    private var number: UInt16 = 0
    /// The followers of `number` that are still to be visited.
    private var followers: UInt16 = 0

    @_lifetime(copy body)
    init?(_ body: Span<UInt8>) {
        guard body.count >= 12 else { return nil }
        bytes = body
        sender = SSRC(body.number32(at: 0))
        media = SSRC(body.number32(at: 4))
    }

    /// The next number that is missing.
    package mutating func next() -> SequenceNumber? {
        if followers != 0 {
            let place = followers.trailingZeroBitCount
            followers &= followers &- 1
            return SequenceNumber(number &+ UInt16(truncatingIfNeeded: place &+ 1))
        }
        guard offset + 4 <= bytes.count else { return nil }
        number = bytes.number16(at: offset)
        followers = bytes.number16(at: offset + 2)
        offset += 4
        return SequenceNumber(number)
    }
}
