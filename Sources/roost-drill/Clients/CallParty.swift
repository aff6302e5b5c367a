internal import Basics
internal import Crypto
internal import Glibc
internal import IO
internal import Wire

/// People in calls, so many in each: all their websockets on one loop, which notes when who has heard what.
///
/// The clock of a deed runs from the moment before it is said to the moment at which the last of the call
/// has read of it, the one who did it included. Both are read on the party's loop, so that its own turns
/// are in it.
final class CallParty: @unchecked Sendable {
    /// What the party does next, at an even pace.
    struct Schedule: Sendable {
        var deeds: [CallGuest.Deed]
        /// By their places in the party.
        var actors: [Int]
        /// Of all actors together.
        var perSecond: Double
        var count: Int
    }

    private let loop: Loop
    private let address: SocketAddress
    private let perCall: Int
    private let offersDeflate: Bool
    private let codec = DeflateCodec()

    // On the loop.
    private let guests: [CallGuest]
    private var bySession: [Identifier: Int] = [:]
    private var fault: String?
    private var opened = 0
    private var opening = 0
    private var known = 0
    private var joined = 0
    private var makesOffers = false
    private var times: [Double] = []
    private var heard = 0
    private var leftOut = 0
    private var pending = 0

    /// So many people, the first few in one call, the next in another.
    init(
        at address: SocketAddress,
        people: Int,
        perCall: Int,
        offersDeflate: Bool = false,
        passes: CallPasses
    ) throws {
        loop = try Loop(index: 0, name: "party")
        self.address = address
        self.perCall = perCall
        self.offersDeflate = offersDeflate
        var random = SecureRandom()
        var channel = ""
        var guests: [CallGuest] = []
        for index in 0..<people {
            if index % perCall == 0 { channel = Identifier(using: &random).description }
            let token = try passes.pass(for: "guest \(index)", into: channel)
            guests.append(CallGuest(token: token, channel: channel))
        }
        self.guests = guests
    }

    var count: Int { guests.count }

    /// Opens all websockets, and returns when everybody has been greeted.
    func connect() async throws {
        await ask { $0.open() }
        try await wait("were greeted") { $0.known }
    }

    /// Everybody joins, at this pace; answers how many milliseconds it took each to have the call's state.
    func join(perSecond: Double, makingOffers: Bool) async throws -> [Double] {
        await ask { party in
            party.makesOffers = makingOffers
            party.times = []
            party.pace(perSecond, party.count) { party.guests[$0].join() }
        }
        try await wait("have joined") { $0.joined }
        return await ask { $0.times }
    }

    /// What came of a schedule.
    struct Outcome: Sendable {
        /// How many milliseconds it took until the last had heard of each deed.
        var times: [Double]
        /// How many events were heard meanwhile.
        var heard: Int
        /// Deeds that were not done, since the one before had not come to all yet. Each counts among the
        /// times with what that one had taken by then.
        var leftOut: Int
    }

    func act(_ schedule: Schedule) async throws -> Outcome {
        await ask { party in
            party.times = []
            party.heard = 0
            party.leftOut = 0
            party.pace(schedule.perSecond, schedule.count) { party.act($0, of: schedule) }
        }
        try await wait("deeds were heard by all", of: schedule.count) { $0.times.count }
        return await ask {
            Outcome(times: $0.times, heard: $0.heard, leftOut: $0.leftOut)
        }
    }

    func end() {
        loop.execute { [self] in
            for guest in guests { guest.socket = nil }
        }
        loop.stop()
    }

    // MARK: - On the loop

    private func ask<Answer: Sendable>(
        _ body: @escaping @Sendable (CallParty) -> Answer
    ) async -> Answer {
        await withCheckedContinuation { done in
            loop.execute { done.resume(returning: body(self)) }
        }
    }

    private func wait(
        _ what: String,
        of goal: Int? = nil,
        _ count: @escaping @Sendable (CallParty) -> Int
    ) async throws {
        let goal = goal ?? guests.count
        let end = Loop.readClock() + .seconds(120)
        while true {
            let (now, fault) = await ask { (count($0), $0.fault) }
            if let fault { throw DrillFault("a websocket could not be held: \(fault)") }
            if now >= goal { return }
            guard Loop.readClock() < end else {
                throw DrillFault("after two minutes \(now) of \(goal) \(what)")
            }
            usleep(20_000)
        }
    }

    /// Does something so often, evenly; what a late turn has left out is made up for.
    private func pace(_ perSecond: Double, _ count: Int, _ step: @escaping (Int) -> Void) {
        let began = Loop.readClock()
        var done = 0
        func tick() {
            let due = Int((Loop.readClock() - began) / .seconds(1) * perSecond) + 1
            while done < min(due, count) {
                step(done)
                done += 1
            }
            guard done < count, fault == nil else { return }
            loop.schedule(at: loop.now + .milliseconds(1), Unshared(tick).call)
        }
        tick()
    }

    /// A closure that stays on the loop.
    private struct Unshared: @unchecked Sendable {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
        var call: @Sendable () -> Void { { body() } }
    }

    private func open() {
        while opened < guests.count, opening < Self.atOnce {
            let index = opened
            opened += 1
            opening += 1
            do {
                guests[index].socket = try SocketClient(
                    to: address,
                    from: IPAddress(v4: 0x7F00_0002 + UInt32(index / Self.perAddress)),
                    path: "/api/v4/websocket?connection_id=&sequence_number=0",
                    fields: ["Authorization: Bearer \(guests[index].token)"],
                    offersDeflate: offersDeflate,
                    loop: loop,
                    codec: codec,
                    tell: { [unowned self] in hear($0, index) }
                )
            } catch {
                fault = "\(error)"
            }
        }
    }

    private func act(_ step: Int, of schedule: Schedule) {
        let guest = guests[schedule.actors[step % schedule.actors.count]]
        let deed = schedule.deeds[step / schedule.actors.count % schedule.deeds.count]
        if let pending = guest.pending[deed.rawValue] {
            leftOut += 1
            times.append((Loop.readClock() - pending.done) / .milliseconds(1))
            return
        }
        guest.act(deed, hearers: perCall)
    }

    private func hear(_ news: SocketClient.News, _ index: Int) {
        switch news {
        case .opened: break
        case .ended(let why): fault = why
        case .text(let text): hear(text.span, guests[index], index)
        }
    }

    /// Events are far too many to be taken apart: only what is looked for in them is read.
    private func hear(_ text: Span<UInt8>, _ guest: CallGuest, _ index: Int) {
        let start = Self.opening.count
        guard text.count > start + 4, Self.stands(Self.opening, in: text, at: 0) else {
            return hearHello(text, guest, index)
        }
        switch text[start] {
        // user_joined, and user_left: all that is done about them is to have read them.
        case UInt8(ascii: "u") where text[start + 5] == UInt8(ascii: "j"): return
        case UInt8(ascii: "u"): break
        default: return hear(Self.word(in: text, from: start), text, guest)
        }
        if let deed = CallGuest.Deed(event: Self.word(in: text, from: start)) {
            hear(of: deed, text)
        }
    }

    /// The first word on a websocket; nothing else is without the prefix that events of calls have.
    private func hearHello(_ text: Span<UInt8>, _ guest: CallGuest, _ index: Int) {
        guard guest.session == nil, let id = Self.value(of: Self.connection, in: text) else {
            return
        }
        guest.session = id
        bySession[id] = index
        known += 1
        opening -= 1
        open()
    }

    private func hear(_ name: String, _ text: Span<UInt8>, _ guest: CallGuest) {
        switch name {
        case "join":
            if makesOffers { guest.socket?.say(binary: CallOffer.frame) }
        case "call_state":
            guard !guest.isIn, let asked = guest.asked else { return }
            guest.isIn = true
            joined += 1
            times.append((Loop.readClock() - asked) / .milliseconds(1))
        case "error":
            let bytes = (0..<min(text.count, 300)).map { text[$0] }
            fault = "the node says \(String(decoding: bytes, as: UTF8.self))"
        default: break
        }
    }

    private func hear(of deed: CallGuest.Deed, _ text: Span<UInt8>) {
        heard += 1
        guard let id = Self.value(of: Self.session, in: text), let index = bySession[id],
            var pending = guests[index].pending[deed.rawValue]
        else { return }
        pending.left -= 1
        guests[index].pending[deed.rawValue] = pending.left > 0 ? pending : nil
        if pending.left == 0 { times.append((Loop.readClock() - pending.done) / .milliseconds(1)) }
    }

    /// The id that follows the first of these marks.
    private static func value(of mark: [UInt8], in text: Span<UInt8>) -> Identifier? {
        var start = 0
        while start + mark.count + Identifier.length <= text.count {
            if stands(mark, in: text, at: start) {
                let first = start + mark.count
                return Identifier(text.extracting(first..<first + Identifier.length))
            }
            start += 1
        }
        return nil
    }

    private static func stands(_ mark: [UInt8], in text: Span<UInt8>, at start: Int) -> Bool {
        for offset in mark.indices where text[start + offset] != mark[offset] { return false }
        return true
    }

    /// What stands there up to the next quotation mark.
    private static func word(in text: Span<UInt8>, from start: Int) -> String {
        var end = start
        while end < text.count, text[end] != UInt8(ascii: "\"") { end += 1 }
        return String(decoding: (start..<end).map { text[$0] }, as: UTF8.self)
    }

    private static let opening = [UInt8](#"{"event":"custom_com.mattermost.calls_"#.utf8)
    private static let connection = [UInt8](#""connection_id":""#.utf8)
    private static let session = [UInt8](#""session_id":""#.utf8)
    private static let atOnce = 64
    private static let perAddress = 5_000
}
