internal import Basics
package import Calls
internal import Cluster
internal import Coordination
internal import IO
internal import Identity
internal import Store
internal import Synchronization

/// Which calls run on this node, one a channel, and which connection is in which.
///
/// What a client says arrives here with who it is (`Speaker`), and leaves for the call once it is known
/// that they may, wherever the call roosts. Everybody who asks for a channel's call gets the same one,
/// however many come at once; whoever meets one that is just over gets the next.
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

    struct Place {
        var call: any RunningCall
        var person: PersonID
        var ticket: Ticket
        /// The connection's socket is gone, and has not come back here.
        var isAway = false
        /// What to do if the call is not where it was thought to be, or does not know the connection there.
        var again: (@Sendable (Ticket) -> Void)?
    }

    struct State {
        var values: Values
        /// Calls that roost here, and those of others that somebody here is in or has asked for.
        var running: [ChannelID: any RunningCall] = [:]
        var places: [ConnectionID: Place] = [:]
        /// Which calls connections are in that come from other nodes.
        var arriving: [ConnectionID: HandedLine.Place] = [:]
        var lastTicket = 0
        var departures = Departures()

        mutating func place(
            _ connection: ConnectionID,
            of person: PersonID,
            in call: any RunningCall,
            again: (@Sendable (Ticket) -> Void)? = nil
        ) -> Ticket {
            lastTicket += 1
            let ticket = Ticket(number: lastTicket)
            var place = Place(call: call, person: person, ticket: ticket)
            place.again = again
            places[connection] = place
            departures.forget(connection)
            return ticket
        }

        /// Where a connection is, as of now: it may have been placed by what was read a moment before the call went on
        /// elsewhere, when nobody took it along. That it is elsewhere is not noted: who takes people along goes by where they
        /// were, and tells the call of them.
        func place(of connection: ConnectionID) -> Place? {
            guard var place = places[connection] else { return nil }
            if let running = running[place.call.channel], running.isLater(than: place.call) {
                place.call = running
            }
            return place
        }

        /// The same, of who speaks to that call: nil if they are in another channel's. However often a call is lost sight of
        /// and found again, it is the same.
        mutating func place(of connection: ConnectionID, in call: any RunningCall) -> Place? {
            guard let place = place(of: connection), place.call.channel == call.channel,
                place.call === call || call.fence != nil
            else { return nil }
            if !place.call.isLater(than: call) { places[connection]?.call = call }
            return places[connection]
        }

        /// Calls that roost here.
        var own: [CallActor] { running.values.compactMap { $0 as? CallActor } }

        /// Connections for which something is asked before they get an answer, and under which number: who says something
        /// else meanwhile is answered to that.
        var waiting: [ConnectionID: Int] = [:]
        var lastWait = 0
        var watchers: [Watcher] = []
        /// Until when media goes on here for calls that have moved.
        var glowsUntil: Instant?
        /// Calls that have moved away, as long as their media may go on here.
        var glowing: [ChannelID: CallActor] = [:]
        /// Calls, as they were, whose people are about to be taken to where those are now.
        var followed: Set<ObjectIdentifier> = []
        /// What was brought here of calls that are about to move to this node.
        var prepared: [ChannelID: Prepared] = [:]

        /// Calls that were lost here, as they were, by when.
        var lost: [ChannelID: (snapshot: [UInt8], at: Instant)] = [:]

        struct Prepared {
            var snapshot: [UInt8]
            var at: Instant
            /// What was said to the call by those who know already that it comes here, in order.
            var letters: [(letter: CallLetter, sender: MemberID)] = []
        }
        var isClosed = false
    }

    let state: Mutex<State>
    let loops: [Loop]
    let around: CallActor.Surroundings
    let system: ClusterSystem
    /// Nil on a node that is alone.
    let placing: (any Placing)?
    let channels: ChannelBook
    let reservations: Reservations

    init(
        _ values: Values,
        loops: [Loop],
        around: CallActor.Surroundings,
        system: ClusterSystem,
        placing: (any Placing)?,
        channels: ChannelBook,
        reservations: Reservations
    ) {
        state = Mutex(State(values: values))
        self.loops = loops
        self.around = around
        self.system = system
        self.placing = placing
        self.channels = channels
        self.reservations = reservations
    }

    /// It was decided whether calls may be started in the channel.
    func note(isEnabled: Bool?, in channel: ChannelID) {
        channels.set(isEnabled: isEnabled, in: channel)
    }

    /// Holds for calls that begin from now on.
    package func apply(_ values: Values) {
        state.withLock { $0.values = values }
    }

    // MARK: - What clients say

    /// On the loop of the speaker's socket.
    func hear(_ message: ClientMessage, from speaker: Speaker, on loop: Loop) {
        switch message {
        case .join(let wish): join(wish, speaker, on: loop)
        case .reconnect(let channel, let original, let previous):
            guard speaker.principal.may(.join, in: channel.identifier) else {
                return turnAway(speaker, "you may not join calls in this channel")
            }
            find(channel, for: speaker.connection, on: loop) { [self] call in
                reconnect(speaker, to: original, in: call, from: previous)
            }
        case .callState(let channel):
            guard speaker.principal.may(.read, in: channel.identifier) else {
                return refuse(speaker, "you may not see this channel")
            }
            look(for: channel, on: loop) { [self] call in
                guard let call else { return refuse(speaker, OrderRefusal.noCall.rawValue) }
                call.tellState(to: speaker.connection, of: speaker.person)
            }
        case .word(.leave):
            // Free for another call at once: this one hears of it before anything that comes later.
            let call = state.withLock { state in
                state.waiting[speaker.connection] = nil
                let call = state.place(of: speaker.connection)?.call
                state.places[speaker.connection] = nil
                if let call, placing != nil {
                    let now = Loop.readClock()
                    state.departures.note(speaker.connection, from: call.channel, at: now)
                }
                return call
            }
            call?.hear(.leave, from: speaker.connection)
        case .word(let word):
            if let place = place(of: speaker.connection) {
                place.call.hear(word, from: speaker.connection)
            } else if word.isAnswer || word.isOffer && hasJustLeft(speaker.connection) {
                // To an offer, or to word of the call's next host, that crossed the leave: nobody waits for it.
                around.figures.refused("word")
            } else {
                turnAway(speaker, "this connection is in no call; join one")
            }
        case .metric(let metric): around.figures.count(metric)
        case .candidate, .ping: break
        }
    }

    private func hasJustLeft(_ connection: ConnectionID) -> Bool {
        state.withLock { $0.departures.hasJustLeft(connection, at: Loop.readClock()) }
    }

    /// The speaker's socket is gone, and may come back.
    func lost(_ connection: ConnectionID) {
        let call = state.withLock { state in
            state.waiting[connection] = nil
            state.places[connection]?.isAway = true
            return state.place(of: connection)?.call
        }
        call?.lose(connection)
    }

    /// The socket is back, with everything that it has missed.
    func resumed(_ connection: ConnectionID, of person: PersonID) {
        adopt(connection, of: person)
        let back = state.withLock { state in
            state.places[connection]?.isAway = false
            return state.place(of: connection)
        }
        guard let place = back else { return }
        place.call.resume(connection, of: person, place.ticket)
    }

    /// The login that the connection was opened with counts no more. If the person has another that
    /// does, only what was done over this one ends.
    func expired(_ speaker: Speaker, hasOthers: Bool) {
        guard let call = place(of: speaker.connection)?.call else { return }
        if hasOthers {
            call.hear(.leave, from: speaker.connection)
        } else {
            call.expel(speaker.person, .loginEnded)
        }
    }

    private func reconnect(
        _ speaker: Speaker,
        to participant: ParticipantID,
        in call: (any RunningCall)?,
        from previous: ConnectionID
    ) {
        guard let call else { return turnAway(speaker, OrderRefusal.noCall.rawValue) }
        let channel = call.channel
        let again: @Sendable (Ticket) -> Void = { [self] ticket in
            // Moved meanwhile: said again where it is now, unless the speaker has left.
            let isWanted = withdraw(speaker.connection, ticket)
            guard isWanted else { return }
            find(channel, for: speaker.connection, on: loops[0]) { [self] call in
                reconnect(speaker, to: participant, in: call, from: previous)
            }
        }
        let place = state.withLock { state -> Place? in
            if state.places[speaker.connection] == nil {
                _ = state.place(speaker.connection, of: speaker.person, in: call, again: again)
            }
            guard let place = state.place(of: speaker.connection, in: call) else { return nil }
            // A connection that came from another node is known by its name alone, until this; and one that has joined
            // does not join again if its client says that it is in.
            state.places[speaker.connection]?.again = again
            return place
        }
        guard let place else { return turnAway(speaker, Self.isElsewhere) }
        place.call.reconnect(
            Reconnect(
                participant: participant,
                connection: speaker.connection,
                previous: previous,
                person: speaker.person
            ),
            place.ticket
        )
    }

    /// Whether the connection still had that ticket; it has none now.
    func withdraw(_ connection: ConnectionID, _ ticket: Ticket) -> Bool {
        state.withLock { state in
            guard state.places[connection]?.ticket == ticket else { return false }
            state.places[connection] = nil
            return true
        }
    }

    /// Tells the speaker, and nobody else, why nothing came of what they said.
    func refuse(_ speaker: Speaker, _ why: String, keepsCall: Bool = true) {
        around.figures.refused("message")
        // Whose connection is named takes it that the call is over for them.
        let named = keepsCall ? nil : speaker.connection
        around.crier.tell(.connection(speaker.connection), .error(text: why, named))
    }

    /// Tells the speaker why they are not let in. Whoever is in a call with this connection stays there.
    func turnAway(_ speaker: Speaker, _ why: String) {
        refuse(speaker, why, keepsCall: place(of: speaker.connection) != nil)
    }

    static let isElsewhere = "this connection is in another call; leave that first"

    // MARK: - What calls say

    /// The connection is nobody's in the call that it got this ticket for.
    func vacate(_ connection: ConnectionID, _ ticket: Ticket) {
        if let member = ticket.member {
            return around.crier.post(.vacate(connection, ticket: ticket.number), to: member)
        }
        state.withLock { state in
            if state.places[connection]?.ticket == ticket { state.places[connection] = nil }
        }
    }

    /// The call is over; who comes now is in another.
    func forget(_ actor: CallActor) {
        state.withLock { state in
            guard state.running[actor.channel] === actor else { return }
            remove(actor, from: &state)
        }
        around.journal.forget(actor.channel)
        if let fence = actor.fence { placing?.end(actor.channel, fence) }
        around.crier.post(.over(actor.channel, actor.id))
    }

    func report(_ report: Report, of actor: CallActor) {
        for watcher in state.withLock({ $0.watchers }) { watcher(report, actor.id, actor.channel) }
    }

    // MARK: - Ending

    /// Ends every call, once nobody is connected any more who would take it for the host's doing. In a cluster, calls that
    /// no other node would take by agreement are left to be taken over, as if this node had died: by who is there, or
    /// comes next, for all nodes may be on their way out, and one of them is the last.
    func close() async {
        let isAlone = placing == nil
        let all = state.withLock { state in
            state.isClosed = true
            return state.own
        }
        if !isAlone, !all.isEmpty {
            around.log.warning(
                "no other node has taken what this one hosts; whoever comes goes on with it as if this one had died",
                ["calls": .int(all.count)]
            )
        }
        for actor in all {
            if isAlone {
                _ = await actor.take(.end(.nodeClosed))
            } else {
                await actor.saveNow()
                giveUp(actor.channel)
            }
        }
        await around.history.close()
    }
}
