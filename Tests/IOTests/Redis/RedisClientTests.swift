import Basics
import Foundation
import IO
import Synchronization
import Testing

extension `Beside Redis` {
    @Suite struct `A Redis client` {
        @Test func `asks, and gets answers as values`() async throws {
            let redis = try await RedisProcess()
            let ours = try RedisClientUnderTest(redis)
            #expect(try await ours.ask("SET", "a", "1") == .status("OK"))
            #expect(try await ours.ask("INCR", "a") == .integer(2))
            #expect(try await ours.ask("GET", "a").number == 2)
            #expect(try await ours.ask("GET", "b").isNull)
            #expect(try await ours.ask("RPUSH", "c", "x", "y") == .integer(2))
            #expect(
                try await ours.ask("LRANGE", "c", "0", "-1").elements?.map(\.text) == ["x", "y"]
            )
            #expect(try await ours.ask("HSET", "d", "k", "v") == .integer(1))
            #expect(try await ours.ask("HGETALL", "d")["k"]?.text == "v")
            _ = try await ours.ask("MULTI")
            _ = try await ours.ask("INCR", "c")
            _ = try await ours.ask("INCR", "a")
            let both = try await ours.ask("EXEC").elements
            #expect(both?.last == .integer(3))
            guard case .error(code: "WRONGTYPE", _) = both?.first else {
                Issue.record("an error within an array is an element: \(String(describing: both))")
                return
            }
            var command = RedisCommand("SET", "e")
            let bytes = (0...255).map { UInt8($0) }
            command.append(bytes)
            _ = try await ours.client.ask(command)
            #expect(try await ours.ask("GET", "e").bytes == bytes)
        }

        @Test func `sends all of a turn in one write, and keeps their order`() async throws {
            let redis = try await RedisProcess()
            let ours = try RedisClientUnderTest(redis)
            try await ours.ask("PING")
            let count = 10_000
            let heard = Mutex<[(Int64?, Instant)]>([])
            let (client, loop) = (ours.client, ours.loop)
            loop.execute {
                for _ in 0..<count {
                    client.ask(RedisCommand("INCR", "n")) { result, sentAt in
                        heard.withLock { $0.append(((try? result.get())?.number, sentAt)) }
                    }
                }
            }
            let isDone = try await eventually { heard.withLock { $0.count } == count }
            #expect(isDone)
            let answers = heard.withLock { $0 }
            #expect(answers.map(\.0) == (1...count).map { Int64($0) })
            #expect(Set(answers.map(\.1.nanoseconds)).count == 1, "all were sent at one instant")
        }

        @Test func `says who it is, and in which database it works`() async throws {
            let redis = try await RedisProcess()
            let url = "redis://127.0.0.1:\(redis.port)/3"
            let ours = try RedisClientUnderTest(url) { $0.name = "roost-eins" }
            let line = try await ours.ask("CLIENT INFO").text ?? ""
            #expect(line.contains(" name=roost-eins ") && line.contains(" db=3 "), "\(line)")
            let standing = try #require(await ours.client.standing)
            let server = try await ours.ask("INFO", "server").text ?? ""
            let runID = try #require(standing.runID)
            #expect(runID.count == 40 && server.contains("run_id:\(runID)\r\n"))
            #expect(standing.isMaster && standing.generation == nil)
            #expect(standing.host == RedisHost(name: "127.0.0.1", port: redis.port))
        }

        @Test func `tells refusals by their code`() async throws {
            let redis = try await RedisProcess("--maxmemory 2mb")
            let ours = try RedisClientUnderTest(redis)
            try await ours.ask("LPUSH", "list", "x")
            #expect(await ours.fault("GET", "list")?.code == "WRONGTYPE")
            #expect(await ours.fault("NOSUCH")?.code == "ERR")
            let much = String(repeating: "m", count: 1 << 20)
            var code: String?
            for number in 0..<4 where code == nil {
                code = await ours.fault("SET", "big\(number)", much)?.code
            }
            #expect(code == "OOM")
            #expect(await ours.fault("GET", "big0")?.code == nil, "reading goes on")
        }

        @Test func `logs in as a user, and hears what the user may not do`() async throws {
            let redis = try await RedisProcess("--user guest on >open ~r1:* &r1:* +@all -info")
            let url = "redis://guest:open@127.0.0.1:\(redis.port)"
            let ours = try RedisClientUnderTest(url)
            #expect(try await ours.ask("SET", "r1:a", "1") == .status("OK"))
            let fault = try #require(await ours.fault("SET", "other", "1"))
            #expect(fault.code == "NOPERM" && "\(fault)".contains("ACL user needs"))
            #expect(!fault.mayHaveRun)
            #expect(await ours.client.standing?.runID == nil, "it may not ask INFO")

            let wrong = try RedisClientUnderTest("redis://guest:shut@127.0.0.1:\(redis.port)")
            let refusal = try #require(await wrong.fault("PING", timeout: .milliseconds(150)))
            guard case .unreachable(_, let why) = refusal else {
                Issue.record("\(refusal)")
                return
            }
            #expect(why.contains("WRONGPASS") && why.contains("redis.url"))
            #expect(!"\(refusal)".contains("shut"))
        }

        @Test func `gives up in time, and takes a late answer for nobody's`() async throws {
            let redis = try await RedisProcess()
            let ours = try RedisClientUnderTest(redis)
            try await ours.ask("SET", "a", "right")
            async let slow = ours.ask("DEBUG", "SLEEP", "0.8")
            #expect(try await eventually { redis.isAsleep })
            let began = ContinuousClock.now
            let late = try #require(await ours.fault("INCR", "late", timeout: .milliseconds(100)))
            let took = ContinuousClock.now - began
            #expect(late == .timedOut(after: .milliseconds(100), wasSent: true))
            #expect(late.mayHaveRun && took < .milliseconds(700), "it took \(took)")
            #expect(try await slow == .status("OK"))
            #expect(try await ours.ask("GET", "a").text == "right")
            #expect(try await ours.ask("GET", "late").number == 1, "it had run all the same")
        }

        @Test func `leaves a server that owes an answer too long`() async throws {
            let redis = try await RedisProcess()
            let ours = try RedisClientUnderTest(redis) {
                $0.silenceLimit = .milliseconds(200)
                $0.connectTimeout = .milliseconds(300)
            }
            try await ours.ask("SET", "a", "1")
            redis.signal(SIGSTOP)
            let cut = try #require(await ours.fault("INCR", "a"))
            guard case .cutOff(_, let why) = cut else {
                Issue.record("\(cut)")
                return
            }
            #expect(why.contains("owed an answer") && cut.mayHaveRun)
            let unsent = try #require(await ours.fault("INCR", "a", timeout: .milliseconds(400)))
            #expect(!unsent.mayHaveRun, "\(unsent)")
            redis.signal(SIGCONT)
            #expect(try await ours.ask("EXISTS", "a") == .integer(1))
        }

        @Test func `waits out a server that holds all clients`() async throws {
            let redis = try await RedisProcess()
            let ours = try RedisClientUnderTest(redis)
            try await ours.ask("CLIENT PAUSE", "800")
            #expect(await ours.fault("GET", "a", timeout: .milliseconds(100))?.mayHaveRun == true)
            #expect(try await ours.ask("GET", "a").isNull)
        }

        @Test func `comes back to a server that was killed and restarted empty`() async throws {
            let redis = try await RedisProcess()
            let ours = try RedisClientUnderTest(redis)
            await ours.collectNews()
            try await ours.ask("SET", "a", "1")
            let life = await ours.client.standing?.runID
            async let owed = ours.fault("DEBUG", "SLEEP", "5")
            #expect(try await eventually { redis.isAsleep })
            redis.kill()
            let cut = try #require(await owed)
            guard case .cutOff = cut else {
                Issue.record("\(cut)")
                return
            }
            #expect(cut.mayHaveRun)
            let refused = try #require(await ours.fault("GET", "a", timeout: .milliseconds(100)))
            #expect("\(refused)".contains("refused") && !refused.mayHaveRun)
            #expect(await ours.fault("GET", "a", atOnce: true)?.mayHaveRun == false)
            async let waits = ours.ask("GET", "a")
            try await redis.start()
            #expect(try await waits.isNull, "it waited for the server, which has nothing")
            #expect(await ours.client.standing?.runID != life)
            let lives = ours.heard.compactMap { news in
                if case .connected(let standing) = news { standing.runID } else { nil }
            }
            #expect(lives.count == 2)
        }

        @Test func `waits for a server that comes later, or fails at once if it is asked to`()
            async throws
        {
            let redis = try await RedisProcess(isStarted: false)
            let ours = try RedisClientUnderTest(redis)
            #expect(
                try await eventually { await ours.fault("PING", atOnce: true)?.mayHaveRun == false }
            )
            async let waits = ours.ask("PING")
            try await redis.start()
            #expect(try await waits == .status("PONG"))
        }

        @Test func `runs scripts by digest, also when the server has forgotten them`() async throws
        {
            let redis = try await RedisProcess()
            let ours = try RedisClientUnderTest(redis)
            let script = RedisScript("return {KEYS[1], ARGV[1], redis.call('INCR', 'runs')}")
            func run() async throws -> Int64? {
                let value = try await ours.client.run(script, keys: ["k"], arguments: [[1, 2]])
                #expect(value.elements?[0].text == "k" && value.elements?[1].bytes == [1, 2])
                return value.elements?[2].number
            }
            #expect(try await run() == 1)
            #expect(try await run() == 2)
            try await ours.ask("SCRIPT FLUSH")
            #expect(try await run() == 3)
            let stats = try await ours.ask("INFO", "commandstats").text ?? ""
            #expect(
                stats.contains("cmdstat_eval:calls=2,")
                    && stats.contains("cmdstat_evalsha:calls=3,")
            )
            let broken = RedisScript("this is no script")
            do throws(RedisFault) {
                _ = try await ours.client.run(broken, keys: [], arguments: [])
                Issue.record("it ran")
            } catch {
                #expect(error.code == "ERR")
            }
        }

        @Test func `takes no more than its bounds`() async throws {
            let redis = try await RedisProcess()
            let ours = try RedisClientUnderTest(redis) {
                $0.commands = 10
                $0.bytes = 1_000
            }
            try await ours.ask("PING")
            let results = Mutex<[RedisFault?]>([])
            let client = ours.client
            ours.loop.execute {
                for _ in 0..<20 {
                    client.ask(RedisCommand("PING")) { result, _ in
                        results.withLock { $0.append(result.fault) }
                    }
                }
            }
            #expect(try await eventually { results.withLock { $0.count } == 20 })
            let faults = results.withLock { $0 }.compactMap { $0 }
            #expect(faults == Array(repeating: .overloaded(limit: 10, of: "commands"), count: 10))
            let long = String(repeating: "l", count: 1_000)
            #expect(await ours.fault("ECHO", long) == .overloaded(limit: 1_000, of: "bytes"))
            #expect(try await ours.ask("PING") == .status("PONG"))
        }

        @Test func `goes from a replica to the master that takes its place`() async throws {
            let master = try await RedisProcess()
            let replica = try await RedisProcess("--replicaof 127.0.0.1 \(master.port)")
            let ours = try RedisClientUnderTest(replica)
            #expect(await ours.fault("SET", "a", "1")?.code == "READONLY")
            #expect(await ours.client.standing?.isMaster != true)
            #expect(await ours.fault("SET", "a", "1")?.code == "READONLY", "it stays, and says so")
            try await ours.ask("REPLICAOF", "NO", "ONE")
            #expect(try await ours.ask("SET", "a", "1") == .status("OK"))
        }

        @Test func `will have nothing to do with a Redis Cluster`() async throws {
            let redis = try await RedisProcess("--cluster-enabled yes")
            let ours = try RedisClientUnderTest(redis)
            let fault = try #require(await ours.fault("SET", "a", "1", timeout: .seconds(3)))
            #expect("\(fault)".contains("Redis Cluster") && "\(fault)".contains("cluster-enabled"))
        }

        @Test func `stops waiting when its task is cancelled, and when it is closed`() async throws
        {
            let redis = try await RedisProcess()
            let ours = try RedisClientUnderTest(redis)
            let asleep = Task { await ours.fault("DEBUG", "SLEEP", "0.3") }
            let cancelled = Task { await ours.fault("PING") }
            #expect(try await eventually { redis.isAsleep })
            cancelled.cancel()
            #expect(await cancelled.value == .cancelled)
            async let cut = ours.fault("PING")
            #expect(await asleep.value == nil)
            _ = await cut
            redis.kill()
            async let waiting = ours.fault("PING")
            try await Task.sleep(for: .milliseconds(20))
            await ours.client.close()
            #expect(await waiting?.mayHaveRun == false)
            #expect(await ours.fault("PING") == .closed)
        }
    }
}

extension RedisProcess {
    /// Whether it answers nobody, because it was told to sleep.
    fileprivate var isAsleep: Bool {
        guard let descriptor = try? Socket.connect(to: SocketAddress(ip: .loopback, port: port))
        else { return false }
        defer { close(descriptor) }
        usleep(5_000)
        let ping = Array("PING\r\n".utf8)
        _ = unsafe send(descriptor, ping, ping.count, Int32(MSG_NOSIGNAL))
        usleep(10_000)
        var byte: UInt8 = 0
        return unsafe recv(descriptor, &byte, 1, 0) < 0
    }
}

extension Result where Success == RedisValue, Failure == RedisFault {
    var fault: RedisFault? {
        if case .failure(let fault) = self { fault } else { nil }
    }
}
