import Basics
import Cluster
import Coordination
import Crypto
import IO
import Testing
import Wire

@Suite struct `Links between nodes` {
    @Test func `are made by whoever knows of the other, and carry pulses both ways`() async throws {
        let (a, b) = try await LinkedNode.pair()
        await a.links.pulse([1, 2], to: b.member)
        await b.links.pulse([3], to: a.member)
        try await eventually { a.pulses == [[3]] && b.pulses == [[1, 2]] }
        await a.close()
        try await eventually { b.broken.contains(a.member) }
        await b.close()
    }

    @Test func `are made if only the node that should be dialled knows of the other`() async throws
    {
        let (a, b) = (try await LinkedNode("a"), try await LinkedNode("b"))
        await b.expect(a)
        try await eventually { a.opened.contains(b.member) && b.opened.contains(a.member) }
        await a.close()
        await b.close()
    }

    @Test func `are not made with another secret, cluster, name or version`() async throws {
        let a = try await LinkedNode("a")
        let strangers = [
            try await LinkedNode(
                "b",
                security: LinkSecurity(
                    secret: Secret("another secret, as long as the first"),
                    previous: nil
                )
            ),
            try await LinkedNode("c", cluster: "other"),
            try await LinkedNode("d", versions: 7...9),
            try await LinkedNode("a", nonce: 2),
        ]
        for stranger in strangers { await stranger.expect(a) }
        try await Task.sleep(for: .milliseconds(1_200))
        #expect(a.opened.isEmpty)
        for stranger in strangers {
            #expect(stranger.opened.isEmpty)
            await stranger.close()
        }
        let figures = String(decoding: a.registry.render(), as: UTF8.self)
        for reason in ["stranger", "cluster", "version", "twin"] {
            #expect(figures.contains("links_refused_total{reason=\"\(reason)\"}"))
        }
        await a.close()
    }

    @Test func `are made between versions that have one in common`() async throws {
        let old = try await LinkedNode("a", versions: 1...1)
        let new = try await LinkedNode("b", versions: 1...Links.versions.upperBound)
        await old.expect(new)
        try await eventually { old.opened.contains(new.member) }
        await old.close()
        await new.close()
    }

    @Test func `survive garbage, floods and frames of four gigabytes from strangers`() async throws
    {
        let (a, b) = try await LinkedNode.pair()
        for bytes in [
            [UInt8](repeating: 0xFF, count: 4_096), Array("GET / HTTP/1.1\r\n\r\n".utf8), [],
            [0xFF, 0xFF, 0xFF, 0xFF, 1],
        ] {
            for _ in 0..<40 {
                let descriptor = try Socket.connect(to: a.address)
                let stranger = Transport(descriptor: descriptor, loop: b.loop)
                await onLoop(b.loop) {
                    stranger.send(bytes)
                    stranger.flush()
                }
                try await Task.sleep(for: .milliseconds(1))
                await onLoop(b.loop) { stranger.end() }
            }
        }
        await a.links.pulse([7], to: b.member)
        try await eventually { b.pulses == [[7]] }
        await a.close()
        await b.close()
    }

    @Test func `by certificate are made with those that the authority has signed`() async throws {
        var random = SystemRandomNumberGenerator()
        func identity(_ name: String) throws -> SelfSigned {
            try SelfSigned(names: [name], notBefore: 0, notAfter: 4_102_444_799, using: &random)
        }
        let (one, two, three) = (try identity("a"), try identity("b"), try identity("mallory"))
        let trusted = one.certificatePEM + two.certificatePEM + three.certificatePEM
        func security(_ own: SelfSigned) throws -> LinkSecurity {
            try LinkSecurity(
                certificateChainPEM: own.certificatePEM,
                privateKeyPEM: own.keyPEM,
                authoritiesPEM: trusted
            )
        }
        let a = try await LinkedNode("a", security: security(one))
        let b = try await LinkedNode("b", security: security(two))
        await a.expect(b)
        try await eventually { a.opened.contains(b.member) && b.opened.contains(a.member) }
        // Trusted, but not as this node.
        let mallory = try await LinkedNode("c", security: security(three))
        await mallory.expect(a)
        try await Task.sleep(for: .milliseconds(800))
        #expect(!a.opened.contains(mallory.member) && mallory.opened.isEmpty)
        for node in [a, b, mallory] { await node.close() }
    }

    @Test func `lead through a third where two can't reach each other, and straight once they can`()
        async throws
    {
        let (a, b, c) = try await Self.apart()
        #expect(await a.links.views(of: [b.member])[b.member]?.third == c.member)
        #expect(await b.links.views(of: [a.member])[a.member]?.third == c.member)
        await a.links.pulse([1, 2], to: b.member)
        await b.links.pulse([3], to: a.member)
        try await eventually { a.pulses == [[3]] && b.pulses == [[1, 2]] }
        let parrot = b.system.make(.node) { Parrot(actorSystem: b.system) }
        let there = try Parrot.resolve(id: ActorAddress(.node, at: b.member), using: a.system)
        #expect(try await there.say("hoo") == "hoo")

        let wire = try await Cutter(to: b.address)
        await a.links.expect([b.member: wire.address.description, c.member: c.address.description])
        try await eventually {
            let views = await a.links.views(of: [b.member])
            let isLinked = await a.links.isLinked(to: b.member)
            return isLinked && views[b.member]?.third == nil
        }
        #expect(try await there.say("hoot") == "hoot")
        // Back through the third when the wire is gone, and nothing is lost or said twice.
        await wire.close()
        #expect(try await there.say("at last") == "at last")
        #expect(try await there.heard() == ["hoo", "hoot", "at last"])
        #expect(await a.links.views(of: [b.member])[b.member]?.third == c.member)
        withExtendedLifetime(parrot) {}
        for node in [a, b, c] { await node.close() }
    }

    @Test func `that fall silent without a word are given up, and lead through a third`()
        async throws
    {
        let (a, b) = (
            try await LinkedNode("a", pace: .lan), try await LinkedNode("b", pace: .lan)
        )
        let c = try await LinkedNode("c", pace: .lan)
        let wire = try await Cutter(to: b.address)
        await a.links.expect([b.member: "\(wire.address)", c.member: "\(c.address)"])
        await b.links.expect([a.member: Self.nowhere, c.member: "\(c.address)"])
        await c.expect(a, b)
        try await eventually {
            let links = [(a, b), (b, a), (a, c), (c, a), (b, c), (c, b)]
            return links.allSatisfy { $0.opened.contains($1.member) }
        }
        let parrot = b.system.make(.node) { Parrot(actorSystem: b.system) }
        let there = try Parrot.resolve(id: ActorAddress(.node, at: b.member), using: a.system)
        #expect(try await there.say("hoo") == "hoo")
        // Whoever is well is never taken for silent, though nobody has anything to say.
        try await Task.sleep(for: Pace.lan.stall * 2)
        #expect(a.broken.isEmpty && b.broken.isEmpty && c.broken.isEmpty)

        await wire.hold(true)
        let began = ContinuousClock.now
        #expect(try await there.say("hoot") == "hoot")
        let took = ContinuousClock.now - began
        #expect(took < .seconds(3), "\(took)")
        #expect(await a.links.views(of: [b.member])[b.member]?.third == c.member)
        await wire.hold(false)
        try await eventually {
            let views = await a.links.views(of: [b.member])
            return await a.links.isLinked(to: b.member) && views[b.member]?.third == nil
        }
        #expect(try await there.say("at last") == "at last")
        #expect(try await there.heard() == ["hoo", "hoot", "at last"])
        withExtendedLifetime(parrot) {}
        await wire.close()
        for node in [a, b, c] { await node.close() }
    }

    @Test func `keep a bounded share for who takes nothing, and the others notice nothing`()
        async throws
    {
        let (a, b, c) = (
            try await LinkedNode("a"), try await LinkedNode("b"), try await LinkedNode("c")
        )
        let wire = try await Cutter(to: b.address)
        await a.links.expect([b.member: "\(wire.address)", c.member: "\(c.address)"])
        try await eventually { a.opened.contains(b.member) && a.opened.contains(c.member) }
        let (stalled, well) = (LetterCount(), LetterCount())
        b.system.open(.node, stalled)
        c.system.open(.node, well)
        await wire.hold(true)
        // One more than are kept for a member.
        let limit = LinkLedger.Limits().parcels
        for number in 0...limit {
            a.system.post(number, to: ActorAddress(.node, at: b.member))
        }
        try await eventually { a.failed == [.overloaded] }
        for number in 0..<1_000 { a.system.post(number, to: ActorAddress(.node, at: c.member)) }
        try await eventually { well.numbers == Array(0..<1_000) }
        #expect(stalled.numbers.isEmpty)
        // What there was room for comes once it is taken again, however often it was dialled meanwhile.
        await wire.hold(false)
        try await eventually(within: .seconds(60)) { stalled.numbers.count == limit }
        #expect(stalled.numbers == Array(0..<limit))
        await wire.close()
        for node in [a, b, c] { await node.close() }
    }

    @Test func `lose nothing when the third that they lead through goes`() async throws {
        let (a, b, c) = try await Self.apart()
        let d = try await LinkedNode("d")
        await a.links.expect([
            b.member: Self.nowhere, c.member: "\(c.address)", d.member: "\(d.address)",
        ])
        await b.links.expect([
            a.member: Self.nowhere, c.member: "\(c.address)", d.member: "\(d.address)",
        ])
        try await eventually { a.opened.contains(d.member) && b.opened.contains(d.member) }
        let box = LetterCount()
        b.system.open(.node, box)
        let count = 20_000
        for number in 0..<count {
            a.system.post(number, to: ActorAddress(.node, at: b.member))
            if number == count / 2 { await c.close() }
        }
        try await eventually(within: .seconds(90)) { box.numbers.count == count }
        #expect(box.numbers == Array(0..<count))
        // All may have come before it was seen that the third is gone.
        try await eventually {
            await a.links.views(of: [b.member])[b.member]?.third == d.member
        }
        for node in [a, b, d] { await node.close() }
    }

    @Test func `do not lead through who speaks an older version`() async throws {
        let (a, b) = (try await LinkedNode("a"), try await LinkedNode("b"))
        let old = try await LinkedNode("c", versions: 1...1)
        await a.links.expect([b.member: Self.nowhere, old.member: "\(old.address)"])
        await b.links.expect([a.member: Self.nowhere, old.member: "\(old.address)"])
        try await eventually { a.opened.contains(old.member) && b.opened.contains(old.member) }
        try await Task.sleep(for: .milliseconds(1_500))
        #expect(!a.opened.contains(b.member) && a.broken.isEmpty && b.broken.isEmpty)
        for node in [a, b, old] { await node.close() }
    }

    /// Where nobody listens.
    private static let nowhere = "127.0.0.1:1"

    /// Two that can't dial each other, and a third that both are linked to, once all is as it can be.
    private static func apart() async throws -> (LinkedNode, LinkedNode, LinkedNode) {
        let (a, b) = (try await LinkedNode("a"), try await LinkedNode("b"))
        let c = try await LinkedNode("c")
        await a.links.expect([b.member: nowhere, c.member: "\(c.address)"])
        await b.links.expect([a.member: nowhere, c.member: "\(c.address)"])
        await c.expect(a, b)
        try await eventually { a.opened.contains(b.member) && b.opened.contains(a.member) }
        return (a, b, c)
    }

    private func onLoop(_ loop: Loop, _ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { done in
            loop.execute {
                body()
                done.resume()
            }
        }
    }
}
