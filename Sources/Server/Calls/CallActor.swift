internal import Basics
internal import Calls
internal import Cluster
internal import Coordination
internal import IO
internal import Media
internal import Wire

/// One running call on one of the node's loops: feeds the `Call` and does what it answers.
///
/// Whoever has something for the call leaves it here from any thread (`tell(_:)`), and what one thread
/// leaves is taken in that order. Nothing is awaited between an event and its actions; an event that
/// comes up while actions are being done waits until they are.
actor CallActor: RunningCall {
    nonisolated let id: CallID
    nonisolated let channel: ChannelID
    /// Under which the call roosts here, in a cluster.
    nonisolated let fence: Fence?
    nonisolated let loop: Loop
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    /// What a call does to the world around it.
    struct Surroundings: Sendable {
        var crier: Crier
        var gate: HoldGate
        var media: MediaPlane
        var history: CallHistory
        var figures: CallFigures
        var journal: CallJournal
        var log: Log
    }

    nonisolated let around: Surroundings
    private let directory: CallDirectory
    private(set) var call: Call
    private var waiting: [CallEvent] = []
    private var isFeeding = false
    private(set) var isOver = false
    /// Until when no more words are taken, for the call is about to go elsewhere as it was packed up.
    private var packedUntil: Instant?
    /// What came meanwhile that changes who is in it, in order: it waits until the call is elsewhere, or stays.
    private var held: [@Sendable (isolated CallActor) -> Void] = []
    /// Over here, and going on at another node.
    private var isElsewhere = false
    private var outcome: OrderOutcome?
    /// Everybody in the call, until somebody comes or goes.
    private var audience: Set<PersonID>?
    /// The connections that each participant has come by, oldest first. Those that are cut stay, since
    /// they may be resumed.
    var seats: [ParticipantID: [ConnectionID]] = [:]
    private var seated: [ConnectionID: ParticipantID] = [:]
    /// By which connections participants were known on the node that the call was on before.
    private var origins: [ConnectionID: ParticipantID] = [:]
    /// The last of each participant's, in a call that has come here.
    private var awaited: [ConnectionID: ParticipantID] = [:]
    /// What each of them came in with.
    private var tickets: [ConnectionID: Ticket] = [:]
    /// The nodes of the websockets that are not on this one.
    private(set) var homes: [ConnectionID: MemberID] = [:]
    /// Who is being heard, while nothing else is known of them.
    var visitor: (connection: ConnectionID, home: MemberID)?
    /// Who is here without the right to see the channel, and is told its events all the same.
    var outsiders: [ParticipantID: PersonID] = [:]
    /// Which stay each participant's media belongs to. Whoever leaves and comes again by one connection has
    /// the same name, and must not be told what is said of the stay before.
    var stays: [ParticipantID: (number: Int, began: Instant)] = [:]
    var lastStay = 0
    private var nextVisit: Instant?
    private var isSaveBooked = false
    private var editions: UInt64 = 0
    private var refusals = LogLimiter(linesPerSecond: 1)

    init(
        id: CallID,
        channel: ChannelID,
        token: Fence?,
        rules: CallRules,
        loop: Loop,
        around: Surroundings,
        directory: CallDirectory
    ) {
        self.id = id
        self.channel = channel
        fence = token
        self.loop = loop
        self.around = around
        self.directory = directory
        call = Call(id: id, channel: channel, rules: rules)
    }

    /// A call that another node had, to go on here.
    init(
        restoring snapshot: CallSnapshot,
        token: Fence,
        rules: CallRules,
        loop: Loop,
        around: Surroundings,
        directory: CallDirectory
    ) {
        id = snapshot.beginning.call
        channel = snapshot.beginning.channel
        fence = token
        self.loop = loop
        self.around = around
        self.directory = directory
        call = Call(
            restoring: snapshot,
            rules: rules,
            move: token.description,
            at: Self.now
        )
        for session in snapshot.sessions {
            for link in session.links { origins[link] = session.id }
            if let last = session.links.last { awaited[last] = session.id }
        }
    }

    // MARK: - From any thread

    /// Tells the call what has happened.
    nonisolated func tell(_ event: CallEvent) {
        enter { $0.feed(event) }
    }

    nonisolated func join(
        _ joiner: Joiner,
        _ ticket: Ticket,
        seesChannel: Bool,
        ifOver again: @escaping @Sendable () -> Void
    ) {
        enterSettled { actor in
            guard !actor.isOver else { return again() }
            actor.note(joiner.connection, at: ticket.member)
            let began = Loop.readClock()
            if !seesChannel {
                actor.outsiders[ParticipantID(first: joiner.connection)] = joiner.person
            }
            actor.feed(.join(joiner))
            actor.around.figures.handled(.addUserSession, in: Loop.readClock() - began)
            actor.check(joiner.connection, ticket)
        }
    }

    nonisolated func reconnect(_ reconnect: Reconnect, _ ticket: Ticket) {
        enterSettled { actor in
            actor.note(reconnect.connection, at: ticket.member)
            if actor.isElsewhere { return actor.directory.again(reconnect.connection, ticket) }
            guard !actor.isOver else {
                actor.directory.vacate(reconnect.connection, ticket)
                return actor.refuse(reconnect.connection)
            }
            actor.feed(.reconnect(reconnect))
            actor.check(reconnect.connection, ticket)
        }
    }

    nonisolated func resume(_ connection: ConnectionID, of person: PersonID, _ ticket: Ticket) {
        enter { actor in
            actor.note(connection, at: ticket.member)
            if actor.isElsewhere { return actor.directory.stray(connection, ticket) }
            guard !actor.isOver, let participant = actor.participant(of: connection) else {
                return actor.directory.again(connection, ticket)
            }
            actor.tickets[connection] = ticket
            actor.seat(participant, at: connection)
            actor.bringUp(participant, person, at: connection)
            // Its client has come by another since: a node that had it must not bring it up again, least of
            // all to a next host before that other one is there.
            if actor.call.participant(at: connection) == nil { actor.vacate(connection) }
        }
    }

    nonisolated func hear(_ word: Word, from connection: ConnectionID) {
        hear(word, from: connection, of: nil)
    }

    /// `home`: the node of its websocket, if that is another.
    nonisolated func hear(_ word: Word, from connection: ConnectionID, of home: MemberID?) {
        // Clients say no offer again if the call stays; if it goes, they make another to its next host.
        guard !word.isOffer else {
            return enterSettled { $0.take(word, from: connection, of: home) }
        }
        enter { $0.take(word, from: connection, of: home) }
    }

    private func take(_ word: Word, from connection: ConnectionID, of home: MemberID?) {
        if let home { visitor = (connection, home) }
        let absentee = word == .leave ? absentee(at: connection) : nil
        let speaker = call.participant(at: connection) ?? absentee
        guard let participant = speaker ?? returned(by: connection, of: home) else {
            if word != .leave, !word.isAnswer { refuse(connection) }
            return
        }
        if isPacked, word != .leave, !word.isAnswer {
            return tell(connection, .error(text: Self.isMoving, nil))
        }
        guard word == .leave else { return feed(.said(participant, word)) }
        let began = Loop.readClock()
        feed(.said(participant, word))
        around.figures.handled(.removeUserSession, in: Loop.readClock() - began)
    }

    nonisolated func tellState(to connection: ConnectionID, of person: PersonID) {
        enter { actor in
            let began = Loop.readClock()
            guard let picture = actor.picture(for: person) else { return actor.refuse(connection) }
            let state = ServerEvent.callState(actor.channel, picture)
            actor.tell(connection, state)
            actor.around.figures.handled(.getCallState, in: Loop.readClock() - began)
        }
    }

    nonisolated func lose(_ connection: ConnectionID) { tell(.connectionLost(connection)) }

    /// The same, as that node says, where the connection may have been before.
    nonisolated func lose(_ connection: ConnectionID, at home: MemberID) {
        enter { actor in
            if actor.homes[connection] == home { actor.feed(.connectionLost(connection)) }
        }
    }

    nonisolated func expel(_ person: PersonID, _ why: Expulsion) { tell(.expel(person, why)) }

    /// A call that goes on here wakes up, for those who never come.
    nonisolated func beginAgain() {
        enter { actor in
            actor.around.figures.came(participants: actor.call.sessionCount)
            actor.visitLater()
            actor.saveLater()
        }
    }

    /// Another node has the call now: nothing of it ends but what is here. Media goes on for that long, as it
    /// is, so that everybody is heard until they are heard there.
    nonisolated func giveUp(afterglow: Duration) {
        enter { actor in
            guard !actor.isOver else { return }
            // What was not written down anywhere may yet be wanted here.
            if afterglow == .zero, let snapshot = actor.snapshot() {
                actor.directory.remember(actor.channel, snapshot)
            }
            actor.isOver = true
            actor.isElsewhere = true
            actor.settle()
            actor.around.figures.came(participants: -actor.call.sessionCount)
            guard afterglow > .zero else { return actor.leaveAllMedia() }
            actor.loop.schedule(at: actor.loop.now + afterglow) {
                actor.assumeIsolated { $0.leaveAllMedia() }
            }
        }
    }

    /// The call comes back while its media goes on here for those who have not followed it: now they must,
    /// for nobody can be in it twice.
    nonisolated func darken() { enter { $0.leaveAllMedia() } }

    /// Another node is gone, and with it the websockets that it had.
    nonisolated func lose(allOf member: MemberID) {
        enter { actor in
            let lost = actor.homes.filter { $0.value == member }.keys.sorted()
            for connection in lost {
                actor.homes[connection] = nil
                actor.feed(.connectionLost(connection))
            }
        }
    }

    /// The same; while the call is packed up, once it is elsewhere, or stays.
    private nonisolated func enterSettled(
        _ visit: @escaping @Sendable (isolated CallActor) -> Void
    ) {
        enter { actor in
            guard actor.isPacked, actor.held.count < Self.heldLimit else { return visit(actor) }
            actor.held.append(visit)
        }
    }

    nonisolated func enter(_ visit: @escaping @Sendable (isolated CallActor) -> Void) {
        if loop.isCurrent {
            assumeIsolated { visit($0) }
        } else {
            loop.execute { self.assumeIsolated { visit($0) } }
        }
    }

    // MARK: - Questions

    func order(_ order: HostOrder, by authority: Authority) async -> OrderOutcome {
        await waitUntilSettled()
        guard !isOver else { return .refused(.noCall) }
        outcome = nil
        feed(.order(order, by: authority))
        return outcome ?? .refused(.notAllowed)
    }

    /// Whether there was a call to take it.
    func take(_ errand: CallErrand) async -> Bool {
        await waitUntilSettled()
        guard !isOver else { return false }
        feed(errand.event)
        return true
    }

    // MARK: - A turn

    func feed(_ event: CallEvent) {
        waiting.append(event)
        guard !isFeeding else { return }
        guard around.gate.isOpen(at: Loop.readClock()) else {
            // Somebody else may have the call by now, and nothing of what is done here would count.
            waiting = []
            return directory.giveUp(channel)
        }
        isFeeding = true
        while !waiting.isEmpty, !isOver {
            let event = waiting.removeFirst()
            if event.mayChangePeople { audience = nil }
            for action in call.receive(event, at: Self.now) { perform(action) }
        }
        isFeeding = false
        visitLater()
        if event.mayChangeSnapshot { saveLater() }
    }

    private static var now: Moment {
        let (seconds, nanoseconds) = Loop.readWallClock()
        return Moment(
            instant: Loop.readClock(),
            wall: WallTime(seconds: seconds, nanoseconds: Int32(nanoseconds))
        )
    }

    private func visitLater() {
        guard !isOver, let due = call.deadline, nextVisit.map({ due < $0 }) ?? true else { return }
        nextVisit = due
        loop.schedule(at: due) { [weak self] in
            self?.assumeIsolated { actor in
                if let visit = actor.nextVisit, visit <= actor.loop.now { actor.nextVisit = nil }
                actor.feed(.woke)
            }
        }
    }

    // MARK: - For the node that may have to go on

    /// A moment after something has changed, the call is saved for whoever may have to go on with it.
    private func saveLater(after pause: Duration = CallActor.savingPause) {
        guard fence != nil, !isSaveBooked, !isOver else { return }
        isSaveBooked = true
        loop.schedule(at: loop.now + pause) { [weak self] in
            self?.assumeIsolated { actor in
                actor.isSaveBooked = false
                actor.save()
            }
        }
    }

    private func save() {
        guard let fence, let snapshot = snapshot() else { return }
        directory.placing?.save(channel, fence, sequence: editions, snapshot)
    }

    /// The node ends, and the call is left to others.
    func saveNow() { save() }

    /// What was saved may be lost, or never came to be.
    nonisolated func saveAgain() { enter { $0.saveLater(after: Self.savingAgainPause) } }

    /// The call as it is now; nil if it is over.
    func snapshot() -> [UInt8]? {
        guard !isOver, var snapshot = call.snapshot(at: Self.now) else { return nil }
        editions += 1
        snapshot.edition = fence.map { fence in
            CallSnapshot.Edition(
                generation: fence.generation.rawValue,
                count: fence.count,
                number: editions
            )
        }
        return snapshot.packed
    }

    /// The same, to be taken to another node: what was acknowledged later would be forgotten there, so words
    /// are refused from now on.
    func pack() -> [UInt8]? {
        guard let snapshot = snapshot() else { return nil }
        let end = loop.now + Self.packedTime
        packedUntil = end
        loop.schedule(at: end) { [weak self] in
            self?.assumeIsolated { if $0.packedUntil == end { $0.settle() } }
        }
        return snapshot
    }

    /// The call stays after all.
    nonisolated func unpack() { enter { $0.settle() } }

    var isPacked: Bool { packedUntil != nil }

    private func settle() {
        packedUntil = nil
        let all = held
        held = []
        for visit in all { visit(self) }
    }

    private func waitUntilSettled() async {
        while isPacked, !isOver { await loop.sleep(for: Self.settlingPause) }
    }

    /// Many times what a move takes; one that takes longer is no reason for silence.
    private static let packedTime = Duration.seconds(1)
    private static let settlingPause = Duration.milliseconds(5)
    private static let heldLimit = 4_096
    private static let savingPause = Duration.milliseconds(50)
    /// Long enough for a Redis that has forgotten the call to hear of it again.
    private static let savingAgainPause = Duration.milliseconds(500)

    /// Who was at this connection before the call came here, and has not come along yet.
    private func absentee(at connection: ConnectionID) -> ParticipantID? {
        awaited[connection].flatMap {
            call.knows($0) && call.connection(of: $0) == nil ? $0 : nil
        }
    }

    /// Who speaks is there: that the connection is gone was said late, by a node where it was before, or that it has come along
    /// is not said yet. Nil if it is nobody's.
    private func returned(
        by connection: ConnectionID,
        of home: MemberID?
    ) -> ParticipantID? {
        guard !isOver, let participant = seated[connection] ?? awaited[connection],
            let person = call.person(of: participant),
            call.connection(of: participant) == nil
        else { return nil }
        note(connection, at: home)
        bringUp(participant, person, at: connection)
        return call.participant(at: connection)
    }

    /// The session is there again by the connection that it had.
    private func bringUp(
        _ participant: ParticipantID,
        _ person: PersonID,
        at connection: ConnectionID
    ) {
        feed(
            .reconnect(
                Reconnect(
                    participant: participant,
                    connection: connection,
                    previous: connection,
                    person: person
                )
            )
        )
    }

    private func participant(of connection: ConnectionID) -> ParticipantID? {
        seated[connection] ?? origins[connection].flatMap { call.knows($0) ? $0 : nil }
    }

    /// A connection that did not become a participant's has no place here, and a call that nobody
    /// got into is none.
    private func check(_ connection: ConnectionID, _ ticket: Ticket) {
        if let participant = call.participant(at: connection) {
            tickets[connection] = ticket
            seat(participant, at: connection)
        } else {
            directory.vacate(connection, ticket)
            homes[connection] = nil
            outsiders[ParticipantID(first: connection)] = nil
        }
        if call.sessionCount == 0, !isOver { close() }
    }

    private func seat(_ participant: ParticipantID, at connection: ConnectionID) {
        guard seated.updateValue(participant, forKey: connection) == nil else { return }
        seats[participant, default: []].append(connection)
        guard let all = seats[participant], all.count > Self.seatsPerParticipant else { return }
        seats[participant]?.removeFirst()
        vacate(all[0])
    }

    func vacate(_ connection: ConnectionID) {
        seated[connection] = nil
        homes[connection] = nil
        guard let ticket = tickets.removeValue(forKey: connection) else { return }
        directory.vacate(connection, ticket)
    }

    /// As many as the call itself remembers of one session.
    private static let seatsPerParticipant = 8

    private func close() {
        isOver = true
        leaveAllMedia()
        for (connection, ticket) in tickets { directory.vacate(connection, ticket) }
        tickets = [:]
        homes = [:]
        seats = [:]
        seated = [:]
        outsiders = [:]
        directory.forget(self)
    }

    private func refuse(_ connection: ConnectionID) {
        around.figures.refused("word")
        // Whoever's connection is named leaves the call. Those who are in it, here in a moment or
        // elsewhere, must not.
        if isElsewhere || (!isOver && participant(of: connection) != nil) {
            return tell(connection, .error(text: Self.isMoving, nil))
        }
        let why = isOver ? OrderRefusal.noCall.rawValue : "this connection is in no call; join one"
        tell(connection, .error(text: why, connection))
    }

    static let isMoving = "the call is moving to another node; say it again"

    // MARK: - Whose node

    /// The connection is one of this node's, or of another's.
    private func note(_ connection: ConnectionID, at home: MemberID?) {
        homes[connection] = home
        if let home {
            visitor = (connection, home)
        } else if visitor?.connection == connection {
            // It has come home: its old node would keep what it is told.
            visitor = nil
        }
    }

    private func tell(_ connection: ConnectionID, _ event: ServerEvent) {
        var home = homes[connection]
        if home == nil, let visitor, visitor.connection == connection { home = visitor.home }
        around.crier.tell(.connection(connection), event, at: home)
    }

    // MARK: - Actions

    private func perform(_ action: CallAction) {
        switch action {
        case .tell(.channel, let event):
            around.crier.tell(.channel(channel, and: Set(outsiders.values)), event)
        case .tell(.participants, let event): around.crier.tell(.participants(everybody), event)
        case .tell(.person(let person), let event): around.crier.tell(.person(person), event)
        case .tell(.connection(let connection), let event): tell(connection, event)
        case .media(let participant, let order): perform(order, participant)
        case .answer(let outcome): self.outcome = outcome
        case .remember(let memory):
            around.history.remember(memory, of: id)
            directory.report(.memory(memory), of: self)
        case .note(let note):
            take(note)
            directory.report(.note(note), of: self)
        case .over(let ending):
            around.log.info(
                "a call is over",
                ["call": .string(id.description), "why": .string(ending.rawValue)]
            )
            close()
        }
    }

    private var everybody: Set<PersonID> {
        if let audience { return audience }
        let all = Set(call.people)
        audience = all
        return all
    }

    private func take(_ note: CallNote) {
        around.figures.count(note)
        switch note {
        case .refused(let participant, let what, let why):
            around.log.limited(
                .info,
                by: &refusals,
                at: loop.now,
                "a participant was refused \(what)",
                [
                    "call": .string(id.description),
                    "session": .string(participant?.description ?? ""),
                    "why": .string(why),
                ]
            )
        case .participantJoined, .participantLeft, .hostChanged, .loss, .roundTrip, .jitter,
            .quality:
            break
        }
    }
}
