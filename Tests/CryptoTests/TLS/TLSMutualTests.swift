import Basics
import Crypto
import Testing

@Suite struct `Two ends that must both prove themselves` {
    private func pair(
        client: [PreSharedKey],
        server: [PreSharedKey]
    ) throws -> TLSPair {
        TLSPair(
            client: try .client(.preShared(.client, client), serverName: "b"),
            server: try .server(.preShared(.server, server))
        )
    }

    private let old = PreSharedKey(secret: Secret("an old secret of many letters"), purpose: "test")
    private let new = PreSharedKey(secret: Secret("a new secret of many letters!"), purpose: "test")

    @Test func `understand each other by one secret`() throws {
        var pair = try pair(client: [new], server: [new])
        pair.settle()
        #expect(pair.client.advance() == .established)
        #expect(pair.server.advance() == .established)
        #expect(pair.client.version == .tls13)
        #expect(pair.client.write(Array("hello".utf8).span) == .taken(5))
        pair.settle()
        #expect(pair.heardByServer == Array("hello".utf8))
    }

    @Test func `understand each other by either secret while one replaces the other`() throws {
        for client in [[old, new], [new, old]] {
            var pair = try pair(client: client, server: [new, old])
            pair.settle()
            #expect(pair.client.advance() == .established)
            #expect(pair.server.advance() == .established)
        }
    }

    @Test func `part when their secrets differ`() throws {
        var pair = try pair(client: [old], server: [new])
        pair.settle()
        guard case .failed = pair.server.advance(), case .failed = pair.client.advance() else {
            Issue.record("they believed each other")
            return
        }
    }

    @Test func `part when one secret is used for two purposes`() throws {
        let other = PreSharedKey(secret: Secret("a new secret of many letters!"), purpose: "other")
        var pair = try pair(client: [other], server: [new])
        pair.settle()
        guard case .failed = pair.server.advance() else {
            Issue.record("a key was good for something else")
            return
        }
    }

    @Test func `part when one of them has a certificate in place of the secret`() throws {
        let identity = try SelfSigned.ofThisCentury(["b"])
        let server = try TLSContext.server(
            certificateChainPEM: identity.certificatePEM.span,
            privateKeyPEM: identity.keyPEM.span,
            applicationProtocols: []
        )
        var pair = TLSPair(
            client: try .client(.preShared(.client, [new]), serverName: "b"),
            server: try .server(server)
        )
        pair.settle()
        guard case .failed = pair.client.advance() else {
            Issue.record("a stranger with a certificate was believed")
            return
        }
    }

    @Test func `show each other certificates that both authorities vouch for`() throws {
        let (a, b) = (try SelfSigned.ofThisCentury(["a"]), try SelfSigned.ofThisCentury(["b"]))
        var pair = TLSPair(
            client: try .client(mutual(.client, a, trusting: b), serverName: "b"),
            server: try .server(mutual(.server, b, trusting: a))
        )
        pair.settle()
        #expect(pair.client.advance() == .established)
        #expect(pair.server.advance() == .established)
        #expect(pair.server.peerCertificate?.names == ["a"])
    }

    @Test func `part when the client shows none, or that of a stranger`() throws {
        let (a, b) = (try SelfSigned.ofThisCentury(["a"]), try SelfSigned.ofThisCentury(["b"]))
        let stranger = try SelfSigned.ofThisCentury(["a"])
        let clients = [
            try TLSContext.client(trust: .only(pem: b.certificatePEM)),
            try mutual(.client, stranger, trusting: b),
        ]
        for client in clients {
            var pair = TLSPair(
                client: try .client(client, serverName: "b"),
                server: try .server(mutual(.server, b, trusting: a))
            )
            pair.settle()
            guard case .failed = pair.server.advance() else {
                Issue.record("a stranger was believed")
                return
            }
        }
    }

    private func mutual(
        _ role: TLSContext.Role,
        _ own: SelfSigned,
        trusting other: SelfSigned
    ) throws -> TLSContext {
        try .mutual(
            role,
            certificateChainPEM: own.certificatePEM.span,
            privateKeyPEM: own.keyPEM.span,
            authoritiesPEM: other.certificatePEM
        )
    }
}
