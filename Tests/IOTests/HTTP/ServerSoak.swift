import Basics
import Glibc
import IO
import Testing

extension `On loopback` {
    /// Clients of every bad habit at once, drawn from a seed; then they are gone, and nothing may be
    /// left of them.
    @Suite struct `A server among rude clients` {
        @Test(arguments: UInt64(0)..<4)
        func `keeps nothing of those who are gone`(seed: UInt64) async throws {
            var random = SeededRandom(seed: seed)
            let identity = try TestIdentity()
            let isSecure = seed % 2 == 1
            let port: UInt16
            do {
                let server = try ServerUnderTest {
                    $0.tls = isSecure ? identity.server : nil
                    $0.headTimeout = .milliseconds(300)
                    $0.bodyTimeout = .milliseconds(300)
                    $0.keepAlive = .milliseconds(300)
                    $0.webSocket.slowGrace = .milliseconds(100)
                    $0.webSocket.queueBytes = 20_000
                }
                port = server.port
                try storm(server, isSecure: isSecure, identity, using: &random)
                let polite = try server.client()
                if !isSecure {
                    try polite.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try polite.readResponse().body == "hello", "seed \(seed)")
                }
                #expect(await server.eventually { server.server.connectionCount <= 1 })
                #expect(await server.drain().value == 0)
                #expect(server.server.connectionCount == 0, "seed \(seed)")
                #expect(await server.eventually { server.routes.running == 0 }, "seed \(seed)")
                #expect(Echo.shared.sockets(asking: "soak").isEmpty, "seed \(seed)")
                #expect(
                    server.metrics.contains("\nroost_websocket_connections 0\n"),
                    "seed \(seed)"
                )
                for loop in server.loops { await settle(loop) }
            }
            for _ in 0..<1_000 where Self.sockets(at: port) > 0 { usleep(10_000) }
            #expect(Self.sockets(at: port) == 0, "seed \(seed)")
        }

        private func storm(
            _ server: ServerUnderTest,
            isSecure: Bool,
            _ identity: TestIdentity,
            using random: inout SeededRandom
        ) throws {
            var clients: [RawClient] = []
            var secured: [RawTLSClient] = []
            for _ in 0..<1_500 {
                if clients.count < 40 {
                    let client = try server.client(
                        receiveBuffer: Bool.random(using: &random) ? 4_096 : nil
                    )
                    if isSecure, Bool.random(using: &random) {
                        // It keeps the raw one alive; half of them get no further than a hello.
                        if let tls = try? RawTLSClient(client, trusting: identity) {
                            try? tls.send(words(using: &random))
                            secured.append(tls)
                            if secured.count > 10 { secured.removeFirst() }
                            continue
                        }
                    }
                    clients.append(client)
                }
                let index = Int.random(in: 0..<clients.count, using: &random)
                let client = clients[index]
                switch Int.random(in: 0..<12, using: &random) {
                case 0..<6: client.sendSome(words(using: &random))
                case 6..<8: client.skip(Int.random(in: 1...50_000, using: &random))
                case 8: client.finish()
                case 9:
                    client.endRudely()
                    clients.remove(at: index)
                case 10: clients.remove(at: index)
                default: usleep(UInt32.random(in: 0...2_000, using: &random))
                }
            }
        }

        /// Some requests, frames or nonsense, maybe cut short.
        private func words(using random: inout SeededRandom) -> [UInt8] {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                switch Int.random(in: 0..<10, using: &random) {
                case 0..<3:
                    let paths = ["hello", "long", "slow", "stream", "endless", "short", "where"]
                    let path = paths.randomElement(using: &random) ?? ""
                    let method = Bool.random(using: &random) ? "GET" : "HEAD"
                    bytes += [UInt8]("\(method) /\(path) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
                case 3..<6:
                    let paths = ["echo", "count", "count-late", "endless", "uninterested", "slow"]
                    let path = paths.randomElement(using: &random) ?? ""
                    let expects = Bool.random(using: &random) ? "Expect: 100-continue\r\n" : ""
                    bytes += [UInt8]("POST /\(path) HTTP/1.1\r\nHost: a\r\n\(expects)".utf8)
                    bytes += [UInt8]("Transfer-Encoding: chunked\r\n\r\n".utf8)
                    for _ in 0..<Int.random(in: 0...50, using: &random) {
                        bytes += [UInt8]("3\r\nabc\r\n".utf8)
                    }
                    bytes += [UInt8]((Bool.random(using: &random) ? "0\r\n\r\n" : "x").utf8)
                case 6..<8:
                    bytes += [UInt8](
                        ("GET /socket?soak HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                            + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                            + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n").utf8
                    )
                    for _ in 0..<Int.random(in: 0...2_000, using: &random) {
                        bytes += [0x89, 0x81, 0, 0, 0, 0, 7]
                    }
                case 8:
                    bytes += [0x82, 0xFE, 0x40, 0x00, 0, 0, 0, 0]
                    bytes += [UInt8](repeating: 1, count: 0x4000)
                default:
                    bytes += (0..<8).map { _ in UInt8.random(in: 0...255, using: &random) }
                }
            }
            if Bool.random(using: &random) {
                bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
            }
            return bytes
        }

        private func settle(_ loop: Loop) async {
            await withCheckedContinuation { done in loop.execute { done.resume() } }
        }

        /// Sockets of this process that are bound to the server's port: its own ends. Other suites have
        /// sockets too, at the same time.
        private static func sockets(at port: UInt16) -> Int {
            (0..<4_096).count { descriptor in
                var address = sockaddr_in()
                var length = socklen_t(MemoryLayout<sockaddr_in>.size)
                let status = unsafe withUnsafeMutablePointer(to: &address) {
                    unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        unsafe getsockname(Int32(descriptor), $0, &length)
                    }
                }
                return status == 0 && address.sin_family == sa_family_t(AF_INET)
                    && UInt16(bigEndian: address.sin_port) == port
            }
        }
    }
}
