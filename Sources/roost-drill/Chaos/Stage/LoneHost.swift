internal import Basics
internal import Glibc
internal import IO

/// All calls on one node, since all others were told to end, and what becomes of that once they are back. On the first
/// thread.
final class LoneHost {
    private let scene: ChaosScene
    private let center: Int
    private let others: [Int]
    private var gone: Set<Int> = []
    /// How often each call had moved when all were on one node.
    private var turns: [String: Int] = [:]
    private var evenSince: Instant?

    init(_ node: Int?, in scene: ChaosScene) throws {
        guard let node else { throw DrillVoid("nobody was chosen to be left alone") }
        self.scene = scene
        center = node
        others = scene.nodes.indices.filter { $0 != node }
        for index in others { try scene.nodes[index].signal(SIGTERM) }
    }

    /// Whether all others have ended.
    func hasGone() throws -> Bool {
        for index in others where !gone.contains(index) {
            guard let code = scene.nodes[index].ownEnd() else { continue }
            gone.insert(index)
            guard code != 0 else { continue }
            scene.recorder.note(
                .died(node: index, why: "ended with \(code) when it was asked to")
            )
        }
        return gone.count == others.count
    }

    /// Whoever has not ended by now never will.
    func giveUpWaiting() {
        for index in others where !gone.contains(index) {
            scene.recorder.note(
                .died(node: index, why: "did not end \(Strike.drainTime) after it was asked to")
            )
            scene.nodes[index].end()
        }
    }

    /// Whether the others are back, with nothing on them. One is started after the other, for a process that begins
    /// takes the machine from people.
    func isThere() throws -> Bool {
        for index in others {
            if !scene.nodes[index].isRunning { try scene.nodes[index].start() }
            guard scene.nodes[index].isReady() else { return false }
        }
        guard others.allSatisfy({ scene.watch.channels(at: scene.nodes[$0].name).isEmpty }) else {
            throw DrillVoid("not all calls were on one node")
        }
        turns = scene.watch.turns
        return true
    }

    /// Whether calls have been spread, and have stayed so for a while.
    func isEven(at now: Instant) -> Bool {
        guard heaviest.calls <= most else {
            evenSince = nil
            return false
        }
        let since = evenSince ?? now
        evenSince = since
        return now - since >= Self.rest
    }

    func judge(after patience: Duration) {
        let (node, calls) = heaviest
        if calls > most {
            scene.recorder.note(
                .uneven(
                    node: node,
                    why: "still has \(calls) of \(count) calls after \(patience)"
                )
            )
        }
        for (channel, turn) in scene.watch.turns where turn - turns[channel, default: 0] > 1 {
            let times = turn - turns[channel, default: 0]
            let why = "had all calls once, and that of \(channel) moved \(times) times since"
            scene.recorder.note(.uneven(node: center, why: why))
        }
    }

    private var count: Int {
        scene.nodes.reduce(0) { $0 + scene.watch.channels(at: $1.name).count }
    }

    /// A fifth more than its share, and one more, for people come and go.
    private var most: Int { (count * 6 + scene.nodes.count * 5 - 1) / (scene.nodes.count * 5) + 1 }

    private var heaviest: (node: Int, calls: Int) {
        let all = scene.nodes.indices.map { index in
            (node: index, calls: scene.watch.channels(at: scene.nodes[index].name).count)
        }
        return all.max { $0.calls < $1.calls } ?? (center, 0)
    }

    /// Longer than a rebalancer pauses in a drill.
    private static let rest = Duration.seconds(5)
}
