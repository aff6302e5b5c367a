import Basics
import Cluster
import Coordination
import IO
import Rehearsal
import Synchronization
import Testing

/// The scripts in a real Redis beside what the rehearsals take for Redis.
@Suite struct `The scripts of a mutex` {
    @Test func `do what the rehearsals believe they do`() async throws {
        let server = try StoreServer()
        // Nothing happens by the clock here; what does is rehearsed.
        let terms = MutexTerms(ttl: .seconds(4_000), beat: .seconds(1_000))
        let node = try MutexNode("a", server, terms)
        try await node.raise(1, isSettled: false)
        let registry = MutexRegistry(cluster: MutexNode.cluster, client: node.client, terms: terms)
        let notices = Mutex<[MemberID]>([])
        var random = SeededRandom(seed: 11)
        let members = try (1...3).map {
            MemberID(name: try #require(NodeName("n\($0)")), nonce: UInt64($0))
        }
        for member in members {
            node.subscriber.subscribe(registry.channel(of: member)) { news in
                if case .message = news { notices.withLock { $0.append(member) } }
            }
        }
        try await Task.sleep(for: .milliseconds(100))

        let era = MutexEra(generation: Generation(1), run: try await node.run())
        var model = SimulatedMutexes(era: era, terms: terms)
        var believed = era
        var expected: [MemberID] = []
        var fences = [Token(generation: Generation(1), count: 1)]
        var holders: [MutexHolder] = []
        var kinds: Set<String> = []
        for step in 0..<4_000 {
            if step % 500 == 499 {
                // Another generation. It settles later, when somebody says so.
                let generation = UInt64(2 + step / 500)
                try await node.raise(generation, isSettled: false)
                model.era.generation = Generation(generation)
            }
            if step % 500 == 60 { believed = model.era }
            let request = MutexRequest(
                name: [.ensureBot, .rtcdRegistration][Int.random(in: 0...1, using: &random)],
                era: believed,
                owner: owner(of: members, &random),
                order: order(fences, holders, step % 500 > 250, &random)
            )
            let (wanted, told) = model.answer(request, at: Int64(step))
            expected += told.map(\.member)
            let answer = try await registry.ask(request)
            try #require(answer == wanted, "step \(step): \(request)")
            kinds.insert(String("\(answer)".prefix { $0 != "(" }))
            note(answer, &fences, &holders)
        }
        let all: Set = ["stale", "granted", "busy", "unsettled", "renewed", "lost", "released"]
        #expect(kinds == all)
        try await eventually { notices.withLock { $0.count } >= expected.count }
        #expect(notices.withLock { $0 }.sorted() == expected.sorted())
        await node.close()
    }

    private func owner(of members: [MemberID], _ random: inout SeededRandom) -> MutexOwner {
        MutexOwner(
            member: members[Int.random(in: members.indices, using: &random)],
            life: .first,
            round: UInt64.random(in: 1...2, using: &random)
        )
    }

    private func order(
        _ fences: [Token],
        _ holders: [MutexHolder],
        _ isSettled: Bool,
        _ random: inout SeededRandom
    ) -> MutexOrder {
        let fence = fences.suffix(4).randomElement(using: &random) ?? fences[0]
        switch Int.random(in: 0..<10, using: &random) {
        case 0...4:
            let seizing = holders.suffix(2).randomElement(using: &random)
            return .lock(
                seizing: Int.random(in: 0..<4, using: &random) == 0 ? seizing : nil,
                isSettled: isSettled && Int.random(in: 0..<20, using: &random) == 0
            )
        case 5, 6: return .relock(fence)
        case 7, 8: return .unlock(fence)
        default: return .quit
        }
    }

    private func note(
        _ answer: MutexAnswer,
        _ fences: inout [Token],
        _ holders: inout [MutexHolder]
    ) {
        switch answer {
        case .granted(let fence): fences.append(fence)
        case .busy(let holder):
            fences.append(holder.fence)
            holders.append(holder)
        default: break
        }
    }

    @Test func `leave nothing behind`() async throws {
        let server = try StoreServer()
        let node = try MutexNode("a", server)
        try await node.raise(1)
        node.mutexes.follow(Generation(1))
        for number in 0..<50 {
            let name = try #require(MutexName("m\(number)"))
            try await node.mutexes.withMutex(name) { _ in }
        }
        let all = RedisCommand("KEYS", node.key("mx:*"))
        try await eventually { try await node.client.ask(all) == .array([]) }
        await node.close()
    }

    @Test func `take so many in the queue, and no more`() async throws {
        let server = try StoreServer()
        let node = try MutexNode("a", server)
        try await node.raise(1)
        let era = MutexEra(generation: Generation(1), run: try await node.run())
        let registry = MutexRegistry(
            cluster: MutexNode.cluster,
            client: node.client,
            terms: MutexTerms()
        )
        var answer = MutexAnswer.stale
        for round in 0...UInt64(SimulatedMutexes.mostWaiting) + 1 {
            answer = try await registry.ask(
                MutexRequest(
                    name: .ensureBot,
                    era: era,
                    owner: MutexOwner(member: node.member, life: .first, round: round),
                    order: .lock(seizing: nil, isSettled: false)
                )
            )
            if round == SimulatedMutexes.mostWaiting { #expect("\(answer)".hasPrefix("busy")) }
        }
        #expect(answer == .full)
        await node.close()
    }
}
