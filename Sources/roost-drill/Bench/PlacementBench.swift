internal import Basics
internal import Cluster
internal import Coordination
internal import Crypto
internal import IO
internal import Synchronization

/// What it costs to give a call its place: how long a claim takes, and what Redis keeps and is asked of ten
/// thousand calls with fifty thousand people in them.
///
/// A bare SET by the same client, in turns with the claims, is what they are held against.
enum PlacementBench: Bench {
    static let name = "placement"
    static let summary = "claims of calls, and ten thousand calls at rest in Redis"

    private static let calls = 10_000
    /// What a call of five keeps for its next host, with room to spare.
    private static let pictureSize = 1_500

    static func run(_ terms: BenchTerms, into book: inout FigureBook) async throws {
        let redis = try RedisServer()
        defer { redis.end() }
        let node = try Node(redis.place)
        defer { node.loop.stop() }
        try await redis.waitUntilReady(node.client)
        node.keeper.begin()
        while await node.keeper.obstacle != nil { await node.loop.sleep(for: .milliseconds(20)) }

        let empty = try await node.usedBytes()
        let (sets, claims) = try await claim(node)
        book.add("placement_set_p50", sets.median, "us")
        book.add("placement_claim_p50", claims.median, "us")
        book.add("placement_claim_p99", claims.percentile(99), "us")
        book.add("placement_claim_ratio", claims.median / sets.median, "x", .atMost(2))

        let placed = try await node.usedBytes()
        book.add("placement_call_bytes", (placed - empty) / Double(calls), "B")
        for place in await node.keeper.places {
            node.keeper.save(place, sequence: 1, [UInt8](repeating: 7, count: pictureSize))
        }
        _ = try await node.client.ask(RedisCommand("PING"), timeout: .seconds(10))
        let saved = try await node.usedBytes()
        book.add("placement_redis_total", (saved - empty) / 1_048_576, "MiB")

        node.keeper.carry(MemberLoad(calls: UInt32(calls), sessions: UInt32(calls * 5)))
        let span = Duration.seconds(terms.isQuick ? 2 : 10)
        let before = try await node.commands()
        await node.loop.sleep(for: span)
        let asked = Double(try await node.commands() - before) - 1
        book.add("placement_idle_commands", asked / (span / .seconds(1)), "/s")
        await node.close()
    }

    /// Microseconds of a SET and of a claim, one after the other in turns.
    private static func claim(_ node: Node) async throws -> (Sample, Sample) {
        let times = Mutex<(sets: [Double], claims: [Double])>(([], []))
        let fault = Mutex<(any Error)?>(nil)
        await node.loop.begin {
            do {
                for number in 0..<calls {
                    guard let channel = Channel("channel\(number)") else { continue }
                    let began = Loop.readClock()
                    _ = try await node.client.ask(
                        RedisCommand("SET", "r1:{bench}:key", "a value of a few bytes")
                    )
                    let between = Loop.readClock()
                    guard case .mine = await node.keeper.claim(channel, above: nil) else {
                        throw DrillFault("a claim of \(channel) was not granted")
                    }
                    let ended = Loop.readClock()
                    times.withLock { times in
                        times.sets.append((between - began) / .microseconds(1))
                        times.claims.append((ended - between) / .microseconds(1))
                    }
                }
            } catch {
                fault.withLock { $0 = error }
            }
        }.value
        if let fault = fault.withLock({ $0 }) { throw fault }
        return times.withLock { (Sample($0.sets), Sample($0.claims)) }
    }

    private struct Node: Sendable {
        let loop: Loop
        let links: Links
        let client: RedisClient
        let keeper: ClusterKeeper

        init(_ place: RedisPlace) throws {
            guard let name = NodeName("bench") else { throw DrillFault("bench names no node") }
            loop = try Loop(name: "cluster")
            let resolver = try NameResolver(threads: 1)
            let member = MemberID(name: name, nonce: 1)
            links = Links(
                Links.Identity(cluster: "bench", member: member),
                loop: loop,
                security: try LinkSecurity(
                    secret: Secret("what nobody else will ever say"),
                    previous: nil
                ),
                resolver: resolver,
                pace: .lan,
                figures: LinkFigures(in: MetricRegistry()),
                log: .silent
            )
            let address = try links.listen(on: SocketAddress(ip: .loopback, port: 0))
            var rules = RedisRules()
            rules.answerTimeout = .seconds(1)
            client = RedisClient(place, loop: loop, resolver: resolver, rules: rules)
            keeper = ClusterKeeper(
                member,
                card: MemberCard(cluster: "\(address)"),
                pace: .lan,
                client: client,
                cluster: "bench",
                links: links,
                log: .silent
            ) { _ in }
        }

        func usedBytes() async throws -> Double {
            Double(try await fact("memory", "used_memory"))
        }

        func commands() async throws -> Int {
            try await fact("stats", "total_commands_processed")
        }

        private func fact(_ section: String, _ name: String) async throws -> Int {
            let text = try await client.ask(RedisCommand("INFO", section)).text ?? ""
            for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("\(name):") {
                if let number = Int(line.dropFirst(name.utf8.count + 1)) { return number }
            }
            throw DrillFault("redis-server does not tell its \(name)")
        }

        func close() async {
            await links.close()
            await client.close()
        }
    }
}
