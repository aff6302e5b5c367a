package import Basics
internal import Wire

/// Somebody in a drill, as far as their client goes: comes into a call, does things there, and comes back by
/// another node when the websocket dies. A value that is told what happens and when.
///
///     away ──▶ opening ──hello──▶ here        the websocket
///       ▲         │ 250 ms          │
///       ╰─────────┴─────ended───────╯         and then the next node
///
///     out ──▶ joining ──▶ in ──▶ leaving ──▶ out        the call
///                         │ ▲
///          another socket ▼ │ the state
///                      returning
///
/// One thing is asked at a time; what it has become is known when the person hears of it. Their media is others'
/// affair: a person says when a link to a node begins, and when its words go out again.
package struct Person: Sendable {
    package enum Event: Sendable {
        /// The websocket is open, and it is known to which node it leads.
        case reached(node: Int)
        case greeted(HeardEvent)
        case heard(HeardEvent)
        /// Anything at all was heard.
        case replied
        case ended(why: String)
        case due
        /// No more deeds, but stay.
        case rest
        case goOn
        case look
    }

    package enum Action: Equatable, Sendable {
        /// With the line to resume, empty for none, and the number that is due on it.
        case connect(node: Int, line: String, expected: Int)
        case hangUp
        case say(String, String)
        /// A link for media to whichever node has the call now; the one before goes on for a moment.
        case beginMedia(session: String)
        /// What was said last about media, again: it may have gone down with the socket.
        case repeatOffer
        case endMedia
        case ping
        case note(DrillHistory.Happening)
    }

    /// How they behave.
    package struct Habits: Hashable, Sendable {
        package var nodes = 3
        /// Between two deeds, on average.
        package var pace = Duration.seconds(1)
        /// Whether they are to be heard all the time.
        package var speaks = false
        /// How long a websocket may owe the answer to a ping before it is left.
        package var patience = Duration.seconds(3)
        /// How long a websocket may take to open before the next is tried.
        package var opening = Duration.milliseconds(250)
        /// How long a join or reconnect is waited for before it is said again.
        package var answer = Duration.seconds(5)

        package init() {}
    }

    private enum Socket {
        case away(until: Instant)
        case opening(until: Instant)
        case here
    }

    private enum Place: Equatable {
        case out(until: Instant)
        case joining(since: Instant)
        case inside
        case returning(since: Instant)
        case leaving(since: Instant)
    }

    private let index: Int
    private let channel: String
    private let home: Int
    private let habits: Habits
    private var random: SeededRandom

    private var node: Int
    private var socket: Socket
    private var place: Place
    private var line = ""
    private var expected = 0
    private var session: String?
    private var picture: CallPicture?
    private var asked: (deed: Deed, serial: Int, at: Instant)?
    private var placing: (deed: Deed, serial: Int)?
    private var serials = 0
    private var nextDeed: Instant
    /// For which move of the call there is a link.
    private var move: String?
    /// When an offer that waits for its answer is said again, by another websocket.
    private var repeats: Instant?
    private var lastHeard: Instant
    private var pinged: Instant?
    private var isResting = false

    package init(
        _ index: Int,
        channel: String,
        home: Int,
        habits: Habits,
        random: SeededRandom,
        at now: Instant
    ) {
        self.index = index
        self.channel = channel
        self.home = home
        self.habits = habits
        self.random = random
        node = home
        socket = .away(until: now)
        place = .out(until: now)
        nextDeed = now
        lastHeard = now
    }

    /// In the call.
    package var isIn: Bool { place == .inside }

    /// In the call or out of it, with nothing under way.
    package var isSettled: Bool {
        guard case .here = socket, asked == nil else { return false }
        switch place {
        case .inside, .out: return true
        case .joining, .returning, .leaving: return false
        }
    }

    /// Where things stand, in words.
    package var words: String { "\(socket), \(place), \(asked.map { "\($0.deed)" } ?? "idle")" }

    package mutating func receive(_ event: Event, at now: Instant) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .reached(let new): node = new
        case .greeted(let hello): greeted(hello, at: now, &actions)
        case .heard(let event): heard(event, at: now, &actions)
        case .replied: note(life: now)
        case .ended(let why): ended(why, at: now, &actions)
        case .due: due(at: now, &actions)
        case .rest: isResting = true
        case .goOn: isResting = false
        case .look:
            if place == .inside, case .here = socket { ask(.look, at: now, &actions) }
        }
        return actions
    }

    // MARK: - Time

    private mutating func due(at now: Instant, _ actions: inout [Action]) {
        switch socket {
        case .away(let until): if now >= until { connect(at: now, &actions) }
        case .opening(let until):
            guard now >= until else { return }
            actions.append(.hangUp)
            node = (node + 1) % habits.nodes
            connect(at: now, &actions)
        case .here: dueHere(at: now, &actions)
        }
    }

    private mutating func dueHere(at now: Instant, _ actions: inout [Action]) {
        if let pinged {
            if now - pinged > habits.patience {
                actions.append(.hangUp)
                return ended("no answer for \(habits.patience)", at: now, &actions)
            }
        } else if now - lastHeard > .seconds(1) {
            pinged = now
            actions.append(.ping)
        }
        if let asked, now - asked.at > habits.answer { settle(.unknown, &actions) }
        if let due = repeats, now >= due {
            repeats = nil
            actions.append(.repeatOffer)
        }
        switch place {
        case .out(let until): if now >= until, !isResting { join(at: now, &actions) }
        case .joining(let since):
            if now - since > habits.answer {
                settlePlace(.unknown, &actions)
                place = .out(until: now + pause(.milliseconds(200)))
            }
        case .returning(let since):
            // Said again, as a client would.
            if now - since > habits.answer {
                settlePlace(.unknown, &actions)
                comeBack(from: line, at: now, &actions)
            }
        case .leaving(let since):
            if now - since > habits.answer { left(.unknown, at: now, &actions) }
        case .inside: act(at: now, &actions)
        }
    }

    /// Does the next thing, if it is time.
    private mutating func act(at now: Instant, _ actions: inout [Action]) {
        guard !isResting, asked == nil, now >= nextDeed, let own = session else { return }
        nextDeed = now + pause(habits.pace)
        guard let shown = picture?.sessions[own] else {
            return ask(.look, at: now, &actions)
        }
        if habits.speaks, !shown.isUnmuted { return ask(.unmute, at: now, &actions) }
        // Who is to be heard neither mutes nor leaves.
        let first: UInt32 = habits.speaks ? 35 : 0
        let last: UInt32 = habits.speaks ? 97 : 100
        switch UInt32.random(in: first..<last, using: &random) {
        case ..<35: ask(shown.isUnmuted ? .mute : .unmute, at: now, &actions)
        case ..<60: ask(shown.isHandUp ? .lower : .raise, at: now, &actions)
        case ..<68: ask(screenDeed(own), at: now, &actions)
        case ..<80: ask(.react, at: now, &actions)
        case ..<97: ask(.look, at: now, &actions)
        default: leave(at: now, &actions)
        }
    }

    /// One screen is shared at a time.
    private func screenDeed(_ own: String) -> Deed {
        switch picture?.sharer {
        case "": .share
        case own: .unshare
        default: .look
        }
    }

    /// Half to one and a half of it.
    private mutating func pause(_ mean: Duration) -> Duration {
        mean * Double.random(in: 0.5..<1.5, using: &random)
    }

    // MARK: - The websocket

    private mutating func connect(at now: Instant, _ actions: inout [Action]) {
        socket = .opening(until: now + habits.opening)
        actions.append(.connect(node: node, line: line, expected: expected))
    }

    private mutating func ended(_ why: String, at now: Instant, _ actions: inout [Action]) {
        if case .here = socket { actions.append(.note(.cut(index, why: why))) }
        node = (node + 1) % habits.nodes
        pinged = nil
        let jitter = Duration.milliseconds(100) * Double.random(in: 0..<1, using: &random)
        socket = .away(until: now + jitter)
    }

    private mutating func greeted(
        _ hello: HeardEvent,
        at now: Instant,
        _ actions: inout [Action]
    ) {
        note(life: now)
        let before = line
        let isResumed = hello.connection == line && !line.isEmpty
        if !isResumed {
            line = hello.connection ?? ""
            picture = nil
        }
        expected = hello.number + 1
        actions.append(.note(.opened(index, line: line, node: node, isResumed: isResumed)))
        actions.append(.note(.heard(index, line: line, hello)))
        guard case .opening = socket else { return }
        socket = .here
        if !isResumed, asked != nil { settle(.unknown, &actions) }
        switch place {
        case .inside: comeBack(from: before, at: now, &actions)
        case .returning:
            settlePlace(.unknown, &actions)
            comeBack(from: before, at: now, &actions)
        case .joining:
            settlePlace(.unknown, &actions)
            place = .out(until: now)
        case .leaving: left(.unknown, at: now, &actions)
        case .out: break
        }
    }

    private mutating func note(life now: Instant) {
        lastHeard = now
        pinged = nil
    }

    // MARK: - The call

    private mutating func join(at now: Instant, _ actions: inout [Action]) {
        place = .joining(since: now)
        askPlace(.join, &actions)
        actions.append(.say("join", #"{"channelID":"\#(channel)","followsHost":true}"#))
    }

    private mutating func comeBack(
        from before: String,
        at now: Instant,
        _ actions: inout [Action]
    ) {
        guard let session else { return }
        place = .returning(since: now)
        askPlace(.reconnect, &actions)
        actions.append(
            .say(
                "reconnect",
                #"{"channelID":"\#(channel)","originalConnID":"\#(session)","#
                    + #""prevConnID":"\#(before.isEmpty ? line : before)"}"#
            )
        )
    }

    private mutating func leave(at now: Instant, _ actions: inout [Action]) {
        place = .leaving(since: now)
        askPlace(.leave, &actions)
        actions.append(.say("leave", "{}"))
    }

    private mutating func left(
        _ outcome: DrillHistory.Outcome,
        at now: Instant,
        _ actions: inout [Action]
    ) {
        settlePlace(outcome, &actions)
        settle(.unknown, &actions)
        goOut(for: .seconds(1), at: now, &actions)
        // They come home now and then, else all would gather where nothing happens.
        guard case .here = socket, Bool.random(using: &random), node != home else { return }
        begin(at: home, because: "goes home", at: now, &actions)
    }

    /// Gives up the connection and takes a new one.
    private mutating func begin(
        at new: Int,
        because why: String,
        at now: Instant,
        _ actions: inout [Action]
    ) {
        actions.append(.hangUp)
        actions.append(.note(.cut(index, why: why)))
        node = new
        line = ""
        expected = 0
        socket = .away(until: now)
    }

    private mutating func goOut(for time: Duration, at now: Instant, _ actions: inout [Action]) {
        place = .out(until: now + pause(time))
        if session != nil { actions.append(.endMedia) }
        repeats = nil
        session = nil
        picture = nil
        move = nil
    }

    private mutating func heard(_ event: HeardEvent, at now: Instant, _ actions: inout [Action]) {
        note(life: now)
        expected = event.number + 1
        actions.append(.note(.heard(index, line: line, event)))
        if let new = event.picture {
            picture = new
            if case .returning = place {
                settlePlace(.ok, &actions)
                place = .inside
                // What was said last about media may have gone down with the socket. If the call is at another host by
                // now, that says so next: the answer to an offer for the one before would be taken for one to the
                // next.
                repeats = now + Self.wordOfHost
            }
            if asked?.deed == .look { settle(.ok, &actions) }
            return
        }
        switch event.name {
        case "join":
            guard event.connection == line else { return }
            if place == .inside {
                // The join was forgotten with its host, and their node has said it again.
                actions.append(.note(.thrownOut(index, why: "was let in a second time")))
            } else {
                guard case .joining = place else { return }
            }
            session = line
            place = .inside
            settlePlace(.ok, &actions)
            actions.append(.note(.joined(index, session: line)))
            beginMedia(line, after: "", &actions)
        case "call_rehost":
            guard let session, event.session == session else { return }
            repeats = nil
            // Said again to who comes back while it is under way.
            if event.move == move, move != "" { return actions.append(.repeatOffer) }
            beginMedia(session, after: event.move ?? "", &actions)
        case "error": refused(event, at: now, &actions)
        case "user_left" where event.session == session && session != nil:
            if case .leaving = place { return left(.ok, at: now, &actions) }
            throwOut("was told of having left", at: now, &actions)
        default:
            picture?.follow(event)
            if event.session == session, let deed = asked?.deed, deed.event == event.name {
                settle(.ok, &actions)
            }
        }
    }

    private mutating func refused(_ event: HeardEvent, at now: Instant, _ actions: inout [Action]) {
        let why = event.text ?? "an error without words"
        guard let connection = event.connection, !connection.isEmpty else {
            guard case .joining = place else { return settle(.failed(why), &actions) }
            // The call knows the connection from before, as where the word to leave was lost with its host:
            // another connection it does not know.
            settlePlace(.failed(why), &actions)
            goOut(for: .milliseconds(200), at: now, &actions)
            return begin(at: node, because: "takes another connection", at: now, &actions)
        }
        guard connection == line || connection == session else { return }
        if case .joining = place {
            settlePlace(.failed(why), &actions)
            goOut(for: .seconds(1), at: now, &actions)
        } else if session != nil {
            throwOut(why, at: now, &actions)
        }
    }

    private mutating func throwOut(_ why: String, at now: Instant, _ actions: inout [Action]) {
        settlePlace(.failed(why), &actions)
        settle(.unknown, &actions)
        actions.append(.note(.thrownOut(index, why: why)))
        goOut(for: .milliseconds(200), at: now, &actions)
    }

    private mutating func beginMedia(
        _ session: String,
        after move: String,
        _ actions: inout [Action]
    ) {
        self.move = move
        actions.append(.beginMedia(session: session))
    }

    // MARK: - Asking

    private mutating func ask(_ deed: Deed, at now: Instant, _ actions: inout [Action]) {
        serials += 1
        let serial = index * Self.serialsEach + serials
        asked = (deed, serial, now)
        actions.append(.note(.asked(index, deed, serial: serial)))
        let data =
            switch deed {
            case .look: #"{"channelID":"\#(channel)"}"#
            case .react: #"{"data":"{\"name\":\"wave\",\"unified\":\"1F44B\"}"}"#
            case .share: #"{"data":"{\"screenStreamID\":\"screen-\#(index)\"}"}"#
            default: "{}"
            }
        actions.append(.say(deed.action, data))
    }

    private mutating func settle(_ outcome: DrillHistory.Outcome, _ actions: inout [Action]) {
        guard let (deed, serial, _) = asked else { return }
        asked = nil
        actions.append(.note(.answered(index, deed, serial: serial, outcome)))
    }

    private mutating func askPlace(_ deed: Deed, _ actions: inout [Action]) {
        serials += 1
        let serial = index * Self.serialsEach + serials
        placing = (deed, serial)
        actions.append(.note(.asked(index, deed, serial: serial)))
    }

    private mutating func settlePlace(_ outcome: DrillHistory.Outcome, _ actions: inout [Action]) {
        guard let (deed, serial) = placing else { return }
        placing = nil
        actions.append(.note(.answered(index, deed, serial: serial, outcome)))
    }

    private static let serialsEach = 1_000_000
    private static let wordOfHost = Duration.milliseconds(100)
}
