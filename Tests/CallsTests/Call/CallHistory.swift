import Basics
import Calls

/// A call's life with people who do anything at any time, drawn from a seed; and all that must hold
/// meanwhile.
///
/// People come with several connections each, which are cut and come back; words are repeated, come
/// late, and concern sessions that are gone. Whatever the call tells is brought to the connections that
/// a server would bring it to, each of which mirrors the call.
struct CallHistory {
    struct Client {
        let person: PersonID
        var mirror = CallMirror()
    }

    let seed: UInt64
    let rules: CallRules
    var random: SeededRandom
    var stage: CallStage
    var isOver = false
    /// Live connections.
    var clients: [ConnectionID: Client] = [:]
    var connectionsMade = 0
    /// Everybody who ever had a session, and the connections it was reached by.
    var sessions: [ParticipantID: (person: PersonID, connections: [ConnectionID])] = [:]
    /// People who may not see the channel any more.
    var outside: Set<PersonID> = []
    var removed: Set<PersonID> = []
    /// Who is in media, and whether muted there.
    var media: [ParticipantID: Bool] = [:]
    var absent: [ParticipantID: Instant] = [:]
    var latestHand: Int64 = 0
    var memories: [CallMemory] = []
    /// What was said before, to be said again.
    var past: [CallEvent] = []
    var faults: [String] = []

    static let people: [PersonID] = ["ada", "ben", "cyd", "dan", "eve"].map { named($0) }
    static let bot: PersonID = named("bot")

    init(seed: UInt64) {
        self.seed = seed
        random = SeededRandom(seed: seed)
        rules = CallRules(
            participantLimit: random.next() % 2 == 0 ? 0 : 5,
            allowsScreenSharing: random.next() % 8 != 0,
            allowsVideo: random.next() % 8 != 0
        )
        stage = CallStage(rules)
    }

    /// Lives so many steps, or until something does not hold.
    mutating func live(steps: Int) {
        for step in 0..<steps where faults.isEmpty {
            let event = draw()
            if let event { tell(event) }
            guard !faults.isEmpty else { continue }
            let last = event.map { "\($0)" } ?? "time passed"
            faults.append("seed \(seed), step \(step), after \(last)")
        }
    }

    // MARK: - What happens

    private mutating func draw() -> CallEvent? {
        switch random.next() % 100 {
        case 0..<10:
            connect()
            return nil
        case 10..<13:
            guard let (connection, client) = pickClient() else { return nil }
            let picture = stage.call.picture(for: client.person)
            clients[connection]?.mirror.take(picture)
            return nil
        case 13..<25: return pickClient().flatMap { join(by: $0.0, $0.1.person) }
        case 25..<33: return reconnect()
        case 33..<40:
            guard let (connection, _) = pickClient() else { return nil }
            clients[connection] = nil
            return .connectionLost(connection)
        case 40..<65: return pickSession().map { .said($0, word()) }
        case 65..<74: return pickSession().flatMap { id in news().map { .media(id, $0) } }
        case 74..<84: return order()
        case 84..<86: return .dismiss(pick(Self.people))
        case 86: return expulsion()
        case 87:
            // Whoever may see the channel again asks for its calls.
            for (connection, client) in clients where outside.contains(client.person) {
                clients[connection]?.mirror.take(stage.call.picture(for: client.person))
            }
            outside = []
            return nil
        case 88..<94:
            stage.pass(.milliseconds(Int64(random.next() % 20_000)))
            guard let deadline = stage.call.deadline, deadline <= stage.now.instant else {
                return nil
            }
            return .woke
        case 94: return .woke
        case 95..<99: return again()
        default: return random.next() % 8 == 0 ? .end(.byApp) : nil
        }
    }

    private mutating func connect() {
        connectionsMade += 1
        let person = random.next() % 8 == 0 ? Self.bot : pick(Self.people)
        clients[named("c\(connectionsMade)x")] = Client(person: person)
    }

    private mutating func join(by connection: ConnectionID, _ person: PersonID) -> CallEvent? {
        guard !outside.contains(person) else { return nil }
        return .join(
            Joiner(connection: connection, person: person, isBot: person == Self.bot)
        )
    }

    private mutating func reconnect() -> CallEvent? {
        guard let id = pickSession(), let session = sessions[id] else { return nil }
        let isHonest = random.next() % 8 != 0
        let own = clients.keys.sorted().filter { clients[$0]?.person == session.person }
        guard let connection = isHonest ? pickAny(of: own) : pickClient()?.0,
            let client = clients[connection], !outside.contains(client.person)
        else { return nil }
        let previous =
            random.next() % 4 == 0
            ? pick(session.connections) : session.connections.last ?? connection
        return .reconnect(
            Reconnect(
                participant: id,
                connection: connection,
                previous: previous,
                person: client.person
            )
        )
    }

    private mutating func word() -> Word {
        switch random.next() % 14 {
        case 0: .leave
        case 1: .mute
        case 2, 3: .unmute
        case 4, 5: .raiseHand
        case 6: .lowerHand
        case 7: .react(Reaction(name: "wave", unified: "1f44b"))
        case 8, 9: .screenOn(stream: "screen")
        case 10: .screenOff
        case 11: .videoOn(stream: "video")
        case 12: .videoOff
        default: .caption(Caption(speaker: named("c1x"), text: "hello", newAudio: 1))
        }
    }

    private mutating func news() -> MediaNews? {
        switch random.next() % 16 {
        case 0: .over(reason: "media failed")
        case 1: .connected
        case 2...5: .voice(isOn: true)
        case 6, 7: .voice(isOn: false)
        case 8: .answer(sdp: "answer")
        case 9:
            random.next() % 2 == 0
                ? .delivered
                : .offer(
                    sdp: "offer",
                    tracks: [.init(mid: "1", type: "voice", sender: named("c1x"))]
                )
        case 10: .locked(random.next() % 2 == 0)
        case 11: .refused(what: "offer", why: "it was not answered")
        case 12:
            .channelMessage(
                isText: random.next() % 4 == 0,
                (0..<Int(random.next() % 12)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            )
        case 13: .channelMessage(isText: false, DataChannelMessage.lock.bytes)
        case 14: .channelMessage(isText: false, DataChannelMessage.loss(0.2).bytes)
        default: .channelMessage(isText: false, DataChannelMessage.ping.bytes)
        }
    }

    private mutating func order() -> CallEvent? {
        guard let id = pickSession() else { return nil }
        let order: HostOrder =
            switch random.next() % 32 {
            case 0..<8: .makeHost(pick(Self.people))
            case 8..<14: .mute(id)
            case 14..<18: .muteOthers
            case 18..<24: .stopScreen(id)
            case 24..<29: .lowerHand(id)
            case 29, 30: .remove(id)
            default: random.next() % 8 == 0 ? .endForAll : .muteOthers
            }
        let isHost = random.next() % 4 != 0
        let person = isHost ? stage.call.host : pick(Self.people)
        let authority = Authority(
            person: person ?? pick(Self.people),
            isAdmin: random.next() % 8 == 0
        )
        return .order(order, by: authority)
    }

    private mutating func expulsion() -> CallEvent {
        let person = pick(Self.people)
        guard random.next() % 2 == 0 else { return .expel(person, .loginEnded) }
        outside.insert(person)
        return .expel(person, .leftChannel)
    }

    /// Something that was said before, if a server would still pass it on.
    private mutating func again() -> CallEvent? {
        guard !past.isEmpty else { return nil }
        let event = pick(past)
        switch event {
        case .join(let joiner):
            let isLive = clients[joiner.connection] != nil
            return isLive && !outside.contains(joiner.person) ? event : nil
        case .reconnect, .said, .media, .connectionLost, .dismiss, .woke, .order: return event
        case .expel, .end: return nil
        }
    }

    // MARK: - Choices

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int(random.next() % UInt64(elements.count))]
    }

    private mutating func pickAny<Element>(of elements: [Element]) -> Element? {
        elements.isEmpty ? nil : pick(elements)
    }

    private mutating func pickClient() -> (ConnectionID, Client)? {
        guard let connection = pickAny(of: clients.keys.sorted()), let client = clients[connection]
        else {
            return nil
        }
        return (connection, client)
    }

    /// Mostly somebody who is in the call.
    private mutating func pickSession() -> ParticipantID? {
        let present = media.keys.sorted()
        if !present.isEmpty, random.next() % 8 != 0 { return pick(present) }
        return pickAny(of: sessions.keys.sorted())
    }
}
