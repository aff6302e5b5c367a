internal import Basics

/// How much may be under way to the peer (RFC 9260 section 7.2).
///
/// Starts with ten packets, as TCP does since RFC 6928: a call's first offer should not take three
/// round trips.
struct SCTPCongestion {
    private(set) var window: Int
    private var threshold = Int.max
    private var acknowledged = 0
    /// The last TSN that was under way when fast recovery began; past it, recovery is over.
    private(set) var recoveryEnd: TSN?
    private let packet: Int
    private let initialWindow: Int

    init(packet: Int) {
        self.packet = packet
        initialWindow = 10 * packet
        window = initialWindow
    }

    /// A SACK moved the cumulative TSN on, which newly acknowledged so many bytes.
    mutating func grow(by bytes: Int, flightBefore: Int, allArrived: Bool) {
        guard recoveryEnd == nil else { return }
        let wasFull = flightBefore + packet > window
        if window <= threshold {
            if wasFull { window += min(bytes, packet) }
        } else {
            acknowledged += bytes
            if acknowledged >= window, wasFull {
                acknowledged -= window
                window += packet
            }
        }
        if allArrived { acknowledged = 0 }
    }

    /// A chunk was reported missing thrice. Returns whether this is news, so that the window shrinks
    /// once for all losses of one round trip.
    mutating func beginRecovery(until last: TSN) -> Bool {
        guard recoveryEnd == nil else { return false }
        recoveryEnd = last
        shrink(to: max(window / 2, 4 * packet))
        window = threshold
        return true
    }

    mutating func cumulativeMoved(to tsn: TSN) {
        if let end = recoveryEnd, tsn.distance(from: end) >= 0 { recoveryEnd = nil }
    }

    /// T3 ran out (section 7.2.3).
    mutating func timedOut() {
        shrink(to: max(window / 2, 4 * packet))
        window = packet
        recoveryEnd = nil
    }

    /// Nothing was sent for a whole timeout, so the window is a memory of another time.
    mutating func rested() {
        window = max(window / 2, min(window, initialWindow))
    }

    private mutating func shrink(to threshold: Int) {
        self.threshold = threshold
        acknowledged = 0
    }
}
