internal import Basics
internal import Glibc
internal import IO
internal import Synchronization
internal import Wire

/// The websockets of all people of a drill, on one loop.
final class PersonParty: @unchecked Sendable {
    private let loop: Loop
    private let recorder: Recorder
    private let addresses: [SocketAddress]
    private let source: IPAddress
    private let cast: PersonCast
    private let codec = DeflateCodec()

    // On the loop.
    private var seats: [Seat] = []
    private var isOver = false
    private var fault: String?

    private struct Seat {
        var person: Person
        var socket: SocketClient?
        /// Counts the sockets: what an earlier one still has to say is passed over.
        var round = 0
        var said = 1
    }

    init(
        at addresses: [SocketAddress],
        from source: IPAddress,
        cast: PersonCast,
        habits: Person.Habits,
        recorder: Recorder,
        using random: inout SeededRandom
    ) throws {
        loop = try Loop(name: "people")
        self.addresses = addresses
        self.source = source
        self.cast = cast
        self.recorder = recorder
        let now = Loop.readClock()
        var last = ""
        var call = -1
        for (index, person) in cast.people.enumerated() {
            if person.channel != last { call += 1 }
            last = person.channel
            seats.append(
                Seat(
                    person: Person(
                        index,
                        channel: person.channel,
                        // The first of a call begins it, and hosts it then at their node.
                        home: (call + index) % addresses.count,
                        habits: habits,
                        random: SeededRandom(seed: random.next()),
                        at: now + .milliseconds(index * 5)
                    )
                )
            )
        }
    }

    func begin() {
        loop.execute { [self] in tick() }
    }

    /// No more deeds, until they go on.
    func rest() { tell(.rest) }
    func goOn() { tell(.goOn) }
    func look() { tell(.look) }

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
            for index in party.seats.indices { party.hangUp(index) }
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
        for index in seats.indices { receive(.due, index) }
        loop.schedule(at: loop.now + .milliseconds(5)) { [self] in tick() }
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
            case .offer: seats[index].socket?.say(binary: CallOffer.frame)
            case .ping:
                seats[index].said += 1
                seats[index].socket?.say(#"{"action":"ping","seq":\#(seats[index].said)}"#)
            case .note(let what): recorder.note(what)
            }
        }
    }

    private func connect(_ index: Int, _ node: Int, _ line: String, _ expected: Int) {
        seats[index].round += 1
        let round = seats[index].round
        do {
            seats[index].socket = try SocketClient(
                to: addresses[node],
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
        case .opened: break
        case .ended(let why):
            seats[index].round += 1
            seats[index].socket = nil
            receive(.ended(why: why), index)
        case .text(let text):
            switch HeardText(text) {
            case .event(let event):
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
