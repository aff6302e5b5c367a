import Basics
import Cluster
import Coordination
import Crypto
import IO
import Testing

/// A node that is nothing but its mutexes.
final class MutexNode: Sendable {
    let loop: Loop
    let member: MemberID
    let client: RedisClient
    let subscriber: RedisSubscriber
    let mutexes: ClusterMutex
    let metrics = MetricRegistry()

    static let cluster = "test"

    init(
        _ name: String,
        _ server: StoreServer,
        _ terms: MutexTerms = MutexTerms(),
        gate: HoldGate = .ofOneAlone
    ) throws {
        loop = try Loop()
        member = MemberID(name: try #require(NodeName(name)), nonce: 1)
        var rules = RedisRules()
        rules.answerTimeout = .seconds(1)
        let resolver = try NameResolver(threads: 1)
        let place = try RedisPlace("redis://127.0.0.1:\(server.port)")
        client = RedisClient(place, loop: loop, resolver: resolver, rules: rules)
        subscriber = RedisSubscriber(place, loop: loop, resolver: resolver, rules: rules)
        mutexes = ClusterMutex(
            member,
            cluster: Self.cluster,
            gate: gate,
            client: client,
            subscriber: subscriber,
            terms: terms,
            figures: MutexFigures(in: metrics, prefix: "x_"),
            log: .silent
        )
    }

    /// Begins a generation, as the members of a cluster would agree.
    func raise(_ generation: UInt64, isSettled: Bool = true) async throws {
        let run = try await run().description
        let gen = RedisCommand("HSET", key("gen"), "gen", "\(generation)", "run", run)
        _ = try await client.ask(gen)
        if isSettled {
            _ = try await client.ask(RedisCommand("HSET", key("mx"), "settled", "\(generation)"))
        }
    }

    /// The run of the Redis that it is connected to.
    func run() async throws -> RedisRun {
        _ = try await client.ask(RedisCommand("PING"), timeout: .seconds(5))
        return try #require((await client.standing?.runID).flatMap { RedisRun($0) })
    }

    func key(_ name: String) -> String { "r1:{\(Self.cluster)}:\(name)" }

    /// As a process that is killed: nothing more is said to Redis.
    func die() async {
        await client.close()
        await subscriber.close()
    }

    func close() async {
        await mutexes.close()
        await die()
        loop.stop()
    }

    func metricsText() -> String { String(decoding: metrics.render(), as: UTF8.self) }

    /// Nodes of one cluster, with a generation that is settled.
    static func three(
        _ server: StoreServer,
        _ terms: MutexTerms = MutexTerms()
    ) async throws -> [MutexNode] {
        let nodes = try ["a", "b", "c"].map { try MutexNode($0, server, terms) }
        try await nodes[0].raise(1)
        for node in nodes { node.mutexes.follow(Generation(1)) }
        return nodes
    }
}

extension MutexRegistry {
    func ask(_ request: MutexRequest) async throws -> MutexAnswer {
        try await withCheckedThrowingContinuation { answer in
            ask(request) { result, _ in answer.resume(with: result.mapError { $0 as any Error }) }
        }
    }
}
