import Basics
import Crypto
import IO
import Testing
import Wire

extension `On loopback` {
    @Suite struct `An HTTP server under TLS` {
        @Test func `answers as it does without`() throws {
            let identity = try TestIdentity()
            let server = try ServerUnderTest { $0.tls = identity.server }
            let client = try RawTLSClient(server.client(), trusting: identity)
            try client.send("GET /whoami HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.read(until: "true").hasSuffix("127.0.0.1 true"))
            try client.send("GET /long HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(try client.readUntilEnd().utf8.count > 800_000)
            #expect(server.metrics.contains("roost_tls_handshakes_total 1"))
        }

        @Test func `carries websockets`() throws {
            let identity = try TestIdentity()
            let server = try ServerUnderTest { $0.tls = identity.server }
            let client = try RawTLSClient(server.client(), trusting: identity)
            try client.send(
                "GET /socket?tls HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
            )
            _ = try client.read(until: "\r\n\r\n")
            try client.send([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69])
            _ = try client.read(until: "hi")
            #expect(client.received.suffix(4) == [0x81, 2, 0x68, 0x69])
        }

        @Test func `takes a proxy's word before the handshake`() throws {
            let identity = try TestIdentity()
            let server = try ServerUnderTest {
                $0.tls = identity.server
                $0.takesProxyProtocol = true
                $0.trustedProxies = [IPNetwork(.loopback, prefix: 8)]
            }
            let raw = try server.client()
            try raw.send("PROXY TCP4 203.0.113.7 192.0.2.1 4711 443\r\n")
            let client = try RawTLSClient(raw, trusting: identity)
            try client.send("GET /whoami HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.read(until: "true").hasSuffix("203.0.113.7 true"))
        }

        @Test func `lets go of whoever does not speak TLS, and counts it`() async throws {
            let identity = try TestIdentity()
            let server = try ServerUnderTest { $0.tls = identity.server }
            let client = try server.client()
            try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(!(try client.readUntilEnd()).contains("hello"))
            #expect(
                await server.eventually { server.metrics.contains("roost_tls_failures_total{") }
            )
        }

        @Test func `gives up on a handshake that does not come`() throws {
            let identity = try TestIdentity()
            let server = try ServerUnderTest {
                $0.tls = identity.server
                $0.headTimeout = .milliseconds(100)
            }
            let client = try server.client()
            try client.send([0x16, 0x03, 0x01])
            #expect(try client.readUntilEnd().isEmpty)
        }
    }
}

extension `On loopback` {
    @Suite struct `An HTTP server behind a proxy` {
        @Test func `believes the proxies it trusts, and nobody else`() throws {
            let trusting = try ServerUnderTest {
                $0.trustedProxies = [IPNetwork(.loopback, prefix: 8)]
            }
            let request =
                "GET /whoami HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.9\r\n"
                + "X-Forwarded-Proto: https\r\n\r\n"
            let first = try trusting.client()
            try first.send(request)
            #expect(try first.readResponse().body == "198.51.100.9 true")
            let wary = try ServerUnderTest()
            let second = try wary.client()
            try second.send(request)
            #expect(try second.readResponse().body == "127.0.0.1 false")
        }

        @Test func `reads a PROXY header of either version, however it is cut`() throws {
            let server = try ServerUnderTest {
                $0.takesProxyProtocol = true
                $0.trustedProxies = [IPNetwork(.loopback, prefix: 8)]
            }
            let first = try server.client()
            for byte in "PROXY TCP4 203.0.113.7 192.0.2.1 4711 443\r\nGET /who".utf8 {
                try first.send([byte])
            }
            try first.send("ami HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try first.readResponse().body == "203.0.113.7 false")
            let second = try server.client()
            try second.send(
                [0x0D, 0x0A, 0x0D, 0x0A, 0, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
                    + [0x21, 0x11, 0, 12, 203, 0, 113, 8, 192, 0, 2, 1, 0x12, 0x67, 0x01, 0xBB]
                    + [UInt8]("GET /whoami HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            )
            #expect(try second.readResponse().body == "203.0.113.8 false")
        }

        @Test func `lets go of a proxy that does not say who is calling`() throws {
            let server = try ServerUnderTest {
                $0.takesProxyProtocol = true
                $0.trustedProxies = [IPNetwork(.loopback, prefix: 8)]
            }
            let client = try server.client()
            try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readUntilEnd().isEmpty)
            #expect(server.metrics.contains("rule=\"proxy_header\"} 1"))
        }
    }
}
