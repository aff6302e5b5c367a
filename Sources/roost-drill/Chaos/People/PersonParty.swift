internal import Basics
internal import Crypto
internal import Glibc
internal import IO
internal import Synchronization
internal import Wire

/// The websockets and the media of all people of a drill, on one loop.
final class PersonParty: @unchecked Sendable {
    private let loop: Loop
    private let recorder: Recorder
    private let doors: Doors
    private let source: IPAddress
    private let cast: PersonCast
    private let codec = DeflateCodec()
    private let media: PersonLink.Shared

    // On the loop.
    private var seats: [Seat] = []
    /// Whose a session is.
    private var owners: [String: Int] = [:]
    /// When the last turn of ``tick()`` was to be, and how late one was, at worst.
    private var due: Instant?
    private var stall = Duration.zero
    private var isOver = false
    private var fault: String?

    /// Where people come in.
    struct Doors {
        var nodes: [(name: String, address: SocketAddress)]
        /// By which all come, wherever that leads; nil if each node is come to itself.
        var balancer: SocketAddress?

        func address(of node: Int) -> SocketAddress { balancer ?? nodes[node].address }

        /// Which node has answered, as the balancer says.
        func node(in fields: HTTPFields) -> Int? {
            guard balancer != nil, let name = fields.string(ChaosBalancer.field) else { return nil }
            return nodes.firstIndex { $0.name == name }
        }
    }

    private struct Seat {
        var person: Person
        var sound: PersonSound?
        var socket: SocketClient?
        /// Counts the sockets: what an earlier one still has to say is passed over.
        var round = 0
        var said = 1
    }

    init(
        at doors: Doors,
        from source: IPAddress,
        cast: PersonCast,
        habits: Person.Habits,
        recorder: Recorder,
        using random: inout SeededRandom
    ) throws {
        loop = try Loop(name: "people")
        media = PersonLink.Shared(loop, at: source, try Self.context())
        self.doors = doors
        self.source = source
        self.cast = cast
        self.recorder = recorder
        let now = Loop.readClock()
        var last = ""
        var call = -1
        for (index, person) in cast.people.enumerated() {
            if person.channel != last { call += 1 }
            last = person.channel
            var habits = habits
            habits.speaks = person.speaks
            seats.append(
                Seat(
                    person: Person(
                        index,
                        channel: person.channel,
                        // The first of a call begins it, and hosts it then at their node.
                        home: (call + index) % doors.nodes.count,
                        habits: habits,
                        random: SeededRandom(seed: random.next()),
                        at: now + .milliseconds(index * 5)
                    )
                )
            )
            seats[index].sound = PersonSound(
                media,
                speaks: person.speaks,
                random: SeededRandom(seed: random.next()),
                tell: { [unowned self] in hear($0, index) }
            )
        }
    }

    private static func context() throws -> DTLSContext {
        var random = SecureRandom()
        let now = Loop.readWallClock().seconds
        let certificate = try DTLSCertificate(
            notBefore: now - 3_600,
            notAfter: now + 7 * 86_400,
            using: &random
        )
        return try DTLSContext(certificate, profiles: [.aeadAES128GCM])
    }

    func begin() {
        loop.execute { [self] in tick() }
    }

    /// How late this thread was, at worst: everybody was deaf for so long.
    var longestStall: Duration { ask { $0.stall } }

    /// No more deeds, until they go on.
    func rest() { tell(.rest) }
    func goOn() { tell(.goOn) }

    /// Everybody asks how things are, and says whom they hear.
    func look() {
        tell(.look)
        ask { party in
            for (index, seat) in party.seats.enumerated() where seat.person.isIn {
                let heard = seat.sound?.heard.compactMap { party.owners[$0] } ?? []
                party.recorder.note(.listens(index, heard.sorted()))
            }
        }
    }

    /// How many are in a call, how many have something under way, and what broke.
    func standing() -> (inside: Int, busy: [String], fault: String?) {
        ask { party in
            (
                party.seats.count { $0.person.isIn },
                party.seats.enumerated().filter { !$1.person.isSettled }
                    .map { "person \($0): \($1.person.words)" },
                party.fault
            )
        }
    }

    func end() {
        ask { party in
            party.isOver = true
            for index in party.seats.indices {
                party.hangUp(index)
                party.seats[index].sound?.end()
            }
        }
        loop.stop()
    }

    // MARK: - From the main thread

    private func tell(_ event: Person.Event) {
        ask { party in
            for index in party.seats.indices { party.receive(event, index) }
        }
    }

    private func ask<Answer: Sendable>(
        _ body: @escaping @Sendable (PersonParty) -> Answer
    ) -> Answer {
        let box = AnswerBox<Answer>()
        loop.execute { [self] in box.put(body(self)) }
        return box.take()
    }

    // MARK: - On the loop

    private func tick() {
        guard !isOver else { return }
        let now = Loop.readClock()
        if let due, now > due { stall = max(stall, now - due) }
        for index in seats.indices { receive(.due, index) }
        let next = now + .milliseconds(5)
        due = next
        loop.schedule(at: next) { [self] in tick() }
    }

    private func receive(_ event: Person.Event, _ index: Int) {
        for action in seats[index].person.receive(event, at: Loop.readClock()) {
            switch action {
            case .connect(let node, let line, let expected): connect(index, node, line, expected)
            case .hangUp: hangUp(index)
            case .say(let name, let data):
                seats[index].said += 1
                seats[index].socket?.say(
                    #"{"action":"\#(HeardEvent.prefix)\#(name)","seq":\#(seats[index].said),"#
                        + #""data":\#(data)}"#
                )
            case .beginMedia(let session): beginMedia(session, index)
            case .repeatOffer: seats[index].sound?.repeatOffer()
            case .endMedia: seats[index].sound?.end()
            case .ping:
                seats[index].said += 1
                seats[index].socket?.say(#"{"action":"ping","seq":\#(seats[index].said)}"#)
            case .note(let what):
                if case .joined(_, let session) = what { owners[session] = index }
                recorder.note(what)
            }
        }
    }

    private func beginMedia(_ session: String, _ index: Int) {
        do {
            try seats[index].sound?.begin(session)
        } catch {
            fault = fault ?? "person \(index) could not begin media: \(error)"
        }
    }

    private func hear(_ news: PersonSound.News, _ index: Int) {
        switch news {
        case .description(let sdp, let type):
            seats[index].said += 1
            seats[index].socket?.say(
                binary: CallDescription.frame(sdp, as: type, serial: seats[index].said)
            )
        case .heard(let session, let news):
            guard let speaker = owners[session] else { return }
            switch news {
            case .first: recorder.note(.hears(index, speaker))
            case .again(let since): recorder.note(.hearsAgain(index, speaker, since: since))
            }
        case .unlinked(let why): recorder.note(.unlinked(index, why: why))
        }
    }

    private func connect(_ index: Int, _ node: Int, _ line: String, _ expected: Int) {
        seats[index].round += 1
        let round = seats[index].round
        do {
            seats[index].socket = try SocketClient(
                to: doors.address(of: node),
                from: source,
                path: "/api/v4/websocket?connection_id=\(line)&sequence_number=\(expected)",
                fields: ["Authorization: Bearer \(cast.tokens[index])"],
                loop: loop,
                codec: codec,
                tell: { [unowned self] in hear($0, index, round) }
            )
        } catch {
            // Told in a turn of its own, as an end that comes later would be.
            let why = "\(error)"
            loop.execute { [self] in hear(.ended(why: why), index, round) }
        }
    }

    private func hangUp(_ index: Int) {
        seats[index].round += 1
        seats[index].socket?.hangUp()
        seats[index].socket = nil
    }

    private func hear(_ news: SocketClient.News, _ index: Int, _ round: Int) {
        guard seats[index].round == round else { return }
        switch news {
        case .opened(let fields):
            if let node = doors.node(in: fields) { receive(.reached(node: node), index) }
        case .ended(let why):
            seats[index].round += 1
            seats[index].socket = nil
            receive(.ended(why: why), index)
        case .text(let text):
            switch HeardText(text) {
            case .event(let event):
                if event.name == "signal", let text = event.text {
                    seats[index].sound?.hear(signal: text)
                }
                receive(event.name == "hello" ? .greeted(event) : .heard(event), index)
            case .reply(_, nil): receive(.replied, index)
            case .reply(_, let why?):
                fault = fault ?? "a node refused a message of person \(index): \(why)"
            case nil:
                fault =
                    fault
                    ?? "a node said what is no event: \(String(decoding: text, as: UTF8.self))"
            }
        }
    }
}

/// An answer on its way from a loop to a thread that waits for it.
private final class AnswerBox<Answer: Sendable>: Sendable {
    private let answer = Mutex<Answer?>(nil)

    func put(_ new: Answer) { answer.withLock { $0 = new } }

    func take() -> Answer {
        while true {
            if let answer = answer.withLock({ $0 }) { return answer }
            usleep(500)
        }
    }
}
