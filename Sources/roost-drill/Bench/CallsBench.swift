internal import Basics
internal import Glibc
internal import IO

/// What calls cost beside media: joining, telling everybody, and staying.
///
/// Nobody sends a packet. Where it takes longer than ten seconds, participants make an offer that nothing
/// follows, so that the node keeps them; what its media threads do about that is not counted.
enum CallsBench: Bench {
    static let name = "calls"
    static let summary = "joins, events and memory of calls, without their media"

    static func run(_ terms: BenchTerms, into book: inout FigureBook) async throws {
        try await measureBusyCalls(terms, into: &book)
        try await measureCrowd(terms, into: &book)
        try await measureRest(terms, into: &book)
    }

    // MARK: - Many small calls

    /// A hundred calls of ten people, each of whom mutes or unmutes, raises or lowers a hand and reacts
    /// once a second.
    private static func measureBusyCalls(
        _ terms: BenchTerms,
        into book: inout FigureBook
    ) async throws {
        let people = terms.isQuick ? 200 : 1_000
        let stage = try await Stage(terms, people: people, perCall: 10)
        defer { stage.end() }
        try await stage.party.connect()
        var before = try stage.processor()
        let joins = try await stage.party.join(perSecond: 500, makingOffers: true)
        let cost = (try stage.processor() - before) / Double(people) * 1e6
        // What an offer costs to read is in it, its handshake is not.
        book.add("calls_join_cpu", cost, "us/join", .atMost(300))
        book.add("calls_join_p99", Sample(joins).percentile(99), "ms")

        let seconds = terms.isQuick ? 3 : 15
        let deeds = CallGuest.Deed.allCases
        before = try stage.processor()
        let (times, heard) = try await stage.party.act(
            CallParty.Schedule(
                deeds: deeds,
                actors: (0..<people).shuffled(),
                perSecond: Double(people * deeds.count),
                count: people * deeds.count * seconds
            )
        )
        let used = try stage.processor() - before
        book.add("calls_event_p50", Sample(times).median, "ms")
        book.add("calls_event_p99", Sample(times).percentile(99), "ms", .atMost(10))
        book.add("calls_event_cpu", used / Double(seconds) * 100, "% of a core")
        book.add("calls_event_delivery_cpu", used / Double(heard) * 1e6, "us/delivery")
    }

    // MARK: - One large call

    /// A thousand people join one call within ten seconds, as browsers do, with compression; then one
    /// of them mutes and unmutes.
    private static func measureCrowd(
        _ terms: BenchTerms,
        into book: inout FigureBook
    ) async throws {
        let people = terms.isQuick ? 200 : 1_000
        let stage = try await Stage(terms, people: people, perCall: people, offersDeflate: true)
        defer { stage.end() }
        try await stage.party.connect()
        var before = try stage.processor()
        let joins = try await stage.party.join(perSecond: 100, makingOffers: true)
        let cost = (try stage.processor() - before) / Double(people) * 1e3
        book.add("calls_crowd_join_p50", Sample(joins).median, "ms")
        book.add("calls_crowd_join_p99", Sample(joins).percentile(99), "ms", .atMost(1_000))
        book.add("calls_crowd_join_cpu", cost, "ms/join")

        let count = terms.isQuick ? 20 : 100
        before = try stage.processor()
        let (times, heard) = try await stage.party.act(
            CallParty.Schedule(deeds: [.mute], actors: [people / 2], perSecond: 10, count: count)
        )
        let used = try stage.processor() - before
        book.add("calls_crowd_mute_p50", Sample(times).median, "ms")
        book.add("calls_crowd_mute_p99", Sample(times).percentile(99), "ms")
        book.add("calls_crowd_mute_delivery_cpu", used / Double(heard) * 1e6, "us/delivery")
    }

    // MARK: - Idle participants

    /// Resident memory of people who are connected, and what being in a call of ten adds to it. All join
    /// and are counted within the ten seconds for which the node waits for an offer.
    private static func measureRest(
        _ terms: BenchTerms,
        into book: inout FigureBook
    ) async throws {
        let people = terms.isQuick ? 500 : 2_000
        let stage = try await Stage(terms, people: people, perCall: 10)
        defer { stage.end() }
        let alone = try ProcessReading.residentBytes(of: stage.server.pid)
        try await stage.party.connect()
        sleep(2)
        let connected = try ProcessReading.residentBytes(of: stage.server.pid)
        book.add(
            "calls_connected_resident",
            (connected - alone) / Double(people) / 1_024,
            "KiB/person"
        )
        _ = try await stage.party.join(perSecond: 1_000, makingOffers: false)
        sleep(2)
        let inCalls = try ProcessReading.residentBytes(of: stage.server.pid)
        book.add(
            "calls_participant_resident",
            (inCalls - connected) / Double(people) / 1_024,
            "KiB/participant",
            .atMost(8)
        )
    }
}

/// A node, and people who may each see one channel.
private struct Stage {
    let server: RoostServer
    let party: CallParty

    init(
        _ terms: BenchTerms,
        people: Int,
        perCall: Int,
        offersDeflate: Bool = false
    ) async throws {
        server = try RoostServer(
            terms.roost,
            settings: ["websocket.messages_per_second=100000", "websocket.burst=100000"],
            file: CallPasses.settings
        )
        do {
            try server.waitUntilReady()
            party = try CallParty(
                at: server.address,
                people: people,
                perCall: perCall,
                offersDeflate: offersDeflate,
                passes: try CallPasses()
            )
        } catch {
            server.end()
            throw error
        }
    }

    /// Seconds of processor time that all but media has taken until now.
    func processor() throws -> Double {
        try ProcessReading.cpuSeconds(of: server.pid, without: "media")
    }

    func end() {
        party.end()
        server.end()
    }
}
