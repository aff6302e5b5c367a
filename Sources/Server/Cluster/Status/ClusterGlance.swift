internal import Basics
internal import Cluster
internal import Coordination
internal import IO
internal import Synchronization

/// What figures show of the cluster: noted once a second, and read from any thread.
final class ClusterGlance: Sendable {
    private struct State {
        var counts: [String: Int] = [:]
        var roundTrips: [(node: String, seconds: Double)] = []
    }

    private let state = Mutex(State())
    private let gate: HoldGate

    init(_ gate: HoldGate) {
        self.gate = gate
    }

    var isHolding: Bool { gate.isOpen(at: Loop.readClock()) }

    var memberCounts: [(state: String, count: Int)] {
        let counts = state.withLock { $0.counts }
        return counts.keys.sorted().map { ($0, counts[$0] ?? 0) }
    }

    /// Of this process' neighbours, one a name.
    var roundTrips: [(node: String, seconds: Double)] { state.withLock { $0.roundTrips } }

    func note(_ overview: Overview, _ roundTrips: [MemberID: Duration]) {
        var counts = ["up": 0, "draining": 0, "dead": 0]
        if overview.state == .up || overview.state == .draining {
            counts[overview.state.rawValue, default: 0] += 1
        }
        var named: [String: Double] = [:]
        for other in overview.others {
            let word = other.isAlive ? other.record.state.word : MemberRecord.State.dead.word
            counts[word, default: 0] += 1
            guard let time = roundTrips[other.member] else { continue }
            named[other.member.name.description] = time / .seconds(1)
        }
        let sorted = named.sorted { $0.key < $1.key }.map { (node: $0.key, seconds: $0.value) }
        state.withLock { state in
            state.counts = counts
            state.roundTrips = sorted
        }
    }
}
