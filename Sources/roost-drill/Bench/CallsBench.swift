internal import Basics
internal import Crypto
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
        book.add("calls_join_offer_cpu", cost, "us/join and offer")
        book.add("calls_join_p99", Sample(joins).percentile(99), "ms")

        let seconds = terms.isQuick ? 3 : 15
        let deeds = CallGuest.Deed.allCases
        var random = SecureRandom()
        let own = ProcessorTime.ofProcess
        before = try stage.processor()
        let outcome = try await stage.party.act(
            CallParty.Schedule(
                deeds: deeds,
                actors: (0..<people).shuffled(using: &random),
                perSecond: Double(people * deeds.count),
                count: people * deeds.count * seconds
            )
        )
        let used = try stage.processor() - before
        remark(outcome, in: &book)
        let share = (ProcessorTime.ofProcess - own) / .seconds(seconds) * 100
        book.remark("the party that says and hears all that took \(Figure.text(share)) % of a core")
        book.add("calls_event_p50", Sample(outcome.times).median, "ms")
        book.add("calls_event_p99", Sample(outcome.times).percentile(99), "ms", .atMost(10))
        book.add("calls_event_cpu", used / Double(seconds) * 100, "% of a core")
        book.add("calls_event_delivery_cpu", used / Double(outcome.heard) * 1e6, "us/delivery")
    }

    private static func remark(_ outcome: CallParty.Outcome, in book: inout FigureBook) {
        guard outcome.leftOut > 0 else { return }
        book.remark(
            "\(outcome.leftOut) of \(outcome.times.count) deeds were left out, since those before had "
                + "not come to all: the machine is too busy, and the figures are of a lesser load"
        )
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
        let outcome = try await stage.party.act(
            CallParty.Schedule(deeds: [.mute], actors: [people / 2], perSecond: 10, count: count)
        )
        let used = try stage.processor() - before
        remark(outcome, in: &book)
        book.add("calls_crowd_mute_p50", Sample(outcome.times).median, "ms")
        book.add("calls_crowd_mute_p99", Sample(outcome.times).percentile(99), "ms")
        book.add("calls_crowd_mute_delivery_cpu", used / Double(outcome.heard) * 1e6, "us/delivery")
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
        let before = try stage.processor()
        _ = try await stage.party.join(perSecond: 1_000, makingOffers: false)
        let cost = (try stage.processor() - before) / Double(people) * 1e6
        book.add("calls_join_cpu", cost, "us/join", .atMost(300))
        sleep(2)
        let inCalls = try ProcessReading.residentBytes(of: stage.server.pid)
        let whole = (inCalls - connected) / Double(people)
        let media = try measureWaitingMedia(terms, people: people)
        book.add("calls_participant_resident", whole / 1_024, "KiB/participant")
        book.add("calls_participant_media_resident", media / 1_024, "KiB/participant")
        book.add(
            "calls_participant_control_resident",
            (whole - media) / 1_024,
            "KiB/participant",
            .atMost(8)
        )
    }

    /// Resident bytes of one who waits in media alone, without an offer: what a guest at the test door
    /// takes more than a websocket that is in no call.
    private static func measureWaitingMedia(
        _ terms: BenchTerms,
        people: Int
    ) throws -> Double {
        let server = try RoostServer(terms.roost, settings: ["media.test_door=true"])
        defer { server.end() }
        try server.waitUntilReady()
        let echo = try Crowd(at: server.address, path: "/diagnostics/echo")
        defer { echo.end() }
        let guests = try Crowd(at: server.address, path: "/diagnostics/call/", perRoom: 10)
        defer { guests.end() }
        var readings = [try ProcessReading.residentBytes(of: server.pid)]
        // The first stay while the second come, who else would get their memory.
        for crowd in [echo, guests] {
            try crowd.grow(by: people)
            sleep(2)
            readings.append(try ProcessReading.residentBytes(of: server.pid))
        }
        return (readings[2] - readings[1] - (readings[1] - readings[0])) / Double(people)
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

    /// Seconds of processor time that all but media has taken until now: sockets and calls, and the
    /// store.
    func processor() throws -> Double {
        try ProcessReading.cpuSeconds(of: server.pid, threads: ["loop-", "store"])
    }

    func end() {
        party.end()
        server.end()
    }
}
