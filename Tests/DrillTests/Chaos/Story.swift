import Basics
import roost_drill

/// A history that is told line by line, of ada and bob in one channel: what they hear is numbered and shown as
/// it should be, unless it is told otherwise.
struct Story {
    private(set) var history = DrillHistory(cast: [
        DrillHistory.Person(user: "ada", channel: "nest", speaks: true),
        DrillHistory.Person(user: "bob", channel: "nest"),
    ])
    /// The call as it is.
    var call = CallPicture(id: "call", host: "ada")
    private(set) var now = Instant(nanoseconds: 0)
    private var lines = ["", ""]
    private var numbers: [String: Int] = [:]
    private var serial = 0

    static let bounds = {
        var bounds = DrillPlan.Bounds()
        bounds.told = .seconds(5)
        return bounds
    }()

    /// The rules that it breaks.
    var broken: Set<Violation.Rule> {
        Set(DrillVerdict(history, bounds: Self.bounds).violations.map(\.rule))
    }

    mutating func wait(_ time: Duration) { now = now + time }

    mutating func tell(_ what: DrillHistory.Happening) {
        now = now + .milliseconds(1)
        history.entries.append(DrillHistory.Entry(at: now, what))
    }

    mutating func open(_ person: Int, _ line: String, at node: Int = 0, isResumed: Bool = false) {
        lines[person] = line
        tell(.opened(person, line: line, node: node, isResumed: isResumed))
        hear(person, "hello", connection: line)
    }

    mutating func hear(
        _ person: Int,
        _ name: String,
        session: String? = nil,
        connection: String? = nil,
        picture: CallPicture? = nil,
        number: Int? = nil
    ) {
        let line = lines[person]
        let due = numbers[line] ?? 0
        numbers[line] = max(due, (number ?? due) + 1)
        let event = HeardEvent(
            name,
            number ?? due,
            session: session,
            user: session.map { $0.hasPrefix("a") ? "ada" : "bob" },
            connection: connection,
            picture: picture
        )
        tell(.heard(person, line: line, event))
    }

    /// Takes back the number of what would have been heard.
    mutating func miss(_ person: Int) { numbers[lines[person], default: 0] += 1 }

    /// Asks, and hears that it was done.
    mutating func ask(_ person: Int, _ deed: Deed, _ outcome: DrillHistory.Outcome = .ok) {
        serial += 1
        tell(.asked(person, deed, serial: serial))
        tell(.answered(person, deed, serial: serial, outcome))
    }

    mutating func look(_ person: Int, _ picture: CallPicture? = nil) {
        serial += 1
        tell(.asked(person, .look, serial: serial))
        hear(person, "call_state", picture: picture ?? call)
        tell(.answered(person, .look, serial: serial, .ok))
    }

    mutating func join(_ person: Int, _ session: String) {
        open(person, session, at: person)
        ask(person, .join)
        hear(person, "join", connection: session)
        tell(.joined(person, session: session))
        call.sessions[session] = CallPicture.Session(user: session.hasPrefix("a") ? "ada" : "bob")
        hear(person, "call_state", picture: call)
    }

    /// Both are in, and both know it.
    static var begun: Story {
        var story = Story()
        story.join(0, "a1")
        story.join(1, "b1")
        story.hear(0, "user_joined", session: "b1")
        return story
    }

    /// Quiet, and everybody's last look.
    mutating func end(bobHears: Bool = true) {
        tell(.quiet)
        tell(.listens(0, []))
        tell(.listens(1, bobHears ? [0] : []))
        look(0)
        look(1)
    }
}
