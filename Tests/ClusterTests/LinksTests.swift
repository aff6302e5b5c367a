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
        let new = try await LinkedNode("b", versions: 1...2)
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

    private func onLoop(_ loop: Loop, _ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { done in
            loop.execute {
                body()
                done.resume()
            }
        }
    }
}
