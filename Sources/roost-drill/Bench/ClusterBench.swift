internal import Basics
internal import Cluster
internal import Coordination
internal import Distributed
internal import IO
internal import Synchronization
internal import Wire

/// What it costs to speak to an actor of another node: two nodes' links and actors, in this process.
enum ClusterBench: Bench {
    static let name = "cluster"
    static let summary = "calls and letters from node to node"

    static func run(_ terms: BenchTerms, into book: inout FigureBook) async throws {
        let (a, b) = (try await End("a"), try await End("b"))
        await a.links.expect([b.system.member: b.address.description])
        await b.links.expect([a.system.member: a.address.description])
        while a.system.neighbours.isEmpty || b.system.neighbours.isEmpty {
            await a.loop.sleep(for: .milliseconds(5))
        }
        let here = b.system.make(.node) { Echo(actorSystem: b.system) }
        let there = try Echo.resolve(id: here.id, using: a.system)
        let count = terms.isQuick ? 2_000 : 20_000

        var waits: [Double] = []
        _ = try await there.echo(0)
        for number in 0..<count / 4 {
            let asked = Loop.readClock()
            _ = try await there.echo(number)
            waits.append((Loop.readClock() - asked) / .milliseconds(1))
        }
        waits.sort()
        book.add("cluster_call_p50", waits[waits.count / 2], "ms")
        book.add("cluster_call_p99", waits[waits.count * 99 / 100], "ms", .atMost(1))

        try await speak(terms, from: a, to: b, into: &book)

        for lanes in [64, 1_024] {
            let (cost, rate) = try await ask(there, count * 5, lanes: lanes)
            let name = lanes == 64 ? "" : "_of_\(lanes)"
            book.add("cluster_call_cpu\(name)", cost, "us", .atMost(60))
            book.add("cluster_calls\(name)", rate, "/s")
        }

        let box = LetterCount()
        b.system.open(.node, box)
        let letters = count * 10
        let posting = Loop.readClock()
        let before = ProcessorTime.ofProcess
        for number in 0..<letters {
            a.system.post(number, to: here.id)
            // As many as may wait on a link, and no more.
            while number - box.count > 8_000 { await a.loop.sleep(for: .milliseconds(1)) }
        }
        while box.count < letters { await a.loop.sleep(for: .milliseconds(1)) }
        let letterCost = (ProcessorTime.ofProcess - before) / .microseconds(1) / Double(letters)
        book.add("cluster_letter_cpu", letterCost, "us", .atMost(20))
        let span = (Loop.readClock() - posting) / .seconds(1)
        book.add("cluster_letters", Double(letters) / span, "/s")
        await a.close()
        await b.close()
    }

    /// What a relayed word is later than one on the call's own node: from saying it until it is heard, of
    /// nodes that have nothing else to say.
    private static func speak(
        _ terms: BenchTerms,
        from a: End,
        to b: End,
        into book: inout FigureBook
    ) async throws {
        let clock = LetterClock()
        b.system.open(.session("clock"), clock)
        let address = ActorAddress(.session("clock"), at: b.system.member)
        for number in 0..<(terms.isQuick ? 500 : 3_000) {
            a.system.post(Loop.readClock().nanoseconds, to: address)
            while clock.waits.count <= number { await a.loop.sleep(for: .milliseconds(1)) }
        }
        let waits = clock.waits.sorted()
        book.add("cluster_word_p50", waits[waits.count / 2], "ms")
        book.add("cluster_word_p99", waits[waits.count * 99 / 100], "ms", .atMost(1))
    }

    /// Microseconds of processor time a call, and calls a second, with so many under way at once.
    private static func ask(
        _ there: Echo,
        _ count: Int,
        lanes: Int
    ) async throws -> (cost: Double, rate: Double) {
        let began = Loop.readClock()
        let spent = ProcessorTime.ofProcess
        try await withThrowingTaskGroup { group in
            for lane in 0..<lanes {
                group.addTask {
                    for number in 0..<count / lanes { _ = try await there.echo(lane &+ number) }
                }
            }
            try await group.waitForAll()
        }
        let calls = Double(count / lanes * lanes)
        let cost = (ProcessorTime.ofProcess - spent) / .microseconds(1) / calls
        return (cost, calls / ((Loop.readClock() - began) / .seconds(1)))
    }

    private final class End: Sendable {
        let loop: Loop
        let links: Links
        let system: ClusterSystem
        let address: SocketAddress

        init(_ name: String) async throws {
            guard let node = NodeName(name) else { throw Failure.badName(name) }
            loop = try Loop(name: "bench")
            let member = MemberID(name: node, nonce: 1)
            links = Links(
                Links.Identity(cluster: "bench", member: member),
                loop: loop,
                security: try LinkSecurity(
                    secret: Secret("only for a bench, and long enough"),
                    previous: nil
                ),
                resolver: try NameResolver(threads: 1),
                pace: .lan,
                figures: LinkFigures(in: MetricRegistry()),
                log: .silent
            )
            system = ClusterSystem(member, links: links)
            address = try links.listen(on: SocketAddress(ip: .loopback, port: 0))
            await system.learn(Echo.self)
        }

        func close() async {
            await links.close()
            loop.stop()
        }
    }

    enum Failure: Error {
        case badName(String)
    }
}

/// Answers with what it is asked.
private distributed actor Echo: WireNamed {
    typealias ActorSystem = ClusterSystem

    static let wireType: UInt64 = 901
    static var wireNames: [WireName<Echo>] { [WireName(1) { _ = try await $0.echo(0) }] }

    distributed func echo(_ number: Int) -> Int { number }
}

/// How long letters that say when they were written were on their way, in milliseconds.
private final class LetterClock: LetterReceiver {
    private let heard = Mutex<[Double]>([])

    var waits: [Double] { heard.withLock { $0 } }

    func receive(_ content: [UInt8], from sender: MemberID) {
        do {
            let written = try Int64(packed: content)
            let wait = Loop.readClock() - Instant(nanoseconds: written)
            heard.withLock { $0.append(wait / .milliseconds(1)) }
        } catch {
            preconditionFailure("a letter of our own can't be read: \(error)")
        }
    }
}

private final class LetterCount: LetterReceiver {
    private let number = Atomic<Int>(0)

    var count: Int { number.load(ordering: .relaxed) }

    func receive(_ content: [UInt8], from sender: MemberID) {
        number.add(1, ordering: .relaxed)
    }
}
