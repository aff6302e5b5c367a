internal import Basics
internal import Callers
internal import Crypto
internal import Glibc
package import Media

/// Calls' media in memory and in virtual time: one ``Switchboard``, the calls' plans, and people who are
/// ``Caller``s, joined without a kernel or a clock between them.
///
/// So what is measured here is our own work alone, the same in each run:
///
///     people ──datagrams──▶ board.receive, board.advance ──packets──▶ people      every millisecond
///                                │ times.forwarding, times.answering
///     people ◀──words──▶ plans ──┴─▶ board.perform                                times.planning
///
/// Nothing is lost on the way. A seating may be spread over two boards, as over two media threads.
package struct MediaHall: ~Copyable {
    /// Who is in the hall.
    package struct Seating {
        var calls = 1
        var people: Int
        /// How many of each call speak, and how many share a screen.
        var voices = 0
        var screens = 0
        /// How many times as many packets as usual are sent.
        var pace = 1
        /// Whether every second one of a call is on another board than its home.
        var isSpread = false

        package init(
            calls: Int = 1,
            people: Int,
            voices: Int = 0,
            screens: Int = 0,
            isSpread: Bool = false
        ) {
            self.isSpread = isSpread
            self.calls = calls
            self.people = people
            self.voices = voices
            self.screens = screens
        }
    }

    /// What was spent, by the thread's clock.
    struct Times {
        /// Turns that bring media, but for what else comes with them.
        var forwarding = Duration.zero
        /// Checks, handshakes, reports, channels.
        var answering = Duration.zero
        /// Descriptions, and what boards are told because of them.
        var planning = Duration.zero
    }

    private struct Parcel {
        var start: Int
        var count: Int
        var person: Int
        var isMedia: Bool
    }

    private var board: Switchboard
    /// The other, if a call is spread over two.
    private var annex: Switchboard
    private let mail = HallMail()
    private let shards: Int
    private(set) var times = Times()
    private var plans: [CallPlan] = []
    private var people: [HallPerson] = []
    private var now = Instant(nanoseconds: 1_000_000_000)
    private var random = SeededRandom(seed: 11)
    private var out = OutgoingBatch(capacity: 1 << 20, runLimit: 1_024)
    private var lines = OutgoingBatch(capacity: 1 << 18, runLimit: 512)
    private var parcels: [Parcel] = []
    private var bytes: [UInt8] = []
    private var words: [(call: Int, event: PlanEvent)] = []
    private var faults: [String] = []

    /// Seats everybody; they are not in their calls before ``open()``.
    package init(_ seating: Seating) throws {
        shards = seating.isSpread ? 2 : 1
        board = Switchboard(rules: BoardRules(), seed: 5)
        annex = Switchboard(rules: BoardRules(), seed: 6)
        let node = PlanNode(
            candidates: ["candidate:1 1 udp 2130706431 192.0.2.1 8443 typ host"],
            context: try Self.context(seed: 1),
            spread: CallSpread(
                shards: shards,
                gathering: seating.isSpread ? 0 : CallSpread.usualGathering
            )
        )
        let context = try Self.context(seed: 2)
        var habits = CallerHabits()
        habits.opensEvery = 64
        for call in 0..<seating.calls {
            plans.append(CallPlan(number: UInt64(call) + 1, shard: 0, node: node))
            for place in 0..<seating.people {
                let index = people.count
                guard var caller = Caller(habits, context, seed: UInt64(index) + 100) else {
                    throw DrillFault("no credentials could be drawn")
                }
                caller.stands(at: [Self.address(of: index)])
                caller.wantChannel()
                let session = SessionID("person\(index)")
                let person = HallPerson(caller, session, call: call)
                if place < seating.voices {
                    person.publish(
                        .voice(packetsPerSecond: 50 * seating.pace, bytes: 120),
                        stream: "voice"
                    )
                }
                if place < seating.screens {
                    let layer = PictureLayer(
                        bitrate: 1_600_000 * seating.pace,
                        width: 1_280,
                        height: 720
                    )
                    person.publish(.pictures(perSecond: 30, layers: [layer]), stream: "screen")
                    person.sharesScreen = true
                }
                people.append(person)
            }
        }
    }

    private static func context(seed: UInt64) throws -> DTLSContext {
        var random = SeededRandom(seed: seed)
        return try DTLSContext(
            DTLSCertificate(notBefore: 946_684_800, notAfter: 4_102_444_799, using: &random)
        )
    }

    private static func address(of person: Int) -> SocketAddress {
        SocketAddress(ip: IPAddress(v4: 0x0A00_0001 | UInt32(person) << 8), port: 4_000)
    }

    private static let server = DatagramPath(
        remote: SocketAddress(ip: IPAddress(v4: 0xC000_0201), port: 8_443),
        local: 0
    )

    var count: Int { people.count }

    /// What the boards have done.
    package var counts: BoardCounts { board.counts + annex.counts }

    /// Brings everybody in, and forgets what that has cost if asked to.
    package mutating func open() throws {
        for index in people.indices {
            join(index)
            run(for: .milliseconds(4))
        }
        for _ in 0..<400 where !people.allSatisfy({ $0.caller.isConnected }) {
            run(for: .milliseconds(5))
        }
        // Handshakes are done, offers are answered, the estimates have seen the line.
        run(for: .seconds(2))
        let outside = people.count { !$0.caller.isConnected }
        guard outside == 0, faults.isEmpty else {
            throw DrillFault("\(outside) people in memory are not connected: \(faults.prefix(3))")
        }
    }

    mutating func forgetTimes() { times = Times() }

    private mutating func join(_ index: Int) {
        let person = people[index]
        let abilities = PlanEvent.Abilities(
            decodesAV1: false,
            hasChannel: true,
            announcesTracks: true
        )
        words.append((person.call, .join(person.session, abilities)))
        if person.sharesScreen {
            words.append((person.call, .screenOn(person.session, stream: "screen")))
        }
        words.append((person.call, .offer(person.session, sdp: person.caller.offer())))
        speak()
    }

    // MARK: - Time

    package mutating func run(for duration: Duration) {
        let end = now + duration
        while now < end {
            now = now + .milliseconds(1)
            for index in people.indices {
                guard let due = people[index].caller.deadline, due <= now else { continue }
                people[index].caller.advance(to: now, into: &lines)
                post(index)
            }
            repeat { turn() } while !parcels.isEmpty
            for call in plans.indices {
                guard let due = plans[call].deadline, due <= now else { continue }
                perform(plans[call].advance(to: now, using: &random), call)
            }
            speak()
        }
    }

    /// Gives the board what has come, and people what it makes of it.
    private mutating func turn() {
        let arrived = parcels
        var content = bytes
        parcels.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
        let media = arrived.filter(\.isMedia)
        unsafe content.withUnsafeMutableBytes { content in
            guard let base = content.baseAddress else { return }
            let began = ProcessorTime.ofThread
            for parcel in arrived where !parcel.isMedia { unsafe give(parcel, base) }
            times.answering += ProcessorTime.ofThread - began
            guard !media.isEmpty else { return }
            let forwarding = ProcessorTime.ofThread
            unsafe forward(media, base, mail)
            times.forwarding += ProcessorTime.ofThread - forwarding
        }
        for shard in 0..<shards {
            var isDone = false
            while !isDone {
                let began = ProcessorTime.ofThread
                isDone = advance(shard)
                let spent = ProcessorTime.ofThread - began
                if media.isEmpty { times.answering += spent } else { times.forwarding += spent }
                deliver()
            }
        }
        // No TCP connections here, so none that could have proved to be a peer's.
        for event in board.takeEvents() {
            words.append((Int(event.call) - 1, .board(event, from: 0)))
        }
        for event in annex.takeEvents() {
            words.append((Int(event.call) - 1, .board(event, from: 1)))
        }
        speak()
    }

    private mutating func advance(_ shard: Int) -> Bool {
        shard == 0 ? board.advance(to: now, into: &out) : annex.advance(to: now, into: &out)
    }

    /// In a function of its own, so that a profile of it alone can be taken (``HallProfile``).
    @inline(never)
    private mutating func forward(
        _ media: [Parcel],
        _ base: UnsafeMutableRawPointer,
        _ mail: HallMail
    ) {
        for parcel in media { unsafe give(parcel, base) }
        guard shards > 1 else { return }
        unsafe board.handOver(at: now) { _, header, packet in unsafe mail.push(header, packet) }
        unsafe mail.take { header, packet in
            unsafe annex.receiveMirrored(header, packet, at: now)
        }
    }

    @inline(__always)
    private mutating func give(_ parcel: Parcel, _ base: UnsafeMutableRawPointer) {
        let path = DatagramPath(remote: Self.address(of: parcel.person), local: 0)
        guard people[parcel.person].shard == 0 else {
            unsafe annex.receive(
                base + parcel.start,
                count: parcel.count,
                from: path,
                at: now,
                into: &out
            )
            return
        }
        unsafe board.receive(
            base + parcel.start,
            count: parcel.count,
            from: path,
            at: now,
            into: &out
        )
    }

    /// Takes what somebody has written.
    private mutating func post(_ person: Int) {
        unsafe lines.forEachPacket { packet, _ in
            let isMedia = unsafe 128...191 ~= packet[0] && !(192...223 ~= packet[1])
            parcels.append(
                Parcel(start: bytes.count, count: packet.count, person: person, isMedia: isMedia)
            )
            unsafe bytes.append(contentsOf: packet)
        }
        lines.removeAll()
    }

    private mutating func deliver() {
        var packets: [(person: Int, bytes: [UInt8])] = []
        unsafe out.forEachPacket { packet, path in
            let index = Int(path.remote.ip.v4Bits ?? 0) >> 8 & 0xFFFF
            unsafe packets.append((index, [UInt8](packet)))
        }
        out.removeAll()
        for place in packets.indices {
            let index = packets[place].person
            guard people.indices.contains(index) else { continue }
            unsafe packets[place].bytes.withUnsafeMutableBytes { bytes in
                guard let start = bytes.baseAddress else { return }
                _ = unsafe people[index].caller.receive(
                    start,
                    count: bytes.count,
                    from: Self.server,
                    at: now,
                    into: &lines
                )
            }
            post(index)
        }
        for index in people.indices {
            while let event = people[index].caller.nextEvent() {
                if case .over(let why) = event { faults.append("\(why)") }
            }
        }
    }

    /// Nanoseconds to recognise a packet of media and refuse it, since it has been seen: what it takes to
    /// find out whose it is.
    mutating func refusing(times count: Int) -> Double {
        for index in people.indices {
            people[index].caller.advance(to: now + .seconds(1), into: &lines)
            post(index)
        }
        guard let parcel = parcels.first(where: \.isMedia) else { return 0 }
        var packet = Array(bytes[parcel.start..<parcel.start + parcel.count])
        parcels.removeAll()
        bytes.removeAll()
        return unsafe packet.withUnsafeMutableBytes { packet in
            guard let base = packet.baseAddress else { return 0 }
            var same = parcel
            same.start = 0
            let kept = unsafe [UInt8](packet)
            unsafe give(same, base)
            for (offset, byte) in kept.enumerated() {
                unsafe base.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
            }
            let before = counts.replayed
            let began = ProcessorTime.ofThread
            for _ in 0..<count { unsafe give(same, base) }
            let spent = ProcessorTime.ofThread - began
            precondition(counts.replayed - before == count, "a packet comes once")
            return spent / .nanoseconds(1) / Double(count)
        }
    }

    // MARK: - Words

    private mutating func speak() {
        while !words.isEmpty {
            let word = words.removeFirst()
            let began = ProcessorTime.ofThread
            let actions = plans[word.call].receive(word.event, at: now, using: &random)
            times.planning += ProcessorTime.ofThread - began
            if case .join(let session, _) = word.event { seat(session, by: actions) }
            perform(actions, word.call)
        }
    }

    /// Where a newcomer is, as the plan has it.
    private func seat(_ session: SessionID, by actions: [PlanAction]) {
        for case .board(let shard, .addPeer) in actions {
            people.first { $0.session == session }?.shard = shard
        }
    }

    private mutating func perform(_ actions: [PlanAction], _ call: Int) {
        for action in actions {
            switch action {
            case .board(let shard, let command):
                let began = ProcessorTime.ofThread
                if shard == 0 {
                    board.perform(command, at: now, into: &out)
                } else {
                    annex.perform(command, at: now, into: &out)
                }
                times.planning += ProcessorTime.ofThread - began
                if !out.isEmpty { deliver() }
            case .tell(let session, let signal): hear(signal, session, call)
            case .measured: break
            }
        }
    }

    private mutating func hear(_ signal: PlanAction.Signal, _ session: SessionID, _ call: Int) {
        guard let person = people.first(where: { $0.session == session }) else { return }
        do {
            switch signal {
            case .answer(let sdp): try person.caller.take(answer: sdp, at: now)
            case .offer(let sdp, _):
                let answer = try person.caller.take(offer: sdp, at: now)
                words.append((call, .answer(session, sdp: answer)))
            case .refused(let what, let why): faults.append("\(what): \(why)")
            case .over(let end): faults.append(end.rawValue)
            case .connected, .locked, .voice, .channelMessage, .delivered, .wanted: break
            }
        } catch {
            faults.append("\(error)")
        }
    }
}

/// Somebody in a ``MediaHall``.
private final class HallPerson {
    var caller: Caller
    let session: SessionID
    let call: Int
    var shard = 0
    var sharesScreen = false

    init(_ caller: consuming Caller, _ session: SessionID, call: Int) {
        self.caller = caller
        self.session = session
        self.call = call
    }

    func publish(_ plan: TrackPlan, stream: String) { _ = caller.publish(plan, stream: stream) }
}
