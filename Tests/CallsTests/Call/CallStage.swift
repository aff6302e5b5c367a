import Basics
import Calls

/// A call, its clock, and short names for who is in it.
///
/// `Ada` the person has the first connection `ada1`, by which her session is known as well.
struct CallStage {
    var call: Call
    var now = Moment(
        instant: Instant(nanoseconds: 1_000_000_000),
        wall: WallTime(milliseconds: 1_700_000_000_000)
    )
    /// All that was answered, oldest first.
    var answers: [CallAction] = []

    init(_ rules: CallRules = CallRules(), with people: String...) {
        call = Call(id: named("call"), channel: named("channel"), rules: rules)
        for person in people { join(person) }
        answers = []
    }

    mutating func pass(_ duration: Duration) {
        let milliseconds =
            duration.components.seconds * 1_000
            + duration.components.attoseconds / 1_000_000_000_000_000
        now.instant = now.instant + duration
        now.wall = WallTime(milliseconds: now.wall.milliseconds + milliseconds)
    }

    @discardableResult
    mutating func tell(_ event: CallEvent) -> [CallAction] {
        let actions = call.receive(event, at: now)
        answers += actions
        return actions
    }

    @discardableResult
    mutating func join(_ person: String, by connection: Int = 1) -> [CallAction] {
        tell(.join(Joiner(connection: named("\(person)\(connection)"), person: named(person))))
    }

    @discardableResult
    mutating func joinBot(_ person: String = "bot") -> [CallAction] {
        let connection: ConnectionID = named("\(person)1")
        return tell(.join(Joiner(connection: connection, person: named(person), isBot: true)))
    }

    @discardableResult
    mutating func say(_ person: String, _ word: Word) -> [CallAction] {
        tell(.said(named("\(person)1"), word))
    }

    @discardableResult
    mutating func news(_ person: String, _ news: MediaNews) -> [CallAction] {
        tell(.media(named("\(person)1"), news))
    }

    @discardableResult
    mutating func order(_ person: String, _ order: HostOrder, isAdmin: Bool = false) -> [CallAction]
    {
        tell(.order(order, by: Authority(person: named(person), isAdmin: isAdmin)))
    }

    /// Lets time pass, and wakes the call if it wanted that.
    @discardableResult
    mutating func wait(_ duration: Duration) -> [CallAction] {
        pass(duration)
        guard let due = call.deadline, due <= now.instant else { return [] }
        return tell(.woke)
    }

    @discardableResult
    mutating func lose(_ connection: String) -> [CallAction] {
        tell(.connectionLost(named(connection)))
    }

    @discardableResult
    mutating func reconnect(
        _ person: String,
        by connection: String,
        from previous: String
    ) -> [CallAction] {
        tell(
            .reconnect(
                Reconnect(
                    participant: named("\(person)1"),
                    connection: named(connection),
                    previous: named(previous),
                    person: named(person)
                )
            )
        )
    }

    /// The session that a person came with.
    func shown(_ person: String) -> CallPicture.Participant? {
        call.picture(for: nil)?.participants.first { $0.id == named("\(person)1") }
    }
}

/// An id that begins with a name.
func named<Kind>(_ name: String) -> ID<Kind> {
    let text = name + String(repeating: "0", count: Identifier.length - name.utf8.count)
    guard let id = ID<Kind>(text) else { preconditionFailure("\(name) is small letters, digits") }
    return id
}

let channel: ChannelID = named("channel")

extension [CallAction] {
    /// What is told, and to whom, without the rest.
    var events: [ServerEvent] {
        compactMap { action in
            if case .tell(_, let event) = action { event } else { nil }
        }
    }

    func told(_ audience: Audience) -> [ServerEvent] {
        compactMap { action in
            if case .tell(audience, let event) = action { event } else { nil }
        }
    }

    func orders(_ session: String) -> [MediaOrder] {
        compactMap { action in
            if case .media(named(session), let order) = action { order } else { nil }
        }
    }

    /// What the session is sent over its data channel.
    func messages(_ session: String) throws -> [DataChannelMessage] {
        try orders(session).compactMap { order in
            if case .send(false, let bytes, _) = order {
                try DataChannelMessage(bytes)
            } else {
                nil
            }
        }
    }

    var outcome: OrderOutcome? {
        for case .answer(let outcome) in self { return outcome }
        return nil
    }

    var memories: [CallMemory] {
        compactMap { action in
            if case .remember(let memory) = action { memory } else { nil }
        }
    }

    var ending: CallEnding? {
        for case .over(let ending) in self { return ending }
        return nil
    }

    /// What somebody is told who was refused something.
    var errors: [String] {
        events.compactMap { event in
            if case .error(let text, _) = event { text } else { nil }
        }
    }

    func position(of action: CallAction) -> Int? { firstIndex(of: action) }
}
