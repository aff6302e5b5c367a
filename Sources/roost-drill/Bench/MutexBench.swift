internal import Basics
internal import Cluster
internal import Coordination
internal import IO
internal import Synchronization

/// What a global mutex costs: taken and let go by one, and handed from node to node while many wait.
///
/// The nodes are three in this process, each with a loop and connections of its own. A bare SET by the
/// same client in the same run is what the first is held against.
enum MutexBench: Bench {
    static let name = "mutex"
    static let summary = "global mutexes, alone and with fifty who wait on three nodes"

    private static let cluster = "bench"

    static func run(_ terms: BenchTerms, into book: inout FigureBook) async throws {
        let redis = try RedisServer()
        defer { redis.end() }
        var nodes: [Node] = []
        for name in ["a", "b", "c"] { nodes.append(try Node(name, redis.place)) }
        defer { for node in nodes { node.loop.stop() } }
        for node in nodes { try await redis.waitUntilReady(node.client) }
        try await begin(nodes)

        let count = terms.isQuick ? 1_000 : 10_000
        let (sets, grabs) = try await alone(nodes[0], count)
        book.add("mutex_set_p50", sets.median, "us")
        book.add("mutex_grab_release_p50", grabs.median, "us")
        book.add("mutex_grab_release_p99", grabs.percentile(99), "us")
        book.add("mutex_grab_release_ratio", grabs.median / sets.median, "x", .atMost(3))

        let passes = try await handOver(nodes, waiting: 50, count)
        book.add("mutex_handover_p50", passes.median / 1_000, "ms")
        book.add("mutex_handover_p99", passes.percentile(99) / 1_000, "ms", .atMost(2))
        for node in nodes { await node.close() }
    }

    /// As the members of a cluster would agree upon, and long enough ago.
    private static func begin(_ nodes: [Node]) async throws {
        guard let run = await nodes[0].client.standing?.runID else {
            throw DrillFault("redis-server does not tell its run_id")
        }
        let key = "r1:{\(cluster)}:"
        _ = try await nodes[0].client.ask(RedisCommand("HSET", key + "gen", "gen", "1", "run", run))
        _ = try await nodes[0].client.ask(RedisCommand("HSET", key + "mx", "settled", "1"))
        for node in nodes { node.mutexes.follow(Generation(1)) }
    }

    /// Microseconds of a SET, and of a grab with its release, each asked when the last was answered, on
    /// the loop of both; in turns of fifty.
    private static func alone(_ node: Node, _ count: Int) async throws -> (Sample, Sample) {
        let (sets, grabs) = (Lap(), Lap())
        for _ in 0..<count / 50 {
            try await sets.run(50, on: node.loop) { next in
                let command = RedisCommand("SET", "r1:{\(cluster)}:key", "a value of a few bytes")
                node.client.ask(command) { result, _ in next(result.map { _ in }.mapError { $0 }) }
            }
            try await grabs.run(50, on: node.loop) { next in
                // What is released leaves with the next grab, and is done before it.
                node.mutexes.grab(.ensureBot) { result in
                    next(result.map { _ = node.mutexes.release($0) }.mapError { $0 })
                }
            }
        }
        return (sets.sample, grabs.sample)
    }

    /// Microseconds from the end of one who held to the beginning of the next, with so many who always want.
    private static func handOver(_ nodes: [Node], waiting: Int, _ count: Int) async throws -> Sample
    {
        let relay = Relay()
        let course = Course(count: count)
        await withTaskGroup { group in
            for index in 0..<waiting {
                let node = nodes[index % nodes.count]
                group.addTask {
                    await node.loop.begin {
                        await course.run {
                            try await node.mutexes.withMutex(.ensureBot, within: .seconds(60)) {
                                _ in
                                relay.pass()
                            }
                        }
                    }.value
                }
            }
        }
        try course.check()
        return relay.sample
    }

    private static let registryPrefix = "bench_"

    private struct Node: Sendable {
        let loop: Loop
        let client: RedisClient
        let subscriber: RedisSubscriber
        let mutexes: ClusterMutex

        init(_ name: String, _ place: RedisPlace) throws {
            guard let name = NodeName(name) else { throw DrillFault("\(name) names no node") }
            loop = try Loop(name: "node")
            var rules = RedisRules()
            rules.answerTimeout = .seconds(5)
            let resolver = try NameResolver(threads: 1)
            client = RedisClient(place, loop: loop, resolver: resolver, rules: rules)
            subscriber = RedisSubscriber(place, loop: loop, resolver: resolver, rules: rules)
            mutexes = ClusterMutex(
                MemberID(name: name, nonce: 1),
                cluster: MutexBench.cluster,
                gate: .ofOneAlone,
                client: client,
                subscriber: subscriber,
                terms: MutexTerms(),
                figures: MutexFigures(in: MetricRegistry(), prefix: MutexBench.registryPrefix),
                log: .silent
            )
        }

        func close() async {
            await mutexes.close()
            await client.close()
            await subscriber.close()
        }
    }

    /// Steps one after the other, each begun when the one before has ended, and what each took. The first
    /// of a run does not count: something else came before it.
    private final class Lap: Sendable {
        typealias Step =
            @Sendable (_ next: @escaping @Sendable (Result<Void, any Error>) -> Void) -> Void

        private let times = Mutex<[Double]>([])

        var sample: Sample { times.withLock { Sample($0) } }

        func run(_ count: Int, on loop: Loop, _ step: @escaping Step) async throws {
            try await withCheckedThrowingContinuation { done in
                loop.execute { [self] in take(0, of: count, step, done) }
            }
        }

        private func take(
            _ index: Int,
            of count: Int,
            _ step: @escaping Step,
            _ done: CheckedContinuation<Void, any Error>
        ) {
            guard index <= count else { return done.resume() }
            let began = Loop.readClock()
            step { [self] result in
                if case .failure(let fault) = result { return done.resume(throwing: fault) }
                let took = (Loop.readClock() - began) / .microseconds(1)
                if index > 0 { times.withLock { $0.append(took) } }
                take(index + 1, of: count, step, done)
            }
        }
    }

    /// Something done so often, by however many, until one fails.
    private final class Course: Sendable {
        private let left: Atomic<Int>
        private let fault = Mutex<(any Error)?>(nil)

        init(count: Int) {
            left = Atomic(count)
        }

        func run(_ step: @Sendable () async throws -> Void) async {
            do {
                while left.subtract(1, ordering: .relaxed).newValue >= 0 { try await step() }
            } catch {
                fault.withLock { $0 = $0 ?? error }
            }
        }

        func check() throws {
            if let fault = fault.withLock({ $0 }) { throw fault }
        }
    }

    /// When the last holder let go, and how long it took each time until the next began.
    private final class Relay: Sendable {
        private let state = Mutex<(left: Instant?, times: [Double])>((nil, []))

        func pass() {
            let began = Loop.readClock()
            state.withLock { state in
                if let left = state.left { state.times.append((began - left) / .microseconds(1)) }
                state.left = Loop.readClock()
            }
        }

        var sample: Sample { state.withLock { Sample($0.times) } }
    }
}
