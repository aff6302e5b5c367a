package import Basics

/// How the way from one machine of a drill to another is. The way back has a condition of its own.
package struct PathCondition: Hashable, Sendable {
    /// What is sent comes so much later, and up to as much again as the jitter.
    package var delay = Duration.zero
    package var jitter = Duration.zero
    /// Bits a second; nil for as many as come.
    package var rate: Int?
    /// How many of a thousand packets are lost.
    package var lossThousandths = 0

    package init() {}

    package static let clear = PathCondition()
}

/// A way between two machines: what becomes of each packet, and what became of them so far.
///
/// A value that is told of packets and when they come. What waits for its turn at a slow rate waits at most
/// half a second; more is lost, as at a router whose queue is full. The order is kept.
package struct PacketPath: Sendable {
    package enum Fate: Hashable, Sendable {
        case arrives(Instant)
        case cut
        case lost
        /// The queue was full.
        case overflows
    }

    package struct Counts: Hashable, Sendable {
        package var passed = 0
        package var cut = 0
        package var lost = 0
        package var overflowed = 0
        /// Of those that passed, how many came later than they would have.
        package var late = 0
    }

    package static let longestWait = Duration.milliseconds(500)

    package var condition = PathCondition.clear
    /// How many faults at a time have cut it.
    package var cuts = 0
    package private(set) var counts = Counts()
    private var isBusyUntil = Instant(nanoseconds: 0)
    private var lastArrival = Instant(nanoseconds: 0)

    package init() {}

    package mutating func take(
        bytes: Int,
        at now: Instant,
        using random: inout SeededRandom
    ) -> Fate {
        guard cuts == 0 else {
            counts.cut += 1
            return .cut
        }
        if condition.lossThousandths > 0,
            Int.random(in: 0..<1_000, using: &random) < condition.lossThousandths
        {
            counts.lost += 1
            return .lost
        }
        var arrival = now
        if let rate = condition.rate {
            let start = max(now, isBusyUntil)
            guard start - now <= Self.longestWait else {
                counts.overflowed += 1
                return .overflows
            }
            isBusyUntil = start + .nanoseconds(Int64(bytes) * 8_000_000_000 / Int64(max(rate, 1)))
            arrival = isBusyUntil
        }
        arrival = arrival + condition.delay
        if condition.jitter > .zero {
            arrival = arrival + condition.jitter * Double.random(in: 0..<1, using: &random)
        }
        arrival = max(arrival, lastArrival)
        lastArrival = arrival
        counts.passed += 1
        if arrival > now { counts.late += 1 }
        return .arrives(arrival)
    }
}
