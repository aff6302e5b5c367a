internal import Basics

/// A person's own mute, hand and screen, once acknowledged, are in every picture that is asked for later, until the
/// person asks for something else.
///
/// What a host acknowledges it has written down elsewhere only a moment later, or when Redis is back; a change that was
/// acknowledged within that time before its host was struck may be forgotten. Such are counted, not
/// condemned. A host that is cut off goes on acknowledging to those who reach it still until it loses its
/// right; what it says then is forgotten likewise.
package struct AcknowledgedCheck {
    package private(set) var violations: [Violation] = []
    /// Changes that were acknowledged right before their host was struck, and are gone.
    package private(set) var forgotten: Set<Int> = []
    /// How many times a picture was held against an acknowledged change.
    package private(set) var comparisons = 0

    private let history: DrillHistory
    private let moment: Duration
    private var unsaved: UnsavedTime
    private var people: [Person]
    private let goingOn: Duration
    /// When the host of a channel was struck, with the span of what may be forgotten for it.
    private var blows: [String: [ClosedRange<Instant>]] = [:]

    package init(
        _ history: DrillHistory,
        mayForget moment: Duration,
        mayGoOn goingOn: Duration = .zero
    ) {
        self.history = history
        self.moment = moment
        unsaved = UnsavedTime(moment)
        self.goingOn = goingOn
        people = history.cast.map { _ in Person() }
        for entry in history.entries { take(entry) }
    }

    private struct Person {
        var session: String?
        var voice = Standing()
        var hand = Standing()
        var screen = Standing()
        /// When each look that is not answered yet was asked.
        var looks: [Instant] = []
        /// When the websocket or the call's host last changed. For a moment after that a state may come which
        /// nobody asked for.
        var moved = Instant(nanoseconds: 0)
    }

    /// What is known of a thing that can be changed.
    private struct Standing {
        var value: Deed.Change?
        var serial = 0
        var since = Instant(nanoseconds: 0)
        /// Somebody has asked for a change whose outcome is not known, or not yet.
        var isOpen = false
    }

    private mutating func take(_ entry: DrillHistory.Entry) {
        unsaved.take(entry.what, at: entry.at)
        switch entry.what {
        case .asked(let person, let deed, _): ask(person, deed, at: entry.at)
        case .answered(let person, let deed, let serial, let outcome):
            answer(person, deed, serial, outcome, at: entry.at)
        case .joined(let person, let session):
            people[person].session = session
            people[person].moved = entry.at
            people[person].voice = Standing(value: .voice(isUnmuted: false), since: entry.at)
            people[person].hand = Standing(value: .hand(isUp: false), since: entry.at)
            people[person].screen = Standing(value: .screen(isShared: false), since: entry.at)
        case .thrownOut(let person, _): people[person].session = nil
        case .cut(let person, _): people[person].looks = []
        case .opened(let person, _, _, _): people[person].moved = entry.at
        case .struck(let blow, let node, let channels):
            let begin = unsaved.begin(of: node, at: entry.at)
            let end = entry.at + (blow == .isolate ? max(moment, goingOn) : moment)
            for channel in channels { blows[channel, default: []].append(begin...end) }
        case .heard(let person, _, let event):
            if event.name == "call_rehost" { people[person].moved = entry.at }
            guard let picture = event.picture, people[person].looks.count == 1,
                people[person].looks[0] - people[person].moved > Self.calm
            else { return }
            compare(picture, askedAt: people[person].looks[0], by: person, at: entry.at)
        case .mended, .placed, .uneven, .died, .quiet, .stirred, .held, .hears, .hearsAgain,
            .listens,
            .unlinked:
            break
        }
    }

    private mutating func ask(_ person: Int, _ deed: Deed, at now: Instant) {
        switch deed {
        case .look: people[person].looks.append(now)
        case .leave: people[person].session = nil
        case .mute, .unmute: people[person].voice.isOpen = true
        case .raise, .lower: people[person].hand.isOpen = true
        case .share, .unshare: people[person].screen.isOpen = true
        case .join, .reconnect, .react: break
        }
    }

    private mutating func answer(
        _ person: Int,
        _ deed: Deed,
        _ serial: Int,
        _ outcome: DrillHistory.Outcome,
        at now: Instant
    ) {
        switch deed {
        case .look: people[person].looks = []
        case .mute, .unmute, .raise, .lower, .share, .unshare:
            guard outcome == .ok, let change = deed.change else { return }
            let standing = Standing(value: change, serial: serial, since: now)
            switch change {
            case .voice: people[person].voice = standing
            case .hand: people[person].hand = standing
            case .screen: people[person].screen = standing
            }
        case .join, .reconnect, .leave, .react: break
        }
    }

    private static let calm = Duration.milliseconds(500)

    private mutating func compare(
        _ picture: CallPicture,
        askedAt: Instant,
        by looker: Int,
        at now: Instant
    ) {
        let channel = history.cast[looker].channel
        for person in people.indices where history.cast[person].channel == channel {
            guard let name = people[person].session, let shown = picture.sessions[name] else {
                continue
            }
            for standing in [people[person].voice, people[person].hand, people[person].screen] {
                guard let value = standing.value, !standing.isOpen, standing.since < askedAt else {
                    continue
                }
                comparisons += 1
                let isThere =
                    switch value {
                    case .voice(let isUnmuted): shown.isUnmuted == isUnmuted
                    case .hand(let isUp): shown.isHandUp == isUp
                    case .screen(let isShared): (picture.sharer == name) == isShared
                    }
                if isThere { continue }
                let mayBeForgotten = blows[channel]?.contains { $0.contains(standing.since) }
                if mayBeForgotten == true {
                    forgotten.insert(standing.serial)
                } else {
                    violations.append(
                        Violation(
                            .acknowledged,
                            at: now,
                            "person \(person) had \(value) acknowledged, and the picture that "
                                + "person \(looker) asked for later says otherwise"
                        )
                    )
                }
            }
        }
    }
}
