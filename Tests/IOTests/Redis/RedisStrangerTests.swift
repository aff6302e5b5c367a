import Basics
import Foundation
import IO
import Synchronization
import Testing

extension `Beside Redis` {
    /// Servers that are no Redis, or none one should talk to.
    @Suite struct `A Redis client among strangers` {
        /// What a Redis says to a greeting without a password: to its name, its data, its role.
        private static let greeting = "+OK\r\n$12\r\nrun_id:abc\r\n\r\n*1\r\n$6\r\nmaster\r\n"

        /// Answers the greeting, then says this to whatever it is asked.
        private func server(saying words: String) throws -> RawServer {
            try RawServer { descriptor, _ in
                guard Self.hear(descriptor, "ROLE\r\n") else { return }
                RawServer.say(descriptor, Self.greeting)
                guard Self.hear(descriptor, "GET\r\n") else { return }
                RawServer.say(descriptor, words)
                RawServer.waitForEnd(descriptor)
            }
        }

        /// Reads until these words have come.
        static func hear(_ descriptor: Int32, _ words: String) -> Bool {
            var seen: [UInt8] = []
            var byte: UInt8 = 0
            let words = Array(words.utf8)
            while unsafe recv(descriptor, &byte, 1, 0) == 1 {
                seen.append(byte)
                if seen.suffix(words.count) == words[...] { return true }
            }
            return false
        }

        @Test func `knows a web server by its first words`() async throws {
            let web = try RawServer { descriptor, _ in
                RawServer.say(descriptor, "HTTP/1.1 400 Bad Request\r\n\r\n")
                RawServer.waitForEnd(descriptor)
            }
            defer { web.stop() }
            let ours = try RedisClientUnderTest("redis://127.0.0.1:\(web.port)")
            let fault = try #require(await ours.fault("PING", timeout: .milliseconds(200)))
            #expect("\(fault)".contains("is no Redis"), "\(fault)")
            #expect(!fault.mayHaveRun)
        }

        @Test func `gives up on one that never says a word`() async throws {
            let silent = try RawServer { descriptor, _ in RawServer.waitForEnd(descriptor) }
            defer { silent.stop() }
            let ours = try RedisClientUnderTest("redis://127.0.0.1:\(silent.port)") {
                $0.connectTimeout = .milliseconds(100)
            }
            let fault = try #require(await ours.fault("PING", timeout: .milliseconds(250)))
            #expect("\(fault)".contains("no connection within 0.1 seconds"), "\(fault)")
            #expect(silent.connections >= 2, "and tries again meanwhile")
        }

        @Test(arguments: [
            "$536870912\r\nabc", "*1000000000\r\n", "!what\r\n", "+OK\r\n+OK\r\n",
        ])
        func `cuts off what is no answer, or none that it would hold`(words: String) async throws {
            let server = try server(saying: words)
            defer { server.stop() }
            let ours = try RedisClientUnderTest("redis://127.0.0.1:\(server.port)")
            let fault = await ours.fault("GET", "GET")
            if words.hasPrefix("+") {
                #expect(fault == nil, "the first answer was right")
                #expect(try await eventually { server.connections >= 2 }, "nobody asked the second")
            } else {
                guard case .malformed = fault else {
                    Issue.record("\(String(describing: fault))")
                    return
                }
                #expect(fault?.mayHaveRun == true)
            }
        }

        @Test func `notices when a quiet connection has died`() async throws {
            let server = try server(saying: "")
            defer { server.stop() }
            let ours = try RedisClientUnderTest("redis://127.0.0.1:\(server.port)") {
                $0.heartbeat = .milliseconds(80)
                $0.silenceLimit = .milliseconds(80)
            }
            await ours.collectNews()
            #expect(try await eventually { server.connections >= 2 })
            #expect(ours.heard.contains { "\($0)".contains("owed an answer") })
        }

        /// A network that is mended would bring it to Redis seconds later, when other things are true.
        @Test func `takes back what it has asked when it gives an answer up`() async throws {
            let fault = Mutex<Int32?>(nil)
            let server = try RawServer { descriptor, number in
                guard number == 0, Self.hear(descriptor, "ROLE\r\n") else { return }
                RawServer.say(descriptor, Self.greeting)
                var byte: UInt8 = 0
                while unsafe recv(descriptor, &byte, 1, 0) > 0 {}
                let reason = errno
                fault.withLock { $0 = reason }
            }
            defer { server.stop() }
            let ours = try RedisClientUnderTest("redis://127.0.0.1:\(server.port)") {
                $0.heartbeat = .milliseconds(80)
                $0.silenceLimit = .milliseconds(80)
            }
            _ = await ours.fault("GET", "a", timeout: .milliseconds(300))
            #expect(try await eventually { fault.withLock { $0 } != nil })
            #expect(fault.withLock { $0 } == ECONNRESET)
        }

        @Test func `speaks TLS with whom it trusts`() async throws {
            let identity = try TestIdentity(names: ["localhost"])
            let redis = try await secureServer(identity)
            let url = "rediss://localhost:\(redis.port)"
            let ours = try RedisClientUnderTest(url, tls: identity.client)
            #expect(try await ours.ask("SET", "a", "1") == .status("OK"))
            let big = String(repeating: "b", count: 3 << 20)
            #expect(try await ours.ask("SET", "b", big) == .status("OK"))
            #expect(try await ours.ask("GET", "b").bytes?.count == 3 << 20)

            let stranger = try RedisClientUnderTest(url, tls: TestIdentity().client)
            let distrust = try #require(await stranger.fault("PING", timeout: .milliseconds(300)))
            #expect("\(distrust)".contains("not believed"), "\(distrust)")
            let elsewhere = "rediss://127.0.0.1:\(redis.port)"
            let other = try RedisClientUnderTest(elsewhere, tls: identity.client)
            let mismatch = try #require(await other.fault("PING", timeout: .milliseconds(300)))
            #expect("\(mismatch)".contains("is not for 127.0.0.1"), "\(mismatch)")
            let plain = try RedisClientUnderTest("redis://localhost:\(redis.port)")
            #expect(await plain.fault("PING", timeout: .milliseconds(300))?.mayHaveRun == false)
        }

        private func secureServer(_ identity: TestIdentity) async throws -> RedisProcess {
            let port = try freePort()
            let redis = try await RedisProcess(
                "--port 0 --tls-port PORT --tls-cert-file FOLDER/cert.pem --tls-key-file FOLDER/key.pem",
                "--tls-ca-cert-file FOLDER/cert.pem --tls-auth-clients no",
                port: port,
                isStarted: false
            )
            try Data(identity.certificatePEM).write(to: URL(filePath: redis.folder + "/cert.pem"))
            try Data(identity.keyPEM).write(to: URL(filePath: redis.folder + "/key.pem"))
            try await redis.start()
            return redis
        }
    }
}
