import Basics
import Calls
import Testing

@Suite struct `A call, whatever happens to it,` {
    @Test(arguments: 0..<UInt64(20))
    func `keeps its promises, and everybody's picture true`(hundred: UInt64) {
        for seed in hundred * 100..<hundred * 100 + 100 {
            var history = CallHistory(seed: seed)
            history.live(steps: 150)
            #expect(history.faults.isEmpty)
        }
    }

    @Test func `is lived by histories that are worth it`() {
        var seen: Set<String> = []
        var steps = 0
        for seed in 0..<UInt64(100) {
            var history = CallHistory(seed: seed)
            history.live(steps: 200)
            steps += history.past.count
            if history.isOver { seen.insert("over") }
            if !history.removed.isEmpty { seen.insert("removed") }
            if history.latestHand > 0 { seen.insert("hand") }
            if history.sessions.values.contains(where: { $0.connections.count > 3 }) {
                seen.insert("moves")
            }
            if history.sessions.count > 8 { seen.insert("sessions") }
            if history.memories.contains(where: { if case .left = $0 { true } else { false } }) {
                seen.insert("left")
            }
        }
        #expect(seen == ["over", "removed", "hand", "moves", "sessions", "left"])
        #expect(steps > 5_000)
    }
}
