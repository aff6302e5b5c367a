import Basics
import Media
import Testing

@Suite struct `A call's people` {
    /// How many are on each shard after each has come.
    private func seat(_ count: Int, shards: Int, home: Int, gathering: Int) -> [Int] {
        let node = BoardRoom.node(shards: shards, gathering: gathering)
        var plan = CallPlan(number: 7, shard: home, node: node)
        var random = SeededRandom(seed: 3)
        var people = Array(repeating: 0, count: shards)
        for index in 0..<count {
            let actions = plan.receive(
                .join(
                    SessionID("person\(index)"),
                    .init(decodesAV1: true, hasChannel: false, announcesTracks: false)
                ),
                at: .start,
                using: &random
            )
            for case .board(let shard, .addPeer(_, let shape)) in actions {
                people[shard] += 1
                let letter = shape.credentials.ufrag.utf8.first ?? 0
                #expect(LocalUfrag.shard(letter) == shard, "so that their datagrams find it")
            }
        }
        return people
    }

    @Test func `stay together at its home while they are few`() {
        #expect(seat(32, shards: 4, home: 2, gathering: 32) == [0, 0, 32, 0])
    }

    @Test func `go where the fewest are from then on, beginning after the home`() {
        #expect(seat(34, shards: 4, home: 2, gathering: 32) == [1, 0, 32, 1])
        #expect(seat(33 + 3 * 31, shards: 4, home: 2, gathering: 32) == [31, 31, 32, 32])
        #expect(seat(1_000, shards: 4, home: 2, gathering: 32) == [250, 250, 250, 250])
    }

    @Test func `are spread from the first on if that is wished`() {
        #expect(seat(3, shards: 3, home: 1, gathering: 0) == [1, 1, 1])
    }

    @Test func `are all in one place where there is only one`() {
        #expect(seat(40, shards: 1, home: 0, gathering: 0) == [40])
    }

    @Test func `make room for others where they were`() {
        var plan = CallPlan(number: 7, shard: 0, node: BoardRoom.node(shards: 2, gathering: 1))
        var random = SeededRandom(seed: 3)
        func join(_ name: String) -> [Int] {
            let abilities = PlanEvent.Abilities(
                decodesAV1: true,
                hasChannel: false,
                announcesTracks: false
            )
            let event = PlanEvent.join(SessionID(name), abilities)
            return plan.receive(event, at: .start, using: &random).compactMap { action in
                if case .board(let shard, .addPeer) = action { shard } else { nil }
            }
        }
        #expect([join("ada"), join("ben"), join("cyd")] == [[0], [1], [0]])
        _ = plan.receive(.leave(SessionID("ben")), at: .start, using: &random)
        #expect([join("dan"), join("eve")] == [[1], [1]])
    }
}
