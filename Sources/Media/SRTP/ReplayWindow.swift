/// Remembers which of the last 1,024 packets were accepted, so that a recorded one can't be played again
/// (RFC 3711 section 3.3.2).
///
/// A ring of bits: an index has the place of its low ten bits, and as the newest moves on, the places it
/// passes are cleared. Anything older than the ring is refused, since there is no telling whether it was
/// seen. So wide because the path may hold a packet back by a second, which is 1,000 of them at 10 Mbit/s.
package struct ReplayWindow: Sendable {
    package static let width: UInt64 = 1_024

    /// The highest index accepted; zero before the first.
    package private(set) var newest: UInt64 = 0
    private var seen = InlineArray<16, UInt64>(repeating: 0)

    package init() {}

    /// Whether this index may still be accepted. Ask before spending time on authentication.
    @inline(__always)
    package func admits(_ index: UInt64) -> Bool {
        if index > newest { return true }
        guard newest &- index < Self.width else { return false }
        return seen[word(index)] & bit(index) == 0
    }

    /// Remembers an index. Only once its packet has proved to be the peer's, or a stranger could push the
    /// window past what the peer is about to send.
    @inline(__always)
    package mutating func mark(_ index: UInt64) {
        if index > newest {
            forget(after: newest, through: index)
            newest = index
        } else if newest &- index >= Self.width {
            return
        }
        seen[word(index)] |= bit(index)
    }

    /// Clears the places of the indices between, a word at a time.
    private mutating func forget(after old: UInt64, through new: UInt64) {
        guard new &- old < Self.width else {
            for index in seen.indices { seen[index] = 0 }
            return
        }
        var start = old &+ 1
        while true {
            let end = min(start | 63, new)
            let bits = UInt64.max >> (63 &- (end &- start))
            seen[word(start)] &= ~(bits << (start & 63))
            if end == new { return }
            start = end &+ 1
        }
    }

    @inline(__always)
    private func word(_ index: UInt64) -> Int { Int(truncatingIfNeeded: index >> 6 & 15) }

    @inline(__always)
    private func bit(_ index: UInt64) -> UInt64 { 1 << (index & 63) }
}
