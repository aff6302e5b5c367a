internal import Basics
package import Calls
internal import IO
package import Identity
internal import Store
internal import Synchronization

/// Which calls run on this node, one a channel, and which connection is in which.
///
/// What a client says arrives here with who it is (`Speaker`), and leaves for the call once it is known
/// that they may. Everybody who asks for a channel's call gets the same one, however many come at once;
/// whoever meets one that is just over gets the next.
package final class CallDirectory: Sendable {
    package struct Values: Sendable {
        package var rules: CallRules
        /// Whether calls may be started where nobody has said anything about the channel.
        package var isEnabledByDefault: Bool

        package init(rules: CallRules = CallRules(), isEnabledByDefault: Bool = true) {
            self.rules = rules
            self.isEnabledByDefault = isEnabledByDefault
        }
    }

    /// Who speaks, as the socket knows it.
    struct Speaker: Sendable {
        var connection: ConnectionID
        var principal: Principal

        var person: PersonID { PersonID(principal.id) }
    }

    /// What calls let others know, for history, figures and apps.
    package enum Report: Hashable, Sendable {
        case memory(CallMemory)
        case note(CallNote)
    }

    /// Called on the call's loop, and must not block.
    package typealias Watcher = @Sendable (Report, CallID, ChannelID) -> Void

    /// One wish of a connection to be in a call. Whoever leaves and comes again has another, so that
    /// what a call says of the first changes nothing about the second.
    struct Ticket: Hashable, Sendable {
        fileprivate var number: Int
    }

    private struct Place {
        var actor: CallActor
        var ticket: Ticket
    }

    private struct State {
        var values: Values
        var running: [ChannelID: CallActor] = [:]
        var places: [ConnectionID: Place] = [:]
        var lastTicket = 0

        mutating func place(_ connection: ConnectionID, in actor: CallActor) -> Ticket {
            lastTicket += 1
            let ticket = Ticket(number: lastTicket)
            places[connection] = Place(actor: actor, ticket: ticket)
            return ticket
        }
        /// Connections that have asked to join and wait for the store.
        var waiting: Set<ConnectionID> = []
        var watchers: [Watcher] = []
        var isClosed = false
    }

    private let state: Mutex<State>
    private let loops: [Loop]
    private let around: CallActor.Surroundings
    private let channels: ChannelBook
    private let reservations: Reservations

    init(
        _ values: Values,
        loops: [Loop],
        around: CallActor.Surroundings,
        channels: ChannelBook,
        reservations: Reservations
    ) {
        state = Mutex(State(values: values))
        self.loops = loops
        self.around = around
        self.channels = channels
        self.reservations = reservations
    }

    /// Holds for calls that begin from now on.
    package func apply(_ values: Values) {
        state.withLock { $0.values = values }
    }

    // MARK: - For the rest of the node

    /// The calls that somebody may see, each as it stands for them.
    package func pictures(visibleTo principal: Principal) async -> [(ChannelID, CallPicture)] {
        let visible = state.withLock { state in
            state.running.values.filter { principal.may(.read, in: $0.channel.identifier) }
        }
        var pictures: [(ChannelID, CallPicture)] = []
        for actor in visible.sorted(by: { $0.channel < $1.channel }) {
            guard let picture = await actor.picture(for: PersonID(principal.id)) else { continue }
            pictures.append((actor.channel, picture))
        }
        return pictures
    }

    package func picture(of channel: ChannelID, for person: PersonID?) async -> CallPicture? {
        await running(in: channel)?.picture(for: person)
    }

    package func order(
        _ order: HostOrder,
        in channel: ChannelID,
        by authority: Authority
    ) async -> OrderOutcome {
        guard let actor = running(in: channel) else { return .refused(.noCall) }
        return await actor.order(order, by: authority)
    }

    /// The person does not want to be rung for the channel's call. False if there is none.
    package func dismiss(_ channel: ChannelID, _ person: PersonID) async -> Bool {
        await take(.dismiss(person), in: channel)
    }

    /// The person may no longer be in the channel. False if there is no call in it.
    package func expel(_ person: PersonID, from channel: ChannelID) async -> Bool {
        await take(.expel(person, .leftChannel), in: channel)
    }

    /// Ends the channel's call. False if there is none.
    package func end(_ channel: ChannelID, _ ending: CallEnding) async -> Bool {
        await take(.end(ending), in: channel)
    }

    private func take(_ event: CallEvent, in channel: ChannelID) async -> Bool {
        guard let actor = running(in: channel) else { return false }
        return await actor.take(event)
    }

    /// Tells people something that is no call's own, such as an invitation.
    package func announce(_ event: ServerEvent, to audience: Audience, in channel: ChannelID) {
        switch audience {
        case .channel: around.hall.tell(.channel(channel, and: []), event)
        case .participants: running(in: channel)?.announce(event)
        case .person(let person): around.hall.tell(.person(person), event)
        case .connection(let connection): around.hall.tell(.connection(connection), event)
        }
    }

    /// Takes over what was decided for a channel, once the store has it.
    package func set(isEnabled: Bool?, in channel: ChannelID) {
        channels.set(isEnabled: isEnabled, in: channel)
    }

    /// Everything that calls let others know, from now on. For use while the node starts.
    package func watch(_ watcher: @escaping Watcher) {
        state.withLock { $0.watchers.append(watcher) }
    }

    package var callCount: Int { state.withLock { $0.running.count } }
    /// Participations in all calls.
    package var participantCount: Int { around.figures.participantCount }

    // MARK: - What clients say

    /// On the loop of the speaker's socket.
    func hear(_ message: ClientMessage, from speaker: Speaker, on loop: Loop) {
        switch message {
        case .join(let wish): join(wish, speaker, on: loop)
        case .reconnect(let channel, let original, let previous):
            reconnect(speaker, to: original, in: channel, from: previous)
        case .callState(let channel):
            guard speaker.principal.may(.read, in: channel.identifier) else {
                return refuse(speaker, "you may not see this channel")
            }
            guard let actor = running(in: channel) else {
                return refuse(speaker, OrderRefusal.noCall.rawValue)
            }
            actor.tellState(to: speaker.connection, of: speaker.person)
        case .word(.leave):
            // Free for another call at once: this one hears of it before anything that comes later.
            let actor = state.withLock { state in
                state.waiting.remove(speaker.connection)
                return state.places.removeValue(forKey: speaker.connection)?.actor
            }
            actor?.hear(.leave, from: speaker.connection)
        case .word(let word):
            if let actor = place(of: speaker.connection) {
                actor.hear(word, from: speaker.connection)
            } else if word.isAnswer {
                // To an offer that crossed the leave: nobody waits for it.
                around.figures.refused("word")
            } else {
                turnAway(speaker, "this connection is in no call; join one")
            }
        case .metric(let metric): around.figures.count(metric)
        case .candidate, .ping: break
        }
    }

    /// The speaker's socket is gone, and may come back.
    func lost(_ connection: ConnectionID) {
        let actor = state.withLock { state in
            state.waiting.remove(connection)
            return state.places[connection]?.actor
        }
        actor?.tell(.connectionLost(connection))
    }

    /// The socket is back, with everything that it has missed.
    func resumed(_ connection: ConnectionID, of person: PersonID) {
        place(of: connection)?.resume(connection, of: person)
    }

    /// The login that the connection was opened with counts no more. If the person has another that
    /// does, only what was done over this one ends.
    func expired(_ speaker: Speaker, hasOthers: Bool) {
        guard let actor = place(of: speaker.connection) else { return }
        if hasOthers {
            actor.hear(.leave, from: speaker.connection)
        } else {
            actor.tell(.expel(speaker.person, .loginEnded))
        }
    }

    private func reconnect(
        _ speaker: Speaker,
        to participant: ParticipantID,
        in channel: ChannelID,
        from previous: ConnectionID
    ) {
        guard speaker.principal.may(.join, in: channel.identifier) else {
            return turnAway(speaker, "you may not join calls in this channel")
        }
        enum Way {
            case into(CallActor, Ticket)
            case no(String)
        }
        let way = state.withLock { state -> Way in
            guard let actor = state.running[channel] else {
                return .no(OrderRefusal.noCall.rawValue)
            }
            if let place = state.places[speaker.connection] {
                return place.actor === actor ? .into(actor, place.ticket) : .no(Self.isElsewhere)
            }
            return .into(actor, state.place(speaker.connection, in: actor))
        }
        guard case .into(let actor, let ticket) = way else {
            if case .no(let why) = way { turnAway(speaker, why) }
            return
        }
        actor.reconnect(
            Reconnect(
                participant: participant,
                connection: speaker.connection,
                previous: previous,
                person: speaker.person
            ),
            ticket
        )
    }

    /// Tells the speaker, and nobody else, why nothing came of what they said.
    func refuse(_ speaker: Speaker, _ why: String, keepsCall: Bool = true) {
        around.figures.refused("message")
        // Whose connection is named takes it that the call is over for them.
        let named = keepsCall ? nil : speaker.connection
        around.hall.tell(.connection(speaker.connection), .error(text: why, named))
    }

    /// Tells the speaker why they are not let in. Whoever is in a call with this connection stays there.
    private func turnAway(_ speaker: Speaker, _ why: String) {
        refuse(speaker, why, keepsCall: place(of: speaker.connection) != nil)
    }

    private static let isElsewhere = "this connection is in another call; leave that first"

    // MARK: - Joining

    private func join(_ wish: JoinWish, _ speaker: Speaker, on loop: Loop) {
        guard speaker.principal.may(.join, in: wish.channel.identifier) else {
            return turnAway(speaker, "you may not join calls in this channel")
        }
        guard wish.job == nil else {
            return turnAway(speaker, "no job service is configured, so there is no job to join for")
        }
        if running(in: wish.channel) != nil { return enter(wish, speaker) }
        switch channels.find(wish.channel) {
        case .known(let isEnabled):
            start(wish, speaker, isEnabled)
        case .unknown:
            state.withLock { _ = $0.waiting.insert(speaker.connection) }
            loop.begin { [self] in
                let finding = await channels.look(for: wish.channel)
                // Whoever has left meanwhile is not brought in by what they said before.
                let isWanted = state.withLock { $0.waiting.remove(speaker.connection) != nil }
                guard isWanted else { return }
                switch finding {
                case .known(let isEnabled): start(wish, speaker, isEnabled)
                case .unknown:
                    turnAway(speaker, "the channel can't be looked up just now; join again")
                }
            }
        }
    }

    private func start(_ wish: JoinWish, _ speaker: Speaker, _ isEnabled: Bool?) {
        let isDefault = state.withLock { $0.values.isEnabledByDefault }
        let isRunning = running(in: wish.channel) != nil
        let reservation = reservations.find(wish.channel)
        let rule = StartingRule(
            isEnabled: isEnabled,
            isEnabledByDefault: isDefault,
            isReserved: reservation != nil
        )
        if !isRunning, let why = rule.refusal(of: speaker.principal, in: wish.channel) {
            return turnAway(speaker, why)
        }
        var wish = wish
        if wish.title.isEmpty, let reservation { wish.title = reservation.title }
        enter(wish, speaker)
    }

    /// Into the call that runs, or a new one. `again`: with the ticket of a call that was just over,
    /// unless the speaker has left meanwhile.
    private func enter(_ wish: JoinWish, _ speaker: Speaker, again old: Ticket? = nil) {
        enum Way {
            case into(CallActor, Ticket)
            case no(String)
            case nowhere
        }
        let way = state.withLock { state -> Way in
            if let old {
                guard state.places[speaker.connection]?.ticket == old else { return .nowhere }
                state.places[speaker.connection] = nil
            }
            guard !state.isClosed else { return .no(CallEnding.nodeClosed.rawValue) }
            let actor = state.running[wish.channel] ?? open(wish.channel, state.values.rules)
            if let place = state.places[speaker.connection] {
                guard place.actor === actor else { return .no(Self.isElsewhere) }
                return .into(actor, place.ticket)
            }
            state.running[wish.channel] = actor
            return .into(actor, state.place(speaker.connection, in: actor))
        }
        switch way {
        case .nowhere: break
        case .no(let why): turnAway(speaker, why)
        case .into(let actor, let ticket):
            let joiner = Joiner(
                connection: speaker.connection,
                person: speaker.person,
                isBot: speaker.principal.isBot,
                title: wish.title,
                thread: wish.thread,
                decodesAV1: wish.decodesAV1,
                signalsOverChannel: wish.signalsOverChannel
            )
            let seesChannel = speaker.principal.may(.read, in: wish.channel.identifier)
            actor.join(joiner, ticket, seesChannel: seesChannel) { [self] in
                enter(wish, speaker, again: ticket)
            }
        }
    }

    private func open(_ channel: ChannelID, _ rules: CallRules) -> CallActor {
        var random = SystemRandomNumberGenerator()
        return CallActor(
            id: CallID(Identifier(using: &random)),
            channel: channel,
            rules: rules,
            loop: loops[Int(UInt(bitPattern: channel.hashValue) % UInt(loops.count))],
            around: around,
            directory: self
        )
    }

    private func running(in channel: ChannelID) -> CallActor? {
        state.withLock { $0.running[channel] }
    }

    private func place(of connection: ConnectionID) -> CallActor? {
        state.withLock { $0.places[connection]?.actor }
    }

    // MARK: - What calls say

    /// The connection is nobody's in the call that it got this ticket for.
    func vacate(_ connection: ConnectionID, _ ticket: Ticket) {
        state.withLock { state in
            if state.places[connection]?.ticket == ticket { state.places[connection] = nil }
        }
    }

    /// The call is over; who comes now is in another.
    func forget(_ actor: CallActor) {
        state.withLock { state in
            if state.running[actor.channel] === actor { state.running[actor.channel] = nil }
        }
    }

    func report(_ report: Report, of actor: CallActor) {
        for watcher in state.withLock({ $0.watchers }) { watcher(report, actor.id, actor.channel) }
    }

    // MARK: - Ending

    /// Ends every call, once nobody is connected any more who would take it for the host's doing.
    func close() async {
        let all = state.withLock { state in
            state.isClosed = true
            return Array(state.running.values)
        }
        for actor in all { _ = await actor.take(.end(.nodeClosed)) }
        await around.history.close()
    }
}
