import Basics
import Cluster
import Coordination
import Distributed
import IO
import Synchronization
import Testing
import Wire

@Suite(.patient) struct `Distributed actors` {
    private func parrot(
        at node: LinkedNode,
        from other: LinkedNode
    ) throws -> Parrot {
        try Parrot.resolve(id: ActorAddress(.node, at: node.member), using: other.system)
    }

    @Test func `answer the same whether they are here or there`() async throws {
        let (a, b) = try await LinkedNode.pair()
        let here = b.system.make(.node) { Parrot(actorSystem: b.system) }
        let there = try parrot(at: b, from: a)
        for parrot in [here, there] {
            #expect(try await parrot.say("hello") == "hello")
            #expect(try await parrot.add(3, to: [1, 2]) == [1, 2, 3])
            await #expect(throws: RemoteFault.refused(code: "x", "the parrot is cross")) {
                try await parrot.squawk(code: "x")
            }
        }
        #expect(try await there.heard() == ["hello", "hello"])
        await a.close()
        await b.close()
    }

    @Test func `hear one node's calls in the order in which they were made`() async throws {
        let (a, b) = try await LinkedNode.pair()
        let here = b.system.make(.node) { Parrot(actorSystem: b.system) }
        let there = try parrot(at: b, from: a)
        let words = (0..<300).map { "\($0)" }
        for word in words { _ = try await there.say(word) }
        #expect(try await here.heard() == words)
        await a.close()
        await b.close()
    }

    @Test func `are found missing, and their callers are told`() async throws {
        let (a, b) = try await LinkedNode.pair()
        let there = try parrot(at: b, from: a)
        await #expect(throws: RemoteFault.noActor("node")) { try await there.say("x") }
        let stranger = MemberID(name: try #require(NodeName("nobody")), nonce: 9)
        let nobody = try Parrot.resolve(id: ActorAddress(.node, at: stranger), using: a.system)
        await #expect(throws: RemoteFault.unreachable(stranger.description)) {
            try await nobody.say("x")
        }
        await a.close()
        await b.close()
    }

    @Test func `are waited for no longer than the caller says`() async throws {
        let (a, b) = try await LinkedNode.pair()
        let here = b.system.make(.node) { Parrot(actorSystem: b.system) }
        let there = try parrot(at: b, from: a)
        await ClusterSystem.$patience.withValue(.milliseconds(50)) {
            await #expect(throws: RemoteFault.timedOut) { try await there.doze(milliseconds: 300) }
        }
        let waiting = Task { try await there.doze(milliseconds: 10_000) }
        try await Task.sleep(for: .milliseconds(400))
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        // Nobody waits for either there any more.
        try await eventually { try await here.heard() == ["woken", "woken"] }
        _ = try await there.say("on")
        try await eventually { try await here.heard().last == "on" }
        await a.close()
        await b.close()
    }

    @Test func `are given up in time while others wait longer`() async throws {
        let (a, b) = try await LinkedNode.pair()
        let here = b.system.make(.node) { Parrot(actorSystem: b.system) }
        let there = try parrot(at: b, from: a)
        let long = Task {
            try await ClusterSystem.$patience.withValue(.seconds(60)) {
                try await there.doze(milliseconds: 100_000)
            }
        }
        try await Task.sleep(for: .milliseconds(50))
        let began = ContinuousClock.now
        for _ in 0..<3 {
            await ClusterSystem.$patience.withValue(.milliseconds(50)) {
                await #expect(throws: RemoteFault.timedOut) {
                    try await there.doze(milliseconds: 55_000)
                }
            }
        }
        #expect(ContinuousClock.now - began < .seconds(50))
        long.cancel()
        await #expect(throws: CancellationError.self) { try await long.value }
        withExtendedLifetime(here) {}
        await a.close()
        await b.close()
    }

    @Test func `are each waited for as long as their own caller says`() async throws {
        let (a, b) = try await LinkedNode.pair()
        // Each at an actor of its own, for one hears a node's calls in turn.
        let names = (0..<6).map { ActorAddress.Name.session("\($0)") }
        let here = names.map { name in b.system.make(name) { Parrot(actorSystem: b.system) } }
        let began = ContinuousClock.now
        let waits = try await withThrowingTaskGroup(of: (Int, Duration?).self) { group in
            for (number, name) in names.enumerated() {
                let there = try Parrot.resolve(
                    id: ActorAddress(name, at: b.member),
                    using: a.system
                )
                group.addTask {
                    // The last is asked by who waits longest, and answers before the others are given up.
                    let isLast = number == names.count - 1
                    let patience = Duration.milliseconds(isLast ? 5_000 : 100 + 150 * (number % 3))
                    return try await ClusterSystem.$patience.withValue(patience) {
                        do {
                            try await there.doze(milliseconds: isLast ? 50 : 20_000)
                            return (number, nil)
                        } catch RemoteFault.timedOut {
                            return (number, ContinuousClock.now - began)
                        }
                    }
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        for number in 0..<5 {
            let wait = try #require(waits[number])
            #expect(wait >= .milliseconds(100 + 150 * (number % 3)), "\(number)")
            #expect(wait < .seconds(10), "\(number)")
        }
        #expect(waits[5] == nil)
        withExtendedLifetime(here) {}
        await a.close()
        await b.close()
    }

    @Test func `are told of at once when their node is given up`() async throws {
        let (a, b) = try await LinkedNode.pair()
        let here = b.system.make(.node) { Parrot(actorSystem: b.system) }
        let there = try parrot(at: b, from: a)
        let waiting = Task {
            try await ClusterSystem.$patience.withValue(.seconds(60)) {
                try await there.doze(milliseconds: 20_000)
            }
        }
        try await Task.sleep(for: .milliseconds(50))
        await a.links.expect([:])
        await #expect(throws: RemoteFault.unreachable(b.member.description)) {
            try await waiting.value
        }
        withExtendedLifetime(here) {}
        await a.close()
        await b.close()
    }

    @Test func `hear every letter once and in order, though the link breaks again and again`()
        async throws
    {
        let (a, b) = (try await LinkedNode("a"), try await LinkedNode("b"))
        let cutter = try await Cutter(to: b.address)
        await a.expect(b, at: cutter.address)
        try await eventually { a.opened.contains(b.member) }
        let box = LetterCount()
        b.system.open(.node, box)
        let count = 20_000
        for number in 0..<count {
            a.system.post(number, to: ActorAddress(.node, at: b.member))
            if number % 2_000 == 1_999 {
                await cutter.cut()
                try await Task.sleep(for: .milliseconds(30))
            }
        }
        try await eventually(within: .seconds(90)) { box.numbers.count == count }
        let isWhole = box.numbers == Array(0..<count)
        #expect(isWhole)
        #expect(!a.broken.isEmpty)
        await a.close()
        await b.close()
        await cutter.close()
    }

    @Test func `that are not there leave their letters with the node`() async throws {
        let (a, b) = try await LinkedNode.pair()
        let channel = try #require(Channel("x"))
        a.system.post("hello", to: ActorAddress(.call(channel), at: b.member))
        let strayed = LinkedNode.Strayed(content: "hello".packed, name: .call(channel))
        try await eventually { b.strayed == [strayed] }
        let stranger = MemberID(name: try #require(NodeName("nobody")), nonce: 9)
        a.system.post("hello", to: ActorAddress(.node, at: stranger))
        try await eventually { a.failed == [.unreachable(stranger.description)] }
        await a.close()
        await b.close()
    }
}

/// Waits longer than callers usually do: beside a thousand other tests everything takes its time.
private struct Patient: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing work: @Sendable @concurrent () async throws -> Void
    ) async throws {
        try await ClusterSystem.$patience.withValue(.seconds(60)) { try await work() }
    }
}

extension Trait where Self == Patient {
    fileprivate static var patient: Patient { Patient() }
}
