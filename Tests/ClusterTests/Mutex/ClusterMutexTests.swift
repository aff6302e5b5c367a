import Basics
import Cluster
import Coordination
import IO
import Rehearsal
import Synchronization
import Testing

/// Three nodes in one process, and a real Redis.
@Suite(.serialized) struct `A global mutex` {
    /// What has been done, by all.
    private final class Book: Sendable {
        private let operations = Mutex<[MutexHistory.Operation]>([])
        private let inside = Mutex(0)
        private let most = Mutex(0)

        var history: [MutexHistory.Operation] { operations.withLock { $0 } }
        var mostInside: Int { most.withLock { $0 } }

        func enter() {
            let now = inside.withLock { inside in
                inside += 1
                return inside
            }
            most.withLock { $0 = max($0, now) }
        }

        func leave(_ fence: Token, called: Instant, granted: Instant) {
            inside.withLock { $0 -= 1 }
            let left = Loop.readClock()
            let never = Instant(nanoseconds: .max)
            operations.withLock { operations in
                operations.append(.init(.grab, fence, from: called, to: granted))
                operations.append(.init(.release, fence, from: left, to: never))
            }
        }
    }

    @Test func `has one holder in the cluster, and a history that is one of a mutex`() async throws
    {
        let server = try StoreServer()
        let nodes = try await MutexNode.three(server)
        let book = Book()
        try await withThrowingTaskGroup { group in
            for node in nodes {
                for _ in 0..<6 {
                    group.addTask {
                        for _ in 0..<10 {
                            let called = Loop.readClock()
                            // Eighteen wait for each other, on a machine that may have little time.
                            let patience = Duration.seconds(120)
                            try await node.mutexes.withMutex(.ensureBot, within: patience) { hold in
                                let granted = Loop.readClock()
                                book.enter()
                                try hold.check()
                                await Task.yield()
                                book.leave(hold.fence, called: called, granted: granted)
                            }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let history = book.history
        #expect(book.mostInside == 1)
        #expect(history.count == 2 * 180)
        #expect(MutexHistory(history).isLinearizable)
        let late = history.map { operation in
            guard operation.kind == .release else { return operation }
            let called = operation.called + .milliseconds(500)
            return .init(.release, operation.fence, from: called, to: operation.returned)
        }
        #expect(
            !MutexHistory(late).isLinearizable,
            "let go half a second later, two would have held"
        )
        for node in nodes { await node.close() }
    }

    private final class Order: Sendable {
        private let noted = Mutex<[String]>([])

        var names: [String] { noted.withLock { $0 } }

        func note(_ name: String) {
            noted.withLock { $0.append(name) }
        }
    }

    @Test func `is handed over in the order of asking, from node to node`() async throws {
        let server = try StoreServer()
        let nodes = try await MutexNode.three(server)
        let order = Order()
        let guests = try await nodes[0].mutexes.withMutex(.ensureBot) { _ in
            var guests: [Task<Void, any Error>] = []
            for (round, node) in (nodes + [nodes[1], nodes[2], nodes[0]]).enumerated() {
                guests.append(
                    Task {
                        try await node.mutexes.withMutex(.ensureBot) { _ in
                            order.note("\(node.member.name)\(round)")
                        }
                    }
                )
                try await Task.sleep(for: .milliseconds(40))
            }
            return guests
        }
        for guest in guests { try await guest.value }
        // A node gets in line again when it lets go, so a's first waits behind b's and c's.
        #expect(order.names == ["b1", "c2", "a0", "b3", "c4", "a5"])
        for node in nodes { await node.close() }
    }

    @Test func `passes to another when its holder is dead, with a higher fence`() async throws {
        let server = try StoreServer()
        let terms = MutexTerms(ttl: .milliseconds(800), beat: .milliseconds(100))
        let nodes = try await MutexNode.three(server, terms)
        let first = Mutex<Token?>(nil)
        let isIn = Mutex(false)
        let began = ContinuousClock.now
        let holding = Task {
            try await nodes[0].mutexes.withMutex(.ensureBot) { hold in
                first.withLock { $0 = hold.fence }
                await nodes[0].die()
                isIn.withLock { $0 = true }
                try await eventually { !hold.isHeld }
                try hold.check()
            }
        }
        try await eventually { isIn.withLock { $0 } }
        let second = try await nodes[1].mutexes.withMutex(.ensureBot) { hold in
            let took = ContinuousClock.now - began
            #expect(took >= .milliseconds(800), "not before the dead can hold it no longer")
            return hold.fence
        }
        await #expect(throws: MutexFault.lost(.ensureBot)) { try await holding.value }
        #expect(try #require(first.withLock { $0 }) < second)
        for node in nodes { await node.close() }
    }

    @Test func `is had at once when all agree that its holder is dead`() async throws {
        let server = try StoreServer()
        let nodes = try await MutexNode.three(server)
        let isIn = Mutex(false)
        let holding = Task {
            try await nodes[0].mutexes.withMutex(.ensureBot) { _ in
                await nodes[0].die()
                isIn.withLock { $0 = true }
                try await Task.sleep(for: .seconds(60))
            }
        }
        try await eventually { isIn.withLock { $0 } }
        let began = ContinuousClock.now
        let waiting = Task { try await nodes[1].mutexes.withMutex(.ensureBot) { $0.fence } }
        try await Task.sleep(for: .milliseconds(200))
        nodes[1].mutexes.note(dead: nodes[0].member, .first)
        _ = try await waiting.value
        #expect(ContinuousClock.now - began < .seconds(2), "long before it had stood still for 4 s")
        holding.cancel()
        for node in nodes { await node.close() }
    }

    /// Others may be told that a node is dead, and take its mutexes at once: it must not believe in them longer
    /// than in itself, whatever Redis has said.
    @Test
    func `is not held for longer than its node may host, and is had by the next when that is over`()
        async throws
    {
        let server = try StoreServer()
        let gate = HoldGate(until: Loop.readClock() + .seconds(60))
        let shut = HoldGate(until: Loop.readClock() + .seconds(-1))
        let nodes = [
            try MutexNode("a", server, gate: gate), try MutexNode("b", server),
            try MutexNode("c", server, gate: shut),
        ]
        try await nodes[0].raise(1)
        for node in nodes { node.mutexes.follow(Generation(1)) }
        let useless = try await nodes[2].mutexes.grab(.ensureBot)
        #expect(!useless.isHeld)
        nodes[2].mutexes.release(useless)
        let hold = try await nodes[0].mutexes.grab(.ensureBot)
        #expect(hold.isHeld)
        let waiting = Task { try await nodes[1].mutexes.grab(.ensureBot) }
        nodes[0].mutexes.fence()
        let next = try await waiting.value
        #expect(!hold.isHeld && next.isHeld && next.fence > hold.fence)
        nodes[0].mutexes.join(Life(2))
        nodes[1].mutexes.release(next)
        let again = try await nodes[0].mutexes.grab(.ensureBot)
        #expect(again.isHeld && !hold.isHeld)
        for node in nodes { await node.close() }
    }

    @Test func `is not released by one who no longer holds it`() async throws {
        let server = try StoreServer()
        let node = try MutexNode("a", server)
        try await node.raise(1)
        node.mutexes.follow(Generation(1))
        let era = MutexEra(generation: Generation(1), run: try await node.run())
        let registry = MutexRegistry(
            cluster: MutexNode.cluster,
            client: node.client,
            terms: MutexTerms()
        )
        for _ in 0..<2 {
            try await node.mutexes.withMutex(.ensureBot) { hold in
                let stale = Token(generation: hold.fence.generation, count: hold.fence.count - 1)
                for order in [MutexOrder.unlock(stale), .relock(stale)] {
                    let answer = try await registry.ask(
                        MutexRequest(
                            name: .ensureBot,
                            era: era,
                            owner: MutexOwner(
                                member: node.member,
                                life: .first,
                                round: hold.fence.count
                            ),
                            order: order
                        )
                    )
                    #expect(answer == .lost)
                }
                try hold.check()
            }
        }
        await node.close()
    }

    @Test func `outlives a Redis that comes back empty, and nobody else gets it meanwhile`()
        async throws
    {
        let server = try StoreServer()
        let terms = MutexTerms(ttl: .milliseconds(2_000), beat: .milliseconds(100))
        let nodes = try await MutexNode.three(server, terms)
        let (waiting, first) = try await nodes[0].mutexes.withMutex(.ensureBot) { hold in
            let waiting = Task {
                try await nodes[1].mutexes.withMutex(.ensureBot) { $0.fence }
            }
            try await Task.sleep(for: .milliseconds(100))
            server.kill()
            try server.start()
            try await eventually { await nodes[0].client.standing != nil }
            try await nodes[0].raise(2, isSettled: false)
            for node in nodes { node.mutexes.follow(Generation(2)) }
            // Long enough that it had been lost, were it not said again to the new Redis.
            for _ in 0..<30 {
                try await Task.sleep(for: .milliseconds(100))
                try hold.check()
            }
            return (waiting, hold.fence)
        }
        let next = try await waiting.value
        #expect(next > first && next.generation == Generation(2))
        for node in nodes { await node.close() }
    }

    @Test func `is given up by who waits too long, or is cancelled, or has no Redis`() async throws
    {
        let server = try StoreServer()
        let nodes = try await MutexNode.three(server)
        try await nodes[0].mutexes.withMutex(.ensureBot) { _ in
            let late = MutexFault.timedOut(.ensureBot, after: .milliseconds(100))
            await #expect(throws: late) {
                try await nodes[1].mutexes.withMutex(.ensureBot, within: .milliseconds(100)) { _ in
                }
            }
            let cancelled = Task { try await nodes[1].mutexes.withMutex(.ensureBot) { _ in } }
            try await Task.sleep(for: .milliseconds(50))
            cancelled.cancel()
            await #expect(throws: MutexFault.cancelled) { try await cancelled.value }
        }
        let began = ContinuousClock.now
        try await nodes[2].mutexes.withMutex(.ensureBot) { _ in }
        #expect(ContinuousClock.now - began < .seconds(1), "who gave up is in nobody's way")
        server.kill()
        await #expect(throws: MutexFault.timedOut(.ensureBot, after: .milliseconds(300))) {
            try await nodes[0].mutexes.withMutex(.ensureBot, within: .milliseconds(300)) { _ in }
        }
        await nodes[1].mutexes.close()
        await #expect(throws: MutexFault.closed) {
            try await nodes[1].mutexes.withMutex(.ensureBot) { _ in }
        }
        for node in nodes { await node.close() }
    }

    @Test func `is counted under the names of the protocol`() async throws {
        let server = try StoreServer()
        let node = try MutexNode("a", server)
        try await node.raise(1)
        node.mutexes.follow(Generation(1))
        let call = try #require(MutexName.call("4yk9wd6iuinhfqq8ez3nbd6o6e"))
        for name in [call, .ensureBot] {
            try await node.mutexes.withMutex(name) { _ in }
        }
        let held = "x_cluster_mutex_locked_time_count{group=\"mutex_ensure_bot\"} 1"
        try await eventually { node.metricsText().contains(held) }
        let text = node.metricsText()
        #expect(text.contains("x_cluster_mutex_grab_time_count{group=\"mutex_call\"} 1"))
        #expect(text.contains("# TYPE x_cluster_mutex_lock_retries_total counter"))
        await node.close()
    }
}
