package import Basics

/// One call: who is in it, who hosts, who may be heard, who shares, whose hand is up.
///
///     new ── first join ──▶ running ── last one leaves, host or app ends it, node closes ──▶ over
///      ╰──────────────────────────────── ended from outside ──────────────────────────────────▲
///
/// Feed it what happened with ``receive(_:at:)`` and do what it answers, in that order: tell clients,
/// order media about, remember history. Say ``CallEvent/woke`` at ``deadline``. Each participation within
/// it is a session of its own (`CallSession`, which draws it), two tabs of one person being two.
///
/// Media decides nothing here: whoever is muted by a host is muted in media before anybody hears of it, and
/// whoever is removed is gone at once. Who may see the channel, whether somebody may join at all, and
/// which connection speaks for whom was decided before a call is told.
///
/// The answers keep everybody's picture of the call equal to ``picture(for:)``: a client takes a
/// ``ServerEvent/callState(_:_:)`` as a whole and then follows the events it is told. Whoever comes, or
/// comes back by another connection, is told the state first.
package struct Call: Sendable {
    enum Life: Hashable, Sendable {
        case new
        case running(CallBeginning)
        case over
    }

    struct Screen: Hashable, Sendable {
        var sharer: ParticipantID
        var stream: String
        var since: Instant
    }

    /// The people whom a call remembers to have been there, and those who do not want to be rung.
    static let peopleLimit = 100_000

    package let id: CallID
    package let channel: ChannelID
    package let rules: CallRules

    /// Names the move by which the call came to its node; empty if it began there.
    let move: String
    var life = Life.new
    var roster = Roster()
    /// Somebody of the roster as long as the call runs.
    package internal(set) var host: PersonID?
    /// Whom a host has made host: when that person comes back, so does the role.
    var lockedHost: PersonID?
    var screen: Screen?
    /// The latest time at which a hand went up, so that no two went up at once.
    var latestHand: Int64 = 0
    var statistics = CallStatistics()
    /// Everybody who was in it, in the order they first came.
    var attendance: [PersonID] = []
    var attended: Set<PersonID> = []
    var dismissed: Set<PersonID> = []
    var removed: Set<PersonID> = []
    /// Wake-ups for those who are away, at most one a session: by session number.
    var timers = TimerHeap()
    /// Wake-ups for offers that are held back, by session number.
    var holds = TimerHeap()
    /// What is answered next; empty between two events.
    var actions: [CallAction] = []

    /// A call that begins with the first to join.
    package init(id: CallID, channel: ChannelID, rules: CallRules) {
        self.init(id: id, channel: channel, rules: rules, move: "")
    }

    init(id: CallID, channel: ChannelID, rules: CallRules, move: String) {
        self.id = id
        self.channel = channel
        self.rules = rules
        self.move = move
    }

    /// Takes in what happened, and answers with what is to be done, in this order.
    package mutating func receive(_ event: CallEvent, at now: Moment) -> [CallAction] {
        switch event {
        case .join(let joiner): join(joiner, at: now)
        case .reconnect(let reconnect): self.reconnect(reconnect, at: now)
        case .said(let id, let word): hear(word, from: id, at: now)
        case .connectionLost(let connection): lose(connection, at: now)
        case .media(let id, let news): hear(news, of: id, at: now)
        case .order(let order, let authority): obey(order, by: authority, at: now)
        case .dismiss(let person): dismiss(person)
        case .expel(let person, let why): expel(person, why, at: now)
        case .end(let ending): end(ending, at: now)
        case .woke: wake(at: now)
        }
        defer { actions = [] }
        return actions
    }

    /// When to say ``CallEvent/woke``.
    package var deadline: Instant? {
        [timers.deadline, holds.deadline].compactMap { $0 }.min()
    }

    package var isOver: Bool { life == .over }

    /// Whether the participant is in the call, present or away.
    package func knows(_ participant: ParticipantID) -> Bool { roster[participant] != nil }

    /// What is said of the call's beginning while it runs.
    var beginning: CallBeginning? {
        switch life {
        case .running(let beginning): beginning
        case .new, .over: nil
        }
    }
}

// MARK: - Answering

extension Call {
    mutating func tell(_ audience: Audience, _ event: ServerEvent) {
        actions.append(.tell(audience, event))
    }

    mutating func order(_ id: ParticipantID, _ order: MediaOrder) {
        actions.append(.media(id, order))
    }

    mutating func note(_ note: CallNote) {
        actions.append(.note(note))
    }

    /// Says that something was not done, to whoever asked for it, and goes on.
    mutating func refuse(_ id: ParticipantID, _ what: String, _ why: String) {
        note(.refused(id, what: what, why: why))
        guard let connection = roster[id]?.connection else { return }
        tell(.connection(connection), .error(text: why, nil))
    }

    /// Turns away a connection that is not in the call.
    mutating func turnAway(_ connection: ConnectionID, _ what: String, _ why: String) {
        note(.refused(nil, what: what, why: why))
        tell(.connection(connection), .error(text: why, connection))
    }
}
