package import Basics

/// Finds out whether a path carries more than what we have to send: for a moment it is given more,
/// filled up with resent packets or padding, and the viewer's reports say how fast that arrived.
///
///              plan                    enough was sent            all were told of, or time is up
///     idle -----------> sending ------------------> awaiting ------------------------> idle
///       ^  wanted > estimate, pause over                |                  (pause, if it fell short)
///       +-----------------------------------------------+
///
/// A cluster takes at least 30 ms and ten packets, which are small where that would take more than a
/// quarter of a second. It aims at most at two and a half times the estimate; reaching it may be
/// followed by the next at once, so that a few round trips lead from 300 kbit/s to 5 Mbit/s. After
/// one that fell short comes a pause of two seconds, growing to ten.
package struct ProbePlanner: Sendable {
    private struct Cluster {
        var rate: Double
        var bytes: Int
        var packet: Int
        /// In nanoseconds.
        var begin: Int64
        var giveUp: Int64
        /// When it was last asked what is due.
        var asked = Int64.min
        var sentBytes = 0
        var sentPackets = 0
        var arrivedBytes = 0
        var arrivedPackets = 0
        var lostPackets = 0
        /// In microseconds, of those that arrived.
        var firstSent = Int64.max
        var lastSent = Int64.min
        var lastSize = 0
        var firstArrival = Int64.max
        var firstSize = 0
        var lastArrival = Int64.min

        /// When the next packet should leave.
        var due: Int64 { begin + Int64(Double(sentBytes) * 8e9 / rate) }
    }

    private enum State {
        case idle
        case sending(Cluster)
        case awaiting(Cluster)
    }

    package enum Outcome: Equatable, Sendable {
        /// Bits a second.
        case measured(Double)
        /// Too little of it was sent, or arrived.
        case void
    }

    private static let packetSize = 1_200
    private static let leastPackets = 10
    private static let leastSeconds = 0.03
    private static let patience: Int64 = 1_000_000
    private static let leastToJudge = 5
    private static let mostSeconds = 0.25
    private static let leastRate = 100_000.0
    private static let firstPause = 2.0
    private static let longestPause = 10.0

    private var state = State.idle
    private var pause = firstPause
    private var notBefore: Int64 = .min
    /// The number of the current cluster, 1 to 255, which its packets bear.
    private var number: UInt8 = 0

    package init() {}

    package var isIdle: Bool { if case .idle = state { true } else { false } }

    /// When to call ``paddingDue(at:)`` or ``outcome(at:)`` next.
    package var deadline: Instant? {
        switch state {
        case .idle: nil
        case .sending(let cluster):
            // Whoever has nothing to pad with is not asked again and again.
            Instant(nanoseconds: max(cluster.due, cluster.asked &+ Self.patience))
        case .awaiting(let cluster): Instant(nanoseconds: cluster.giveUp)
        }
    }

    /// When ``plan(_:estimate:at:)`` may begin a cluster.
    package var nextPlan: Instant? {
        isIdle ? Instant(nanoseconds: notBefore) : nil
    }

    /// Begins a cluster, if `wanted` is more than is known to be possible and the pause is over.
    package mutating func plan(_ wanted: Double, estimate: Double, at now: Instant) {
        guard case .idle = state, wanted > estimate, estimate > 0, now.nanoseconds >= notBefore
        else { return }
        let rate = max(min(wanted * 1.1, estimate * 2.5), Self.leastRate)
        // Smaller packets where whole ones would take too long.
        let packet = min(Int(rate * Self.mostSeconds / 8) / Self.leastPackets, Self.packetSize)
        let bytes = max(Int(rate * Self.leastSeconds / 8), Self.leastPackets * packet)
        let duration = Int64(Double(bytes) * 8e9 / rate)
        number = number == .max ? 1 : number + 1
        state = .sending(
            Cluster(
                rate: rate,
                bytes: bytes,
                packet: packet,
                begin: now.nanoseconds,
                giveUp: now.nanoseconds + 3 * duration
            )
        )
    }

    /// No cluster for a while: the path has just shown that it is full.
    package mutating func hold(until instant: Instant) {
        notBefore = max(notBefore, instant.nanoseconds)
    }

    /// How many bytes should leave now, beside the media that does anyway; in one packet if they fit,
    /// else in packets of at most 1,200.
    package mutating func paddingDue(at now: Instant) -> Int {
        guard case .sending(var cluster) = state else { return 0 }
        if now.nanoseconds >= cluster.giveUp {
            cluster.giveUp = now.nanoseconds + 1_500_000_000
            state = .awaiting(cluster)
            return 0
        }
        cluster.asked = now.nanoseconds
        state = .sending(cluster)
        let elapsed = Double(now.nanoseconds - cluster.begin) / 1e9
        let scheduled = Int(cluster.rate * elapsed / 8) + cluster.packet
        if scheduled >= cluster.bytes { return max(cluster.bytes - cluster.sentBytes, 0) }
        let due = max(scheduled - cluster.sentBytes, 0)
        // Whole packets, but for the last.
        return due - due % cluster.packet
    }

    /// A packet leaves. Returns the number of the cluster it counts for, 0 if none.
    package mutating func sent(size: Int, at now: Instant) -> UInt8 {
        guard case .sending(var cluster) = state else { return 0 }
        cluster.sentBytes += size
        cluster.sentPackets += 1
        if cluster.sentBytes < cluster.bytes {
            state = .sending(cluster)
        } else if cluster.sentPackets < Self.leastToJudge {
            cluster.bytes = cluster.sentBytes + cluster.packet
            state = .sending(cluster)
        } else {
            cluster.giveUp = now.nanoseconds + 1_500_000_000
            state = .awaiting(cluster)
        }
        return number
    }

    /// A packet of cluster `probe` arrived. Times in microseconds, on a clock each.
    package mutating func arrived(_ probe: UInt8, size: Int, sent: Int64, arrival: Int64) {
        change(probe) { cluster in
            cluster.arrivedBytes += size
            cluster.arrivedPackets += 1
            cluster.firstSent = min(cluster.firstSent, sent)
            if sent >= cluster.lastSent {
                cluster.lastSent = sent
                cluster.lastSize = size
            }
            if arrival < cluster.firstArrival {
                cluster.firstArrival = arrival
                cluster.firstSize = size
            }
            cluster.lastArrival = max(cluster.lastArrival, arrival)
        }
    }

    package mutating func lost(_ probe: UInt8) {
        change(probe) { $0.lostPackets += 1 }
    }

    /// What a cluster showed, once, when it is over.
    package mutating func outcome(at now: Instant) -> Outcome? {
        guard case .awaiting(let cluster) = state else { return nil }
        guard
            cluster.arrivedPackets + cluster.lostPackets >= cluster.sentPackets
                || now.nanoseconds >= cluster.giveUp
        else { return nil }
        state = .idle
        let outcome = Self.judge(cluster)
        switch outcome {
        case .measured(let rate) where rate >= 0.85 * cluster.rate: pause = Self.firstPause
        case .measured:
            notBefore = max(notBefore, now.nanoseconds + Int64(pause * 1e9))
            pause = min(pause * 1.5, Self.longestPause)
        case .void: notBefore = max(notBefore, now.nanoseconds + Int64(pause * 1e9))
        }
        return outcome
    }

    private static func judge(_ cluster: Cluster) -> Outcome {
        guard cluster.arrivedPackets >= Self.leastToJudge,
            cluster.arrivedPackets * 5 >= cluster.sentPackets * 4
        else { return .void }
        // The last to leave took no part of the time between the first and it; nor did the first to
        // arrive.
        let sending = Double(cluster.lastSent - cluster.firstSent) / 1e6
        let arriving = Double(cluster.lastArrival - cluster.firstArrival) / 1e6
        guard sending >= 0.005, arriving >= 0.005, sending < 1, arriving < 1 else { return .void }
        let sent = Double(cluster.arrivedBytes - cluster.lastSize) * 8 / sending
        let arrived = Double(cluster.arrivedBytes - cluster.firstSize) * 8 / arriving
        guard arrived <= 2 * sent else { return .void }
        return .measured(arrived < 0.9 * sent ? 0.95 * arrived : min(sent, arrived))
    }

    private mutating func change(_ probe: UInt8, _ body: (inout Cluster) -> Void) {
        guard probe == number else { return }
        switch state {
        case .idle: break
        case .sending(var cluster):
            body(&cluster)
            state = .sending(cluster)
        case .awaiting(var cluster):
            body(&cluster)
            state = .awaiting(cluster)
        }
    }
}
