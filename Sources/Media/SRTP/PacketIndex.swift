/// Which packet of its stream a sequence number means, and whether it may still come (RFC 3711 section
/// 3.3.1 and appendix A).
///
/// The sixteen bits that travel wrap every minute or so; both sides count the times they did, and the
/// 48 bits together are the packet's index. The receiver's count is a guess, the index nearest to the
/// newest, which the packet's tag then proves or disproves: the count goes into it. A stream begins at
/// count zero, which is why senders start in the lower half of the numbers.
///
/// A value for each stream received: ask ``index(of:)``, authenticate, then ``mark(_:)``.
package struct PacketIndex: Sendable {
    /// The highest index there is; after it the keys are used up (section 9.2).
    package static let last: UInt64 = 1 << 48 - 1

    package private(set) var window = ReplayWindow()

    package init() {}

    /// The highest index accepted; zero before the first.
    package var newest: UInt64 { window.newest }

    /// What the number means; none if that packet was seen, is too old to say, or can't be.
    @inline(__always)
    package func index(of number: SequenceNumber) -> UInt64? {
        let index = number.extended(near: window.newest)
        guard index <= Self.last, window.admits(index) else { return nil }
        return index
    }

    /// Remembers an index whose packet has proved to be the peer's.
    @inline(__always)
    package mutating func mark(_ index: UInt64) {
        window.mark(index)
    }
}
