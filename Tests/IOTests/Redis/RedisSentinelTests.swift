import Basics
import Foundation
import IO
import Synchronization
import Testing

extension `Beside Redis` {
    @Suite struct `A Redis client that asks sentinels` {
        @Test func `finds the master, hears a majority confirm it, and follows a switch`()
            async throws
        {
            let master = try await RedisProcess()
            let replica = try await RedisProcess("--replicaof 127.0.0.1 \(master.port)")
            var sentinels: [RedisProcess] = []
            for _ in 0..<3 { sentinels.append(try await sentinel(watching: master)) }
            let hosts = sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
            let ours = try RedisClientUnderTest("redis+sentinel://\(hosts)/calls") {
                $0.confirmEvery = .milliseconds(50)
            }
            await ours.collectNews()
            #expect(try await ours.ask("SET", "a", "1") == .status("OK"))
            let first = try #require(await ours.client.standing)
            #expect(first.host.port == master.port && first.isMaster && first.generation == 0)
            #expect(try await eventually { await ours.client.confirmation?.sentinels == 3 })
            let confirmation = try #require(await ours.client.confirmation)
            #expect(confirmation.host == first.host && confirmation.agreeing >= 2)
            let laterOnes = try await eventually {
                guard let later = await ours.client.confirmation else { return false }
                return later.sentAt > confirmation.sentAt
            }
            #expect(laterOnes, "it is confirmed again and again")

            // They can promote only what they have heard of, and agree only with whom they know.
            for sentinel in sentinels {
                #expect(try await eventually { try await isPrepared(sentinel) })
            }
            // Who has a dead connection looks anyway; one that has just fallen silent must be told.
            let quiet = try RedisClientUnderTest("redis+sentinel://\(hosts)/calls") {
                $0.heartbeat = .seconds(60)
            }
            try await quiet.ask("PING")
            master.signal(SIGSTOP)
            for client in [ours.client, quiet.client] {
                #expect(try await eventually { await client.standing?.host.port == replica.port })
            }
            let second = try #require(await ours.client.standing)
            #expect(second.isMaster && second.generation ?? 0 > 0)
            #expect(try await ours.ask("SET", "a", "2") == .status("OK"))
            let isConfirmed = try await eventually {
                await ours.client.confirmation?.generation == second.generation
            }
            #expect(isConfirmed)
        }

        private func sentinel(watching master: RedisProcess) async throws -> RedisProcess {
            let sentinel = try await RedisProcess(
                "FOLDER/sentinel.conf --sentinel",
                isStarted: false
            )
            let lines = """
                port \(sentinel.port)
                bind 127.0.0.1
                sentinel monitor calls 127.0.0.1 \(master.port) 2
                sentinel down-after-milliseconds calls 500
                sentinel failover-timeout calls 3000

                """
            try lines.write(
                toFile: sentinel.folder + "/sentinel.conf",
                atomically: true,
                encoding: .utf8
            )
            try await sentinel.start()
            return sentinel
        }

        /// Whether the sentinel knows the replica and the two others. By redis-cli, since ours asks no
        /// sentinel for anything else than the master.
        private func isPrepared(_ sentinel: RedisProcess) async throws -> Bool {
            let cli = Process()
            cli.executableURL = URL(filePath: "/usr/bin/redis-cli")
            cli.arguments = ["-p", "\(sentinel.port)", "sentinel", "master", "calls"]
            let pipe = Pipe()
            cli.standardOutput = pipe
            try cli.run()
            let text = String(
                decoding: pipe.fileHandleForReading.readDataToEndOfFile(),
                as: UTF8.self
            )
            cli.waitUntilExit()
            return text.contains("num-slaves\n1\n") && text.contains("num-other-sentinels\n2\n")
        }

        /// A sentinel of a few lines, that names masters as it is told.
        private final class Herald: Sendable {
            private let named: Mutex<(port: UInt16, epoch: Int)>
            private let server = Mutex<RawServer?>(nil)

            init(naming port: UInt16, epoch: Int) throws {
                named = Mutex((port, epoch))
                let raw = try RawServer { [self] descriptor, _ in
                    guard RedisStranger.hear(descriptor, "SETNAME\r\n$5\r\nroost\r\n") else {
                        return
                    }
                    RawServer.say(descriptor, "+OK\r\n")
                    while RedisStranger.hear(descriptor, "calls\r\n") {
                        let (port, epoch) = named.withLock { $0 }
                        let words = [
                            "name", "calls", "ip", "127.0.0.1", "port", "\(port)", "config-epoch",
                            "\(epoch)", "num-other-sentinels", "0",
                        ]
                        RawServer.say(
                            descriptor,
                            "*\(words.count)\r\n"
                                + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
                        )
                    }
                }
                server.withLock { $0 = raw }
            }

            var port: UInt16 { server.withLock { $0?.port ?? 0 } }

            func name(_ port: UInt16, epoch: Int) {
                named.withLock { $0 = (port, epoch) }
            }

            func stop() {
                server.withLock { $0?.stop() }
            }
        }

        private typealias RedisStranger = `Beside Redis`.`A Redis client among strangers`

        @Test func `does not take a replica for the master, and asks again`() async throws {
            let master = try await RedisProcess()
            let replica = try await RedisProcess("--replicaof 127.0.0.1 \(master.port)")
            let herald = try Herald(naming: replica.port, epoch: 3)
            defer { herald.stop() }
            let ours = try RedisClientUnderTest("redis+sentinel://127.0.0.1:\(herald.port)/calls")
            let fault = try #require(await ours.fault("PING", timeout: .milliseconds(200)))
            #expect("\(fault)".contains("it is no master"), "\(fault)")
            herald.name(master.port, epoch: 4)
            #expect(try await ours.ask("SET", "a", "1") == .status("OK"))
            #expect(await ours.client.standing?.generation == 4)
        }

        @Test func `believes the sentinel that knows the latest generation`() async throws {
            let (old, new) = (try await RedisProcess(), try await RedisProcess())
            let heralds = [
                try Herald(naming: old.port, epoch: 7), try Herald(naming: new.port, epoch: 8),
            ]
            defer { for herald in heralds { herald.stop() } }
            let hosts = heralds.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
            let ours = try RedisClientUnderTest("redis+sentinel://\(hosts)/calls") {
                $0.confirmEvery = .milliseconds(20)
            }
            try await ours.ask("PING")
            #expect(await ours.client.standing?.host.port == new.port)
            try await Task.sleep(for: .milliseconds(100))
            #expect(await ours.client.confirmation == nil, "one of two is no majority")
            heralds[0].name(old.port, epoch: 9)
            #expect(try await eventually { await ours.client.standing?.host.port == old.port })
            #expect(await ours.client.standing?.generation == 9)
        }

        @Test func `says why, when no sentinel names a master`() async throws {
            let gone = try freePort()
            let redis = try await RedisProcess()
            let hosts = "127.0.0.1:\(gone),127.0.0.1:\(redis.port)"
            let ours = try RedisClientUnderTest("redis+sentinel://\(hosts)/calls") {
                $0.answerTimeout = .milliseconds(200)
            }
            let fault = try #require(await ours.fault("PING", timeout: .milliseconds(600)))
            #expect("\(fault)".contains("none of 2 sentinels names the master"), "\(fault)")
        }

        @Test func `says so, when a sentinel is taken for a server`() async throws {
            let master = try await RedisProcess()
            let sentinel = try await sentinel(watching: master)
            let ours = try RedisClientUnderTest("redis://127.0.0.1:\(sentinel.port)")
            let fault = try #require(await ours.fault("PING", timeout: .milliseconds(200)))
            #expect("\(fault)".contains("write redis+sentinel://"), "\(fault)")
        }
    }
}
