internal import Basics
internal import Glibc
internal import IO
internal import Synchronization

/// What asking a Redis costs: one command after the other, and many at once.
///
/// Beside it stands the least that asking can cost here: a thread that sends the same bytes and waits
/// for the answer, with nothing in between.
enum RedisBench: Bench {
    static let name = "redis"
    static let summary = "commands to a Redis, alone and pipelined"

    static func run(_ terms: BenchTerms, into book: inout FigureBook) async throws {
        let redis = try RedisServer()
        defer { redis.end() }
        let loop = try Loop(name: "redis")
        defer { loop.stop() }
        var rules = RedisRules()
        rules.answerTimeout = .seconds(10)
        let client = RedisClient(
            redis.place,
            loop: loop,
            resolver: try NameResolver(threads: 1),
            rules: rules
        )
        try await redis.waitUntilReady(client)

        let count = terms.isQuick ? 2_000 : 20_000
        let floor = try bare(count, at: redis.address)
        book.add("redis_set_bare_p50", floor.median, "us")
        let alone = await oneByOne(count, client)
        book.add("redis_set_p50", alone.median, "us")
        book.add("redis_set_p99", alone.percentile(99), "us")
        book.add("redis_set_ratio", alone.median / floor.median, "x", .atMost(2))
        let awaited = try await oneByOneInTask(count, client)
        book.add("redis_set_awaited_p50", awaited.median, "us")
        let rate = await manyAtOnce(count * 20, inFlight: 500, client)
        book.add("redis_set_pipelined", rate, "/s", .atLeast(300_000))
        await client.close()
    }

    private static var set: RedisCommand {
        RedisCommand("SET", "r1:{bench}:key", "a value of a few bytes")
    }

    /// Microseconds from asking to the answer, each asked when the last was answered, on the client's
    /// own loop.
    private static func oneByOne(_ count: Int, _ client: RedisClient) async -> Sample {
        await withCheckedContinuation { done in
            let course = Course(count: count, inFlight: 1, client, done)
            client.loop.execute { course.begin() }
        }.sample
    }

    private static func oneByOneInTask(_ count: Int, _ client: RedisClient) async throws -> Sample {
        var times: [Double] = []
        let command = set
        for _ in 0..<count {
            let began = Loop.readClock()
            _ = try await client.ask(command)
            times.append((Loop.readClock() - began) / .microseconds(1))
        }
        return Sample(times)
    }

    /// How many a second, with so many under way at any time.
    private static func manyAtOnce(
        _ count: Int,
        inFlight: Int,
        _ client: RedisClient
    ) async -> Double {
        await withCheckedContinuation { done in
            let course = Course(count: count, inFlight: inFlight, client, done)
            client.loop.execute { course.begin() }
        }.rate
    }

    private static func bare(_ count: Int, at address: SocketAddress) throws -> Sample {
        let descriptor = try Socket.connect(to: address)
        defer { close(descriptor) }
        usleep(10_000)
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK)
        var bytes: [UInt8] = []
        set.write(to: &bytes)
        var room = [UInt8](repeating: 0, count: 64)
        var times: [Double] = []
        for _ in 0..<count {
            let began = Loop.readClock()
            let sent = unsafe send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            let received = unsafe recv(descriptor, &room, room.count, 0)
            guard sent == bytes.count, received == 5 else {
                throw DrillFault("redis-server did not answer a bare SET")
            }
            times.append((Loop.readClock() - began) / .microseconds(1))
        }
        return Sample(times)
    }

    /// Commands one behind the other, so many of them under way. Lives on the client's loop.
    private final class Course: @unchecked Sendable {
        struct Outcome: Sendable {
            var sample: Sample
            var rate: Double
        }

        private let count: Int
        private let inFlight: Int
        private let client: RedisClient
        private let command = RedisBench.set
        private let done: CheckedContinuation<Outcome, Never>
        private let began = Loop.readClock()
        private var asked = 0
        private var times: [Double] = []

        init(
            count: Int,
            inFlight: Int,
            _ client: RedisClient,
            _ done: CheckedContinuation<Outcome, Never>
        ) {
            self.count = count
            self.inFlight = inFlight
            self.client = client
            self.done = done
            times.reserveCapacity(count)
        }

        func begin() {
            for _ in 0..<inFlight { askNext() }
        }

        private func askNext() {
            guard asked < count else { return }
            asked += 1
            let began = Loop.readClock()
            client.ask(command) { [self] result, _ in
                precondition(result == .success(.status("OK")), "a SET on the loopback succeeds")
                let now = Loop.readClock()
                times.append((now - began) / .microseconds(1))
                guard times.count < count else {
                    let rate = Double(count) / ((now - self.began) / .seconds(1))
                    done.resume(returning: Outcome(sample: Sample(times), rate: rate))
                    return
                }
                askNext()
            }
        }
    }
}
