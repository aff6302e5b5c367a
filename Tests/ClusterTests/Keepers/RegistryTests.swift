import Basics
import Cluster
import Coordination
import IO
import Rehearsal
import Testing

@Suite struct `The registry in Redis` {
    /// Ten thousand random requests, most of them about something that is there.
    @Test func `answers as its simulation does, whatever is asked`() async throws {
        let desk = try await Desk()
        var model = SimulatedRedis(run: desk.run)
        var asker = Asker(run: desk.run, seed: 6)
        var tally: [String: Int] = [:]
        for step in 0..<10_000 {
            let request = asker.next()
            let expected = model.answer(request)
            let answer = try await desk.ask(request)
            try #require(answer == expected, "step \(step): \(request.order)")
            asker.learn(from: answer, to: request)
            tally["\(answer)".prefix { $0 != "(" }.description, default: 0] += 1
        }
        // A walk that is refused everywhere would show nothing.
        for word in ["table", "placed", "occupied", "taken", "asserted", "evicted", "done"] {
            #expect(tally[word, default: 0] > 20, "\(word): \(tally[word, default: 0]) of 10000")
        }
        await desk.close()
    }

    @Test func `leaves out rows that somebody has spoilt`() async throws {
        let desk = try await Desk()
        let crow = MemberID(name: try #require(NodeName("crow")), nonce: 1)
        #expect(try await desk.ask(.raise) == .done)
        let registration = Registration(
            member: crow,
            life: .first,
            incarnation: .first,
            sequence: 1,
            load: MemberLoad(calls: 3, sessions: 9, callLimit: 100),
            card: MemberCard(cluster: "10.0.0.1:8066", web: "https://crow.example\nx: y")
        )
        _ = try await desk.ask(.register(registration))
        for spoilt in ["", "u", "u 1 1 1", "u 1 1 1 1 0 0 0 0 0 0 0 -1", "\u{0}\u{1}"] {
            try await desk.server.ask("HSET", "r1:{test}:members", "daw#00000000000000aa", spoilt)
            try await desk.server.ask("HSET", "r1:{test}:members", "nobody", spoilt)
            try await desk.server.ask("HSET", "r1:{test}:cards", "daw#00000000000000aa", spoilt)
            guard case .table(let table, _) = try await desk.ask(.register(registration)) else {
                Issue.record("no table beside \(spoilt.debugDescription)")
                continue
            }
            #expect(table.rows.map(\.member) == [crow])
            #expect(table[crow]?.record.load.sessions == 9)
            guard case .cards(let cards) = try await desk.ask(.readCards) else {
                Issue.record("no cards beside \(spoilt.debugDescription)")
                continue
            }
            #expect(cards.keys.sorted() == [crow])
            #expect(cards[crow]?.web == "https://crow.examplex: y")
        }
        await desk.close()
    }

    @Test func `lets nobody past the gate who believes in another history`() async throws {
        let desk = try await Desk()
        #expect(try await desk.ask(.readCards) == .stale(nil, nil))
        #expect(try await desk.ask(.raise) == .done)
        #expect(try await desk.ask(.readCards) == .cards([:]))
        let other = try #require(RedisRun("abcdef"))
        let stale = RegistryAnswer.stale(Generation(1), desk.run)
        #expect(
            try await desk.ask(
                RegistryRequest(generation: Generation(1), run: other, order: .readCards)
            ) == stale
        )
        #expect(try await desk.ask(.raise) == stale)
        await desk.close()
    }

    @Test func `says that Redis won't when Redis says so`() async throws {
        let desk = try await Desk()
        #expect(try await desk.ask(.raise) == .done)
        let registration = Registration(
            member: MemberID(name: try #require(NodeName("crow")), nonce: 1),
            life: .first,
            incarnation: .first,
            sequence: 1,
            load: .none,
            card: MemberCard(cluster: "10.0.0.1:8066")
        )
        try await desk.server.ask("CONFIG", "SET", "maxmemory", "1")
        await #expect {
            try await desk.ask(.register(registration))
        } throws: { fault in
            guard case RegistryFault.unwilling(let why) = fault else { return false }
            return why.contains("maxmemory")
        }
        await desk.close()
    }
}

/// A registry in a Redis of its own, asked in turn.
private struct Desk {
    let server: StoreServer
    let client: RedisClient
    let registry: Registry
    let run: RedisRun

    init() async throws {
        server = try StoreServer()
        // What is asked here may wait for a processor, too.
        var rules = RedisRules()
        rules.answerTimeout = .seconds(20)
        client = RedisClient(
            try RedisPlace("redis://127.0.0.1:\(server.port)"),
            loop: server.loop,
            resolver: server.resolver,
            rules: rules
        )
        registry = Registry(cluster: "test", client: client)
        _ = try await client.ask(RedisCommand("PING"), timeout: .seconds(5))
        run = try #require(await client.standing?.runID.flatMap { RedisRun($0) })
    }

    func ask(_ order: RegistryOrder) async throws -> RegistryAnswer {
        try await ask(RegistryRequest(generation: Generation(1), run: run, order: order))
    }

    func ask(_ request: RegistryRequest) async throws -> RegistryAnswer {
        try await withCheckedThrowingContinuation { continuation in
            registry.ask(request) { result, _ in
                continuation.resume(with: result)
            }
        }
    }

    func close() async {
        await client.close()
    }
}

/// Thinks of requests, most of them about what is there.
private struct Asker {
    static let names = ["crow", "daw", "jay"].compactMap { NodeName($0) }

    private let run: RedisRun
    private var random: SeededRandom
    private var generation = Generation(1)
    private let members: [MemberID]
    private let channels = (0..<12).compactMap { Channel("channel-\($0)") }
    private var places: [HostedPlace] = []
    private var table = MemberTable(view: 0, rows: [])

    init(run: RedisRun, seed: UInt64) {
        self.run = run
        random = SeededRandom(seed: seed)
        members = Self.names.flatMap { name in
            (1...2).map { MemberID(name: name, nonce: UInt64($0)) }
        }
    }

    mutating func next() -> RegistryRequest {
        let isLost = chance(outOf: 60)
        return RegistryRequest(
            generation: isLost ? Generation(generation.rawValue &- 1) : generation,
            run: isLost ? (RedisRun("ab") ?? run) : run,
            order: order()
        )
    }

    mutating func learn(from answer: RegistryAnswer, to request: RegistryRequest) {
        switch answer {
        case .table(let table, _), .namesake(_, let table): self.table = table
        case .placed(let token):
            switch request.order {
            case .place(let channel, _, _, _): note(HostedPlace(channel: channel, token: token))
            case .finishMove(let place):
                note(HostedPlace(channel: place.channel, token: token))
            default: break
            }
        case .taken(let taken):
            for place in taken { note(HostedPlace(channel: place.channel, token: place.token)) }
        case .done:
            if case .raise = request.order { generation = request.generation }
        case .stale, .cards, .unregistered, .evicted, .refused, .occupied, .asserted, .listed:
            break
        }
    }

    private mutating func note(_ place: HostedPlace) {
        places.append(place)
        if places.count > 12 { places.removeFirst() }
    }

    private mutating func order() -> RegistryOrder {
        let (member, life) = someone()
        switch Int.random(in: 0..<40, using: &random) {
        case 0: return chance(outOf: 4) ? .raise : .readCards
        case 1...6: return .register(registration(member, life))
        case 7...12:
            return .renew(
                Renewal(
                    member: member,
                    life: life,
                    incarnation: .first,
                    sequence: small(),
                    seen: small(),
                    asserted: generation,
                    load: load()
                )
            )
        case 13: return .bump(member, life, to: Incarnation(small()))
        case 14: return .drain(member, life, Bool.random(using: &random))
        case 15: return .leave(member, life)
        case 16, 17, 18: return .evict(eviction())
        case 19: return .bury(member, life)
        case 20...26:
            return .place(channel(), member, life, above: chance(outOf: 4) ? token() : nil)
        case 27, 28: return .reassert(member, life, severalPlaces())
        case 29, 30, 31:
            return .takeOver(member, life, from: someone().0, [channel(), channel()])
        case 32, 33: return .end(member, place())
        case 34: return .list(member, from: 0)
        case 35:
            let target = someone()
            return .beginMove(place(), to: target.0, target.1)
        case 36: return .finishMove(place())
        case 37: return .abortMove(place())
        default:
            return .save(
                place(),
                sequence: small(),
                [1, 10, 0, UInt8(truncatingIfNeeded: small())]
            )
        }
    }

    private mutating func registration(_ member: MemberID, _ life: Life) -> Registration {
        Registration(
            member: member,
            life: life,
            incarnation: Incarnation(small()),
            sequence: small(),
            asserted: chance(outOf: 2) ? generation : .none,
            load: load(),
            card: MemberCard(cluster: "\(member.name):\(small())", newestVersion: 3),
            replaces: chance(outOf: 3) ? eviction() : nil
        )
    }

    private mutating func eviction() -> Eviction {
        guard let row = table.rows.randomElement(using: &random), !chance(outOf: 5) else {
            let (member, life) = someone()
            return Eviction(
                member: member,
                life: life,
                incarnation: .first,
                sequence: small(),
                view: table.view
            )
        }
        return Eviction(
            member: row.member,
            life: row.record.life,
            incarnation: row.record.incarnation,
            sequence: row.record.sequence,
            view: table.view
        )
    }

    /// A member, mostly in the life in which it was last seen.
    private mutating func someone() -> (MemberID, Life) {
        let member = members.randomElement(using: &random) ?? members[0]
        guard let life = table[member]?.record.life, !chance(outOf: 5) else {
            return (member, Life(UInt64.random(in: 1...4, using: &random)))
        }
        return (member, life)
    }

    /// Of different channels, as nobody hosts one twice.
    private mutating func severalPlaces() -> [HostedPlace] {
        var places: [HostedPlace] = []
        for _ in 0..<3 {
            let place = place()
            if !places.contains(where: { $0.channel == place.channel }) { places.append(place) }
        }
        return places
    }

    private mutating func place() -> HostedPlace {
        guard !chance(outOf: 5), let place = places.randomElement(using: &random) else {
            return HostedPlace(channel: channel(), token: token())
        }
        return place
    }

    private mutating func token() -> Token {
        Token(
            generation: Generation(UInt64.random(in: 1...generation.rawValue + 1, using: &random)),
            count: small()
        )
    }

    private mutating func channel() -> Channel {
        channels.randomElement(using: &random) ?? channels[0]
    }

    private mutating func load() -> MemberLoad {
        MemberLoad(calls: UInt32(small()), sessions: UInt32(small()), isMarked: chance(outOf: 2))
    }

    private mutating func small() -> UInt64 { UInt64.random(in: 1...40, using: &random) }

    private mutating func chance(outOf count: Int) -> Bool {
        Int.random(in: 0..<count, using: &random) == 0
    }
}
