internal import Basics
internal import Calls
internal import Cluster
internal import Coordination
internal import Distributed
internal import IO
internal import Synchronization
internal import Wire

// Calls that roost on other nodes, and what those nodes say.
extension CallDirectory {
    func relay(_ channel: ChannelID, _ member: MemberID, _ token: Fence) -> RelayedCall {
        RelayedCall(channel, at: member, token, system: system, log: around.log)
    }

    /// The channel's call, wherever it is; nil if there is none.
    func find(_ channel: ChannelID) async -> (any RunningCall)? {
        if let call = running(in: channel) { return call }
        guard let placing else { return nil }
        guard case .theirs(let member, let token) = await placing.find(channel) else {
            // It may have come here meanwhile.
            return running(in: channel)
        }
        return state.withLock { state in
            if let call = state.running[channel] { return call }
            let call = relay(channel, member, token)
            state.running[channel] = call
            return call
        }
    }

    /// The same; of a call whose node has just gone, as soon as it is known where it goes on. Who comes to a node
    /// that has just been started, as by a balancer that does not ask whether it is ready, waits until that knows
    /// which calls there are, or for so long.
    func findSoon(
        _ channel: ChannelID,
        within most: Duration = CallSearch.brief
    ) async -> (any RunningCall)? {
        var search = CallSearch(atMost: most, afterHope: Self.wordOfOthers, at: Loop.readClock())
        while true {
            if let call = await find(channel) { return call }
            let hasHope = await isAwaited(channel)
            let now = Loop.readClock()
            guard search.goesOn(hasHope, at: now) else { return nil }
            await loop(for: channel).sleep(for: search.pause(at: now))
        }
    }

    /// Where one hears from Redis that a dead node's calls are taken over, or is told by others which there are, the word
    /// of who has them comes another way.
    private static let wordOfOthers = Duration.milliseconds(500)

    /// How long a call that has lost its node is looked for on behalf of those in it: as long as a call keeps the place of
    /// somebody who is away.
    var reconnectGrace: Duration { state.withLock { $0.values.rules.reconnectGrace } }

    /// Whether the channel's call may go on somewhere in a moment, is to be here and is not made yet, or is where
    /// this node has not heard of it yet.
    func isAwaited(_ channel: ChannelID) async -> Bool {
        guard let placing else { return false }
        // A node that ends has given up its own, and will not hear where they go on.
        if placing.isNew || state.withLock({ $0.isClosed }) { return true }
        if await placing.expects(channel) { return true }
        if case .mine = await placing.find(channel) { return true }
        return false
    }

    /// The same, at once where that can be, for who is on a loop.
    func look(
        for channel: ChannelID,
        on loop: Loop,
        _ body: @escaping @Sendable ((any RunningCall)?) -> Void
    ) {
        if let call = running(in: channel) { return body(call) }
        guard placing != nil else { return body(nil) }
        loop.begin { [self] in body(await findSoon(channel)) }
    }

    /// Whether the person is connected to another node, with a login of its own.
    func connectsElsewhere(_ person: PersonID) async -> Bool {
        for member in system.neighbours {
            let address = ActorAddress(.node, at: member)
            guard let node = try? NodeActor.resolve(id: address, using: system) else { continue }
            // A node that does not answer has nobody connected who could be asked.
            if (try? await node.connects(person)) == true { return true }
        }
        return false
    }

    // MARK: - What other nodes say

    /// The connection has no place in the call that it got this ticket for, on another node.
    func vacate(_ connection: ConnectionID, ticket: Int) {
        vacate(connection, Ticket(number: ticket))
    }

    /// The call that the connection wished to be in is not at that node any more, or not yet, or does not
    /// know the connection.
    func retry(_ connection: ConnectionID, ticket: Int, from member: MemberID) {
        let place = state.withLock { state -> Place? in
            guard let place = state.places[connection], place.ticket.number == ticket else {
                return nil
            }
            forget(place.call, at: member, in: &state)
            if place.again == nil { state.places[connection] = nil }
            return place
        }
        guard let place else { return }
        guard let again = place.again else { return dismissLater(connection) }
        again(place.ticket)
    }

    /// The call knows nothing of the connection that was given this ticket.
    func again(_ connection: ConnectionID, _ ticket: Ticket) {
        if let member = ticket.member {
            around.crier.post(.again(connection, ticket: ticket.number), to: member)
        } else {
            retry(connection, ticket: ticket.number, from: system.member)
        }
    }

    /// The call in which the connection with this ticket is was here, and is not any more.
    func stray(_ connection: ConnectionID, _ ticket: Ticket) {
        if let member = ticket.member {
            around.crier.post(.stray(connection, ticket: ticket.number), to: member)
        } else {
            follow(connection, ticket: ticket.number, from: system.member)
        }
    }

    /// The call in which the connection is was at that node, and is not any more: goes after it.
    func follow(_ connection: ConnectionID, ticket: Int, from member: MemberID) {
        let call = state.withLock { state -> (any RunningCall)? in
            guard let place = state.places[connection], place.ticket.number == ticket else {
                return nil
            }
            forget(place.call, at: member, in: &state)
            return place.call
        }
        if let call { follow(call.channel, from: call) }
    }

    /// Tells a connection that came from another node that it is in no call, unless its client says in a moment whose it
    /// is: the call may never have heard of the connection, and know the session well.
    private func dismissLater(_ connection: ConnectionID) {
        loops[0].begin { [self] in
            await loops[0].sleep(for: Self.wordOfClient)
            let isNobodys = state.withLock { state in
                state.places[connection] == nil && state.waiting[connection] == nil
            }
            guard isNobodys else { return }
            let why = "your session in this call has ended; join again"
            around.crier.tell(.connection(connection), .error(text: why, connection))
        }
    }

    /// Longer than a client takes that was greeted to say where it comes from.
    private static let wordOfClient = Duration.seconds(2)

    /// A call of another node's is over.
    func callIsOver(in channel: ChannelID, at member: MemberID) {
        state.withLock { state in
            guard let call = state.running[channel] else { return }
            forget(call, at: member, in: &state)
        }
    }

    func forget(_ call: any RunningCall, at member: MemberID, in state: inout State) {
        guard let relayed = call as? RelayedCall, relayed.member == member,
            state.running[call.channel] === call
        else { return }
        state.running[call.channel] = nil
    }

    /// A letter to a call that does not roost here, or not any more.
    func answer(stray letter: CallLetter, for channel: ChannelID, from sender: MemberID) {
        guard !keep(letter, for: channel, from: sender) else { return }
        @Sendable func refuse(_ connection: ConnectionID) {
            let told = ServerEvent.error(text: OrderRefusal.noCall.rawValue, connection)
            around.crier.tell(.connection(connection), told, at: sender)
        }
        switch letter {
        case .join(let joiner, let ticket, let seesChannel):
            loop(for: channel).begin { [self] in
                let ticket = Ticket(number: ticket, member: sender)
                guard let call = await openIfPlaced(channel, for: sender) else {
                    return again(joiner.connection, ticket)
                }
                call.join(joiner, ticket, seesChannel: seesChannel) { [self] in
                    again(joiner.connection, ticket)
                }
            }
        case .reconnect(let wish, let ticket):
            loop(for: channel).begin { [self] in
                let ticket = Ticket(number: ticket, member: sender)
                if let call = await ownSoon(channel) { return call.reconnect(wish, ticket) }
                // It may have moved while this was on its way: said again, it finds the call where it is.
                if await findSoon(channel, within: reconnectGrace) != nil {
                    return again(wish.connection, ticket)
                }
                vacate(wish.connection, ticket)
                refuse(wish.connection)
            }
        case .resume(let connection, let person, let ticket):
            loop(for: channel).begin { [self] in
                let ticket = Ticket(number: ticket, member: sender)
                if let call = await ownSoon(channel) {
                    call.resume(connection, of: person, ticket)
                } else {
                    stray(connection, ticket)
                }
            }
        case .hear(.leave, let connection):
            loop(for: channel).begin { [self] in
                await ownSoon(channel)?.hear(.leave, from: connection)
            }
        case .lost, .expel: break
        case .hear(_, let connection), .tellState(let connection, _):
            loop(for: channel).begin { [self] in
                // If it goes on elsewhere, whoever was in it here is in it there. Whether they are in a call at all
                // their own node knows.
                let isSomewhere = await findSoon(channel) != nil
                let why = isSomewhere ? CallActor.isMoving : OrderRefusal.noCall.rawValue
                let told = ServerEvent.error(text: why, nil)
                around.crier.tell(.connection(connection), told, at: sender)
            }
        }
    }

    /// The channel's call, if it is on this node. Others may have heard that it is before it was made, in the
    /// same turn of whoever decides that; an answer of that one's comes after the turn.
    private func ownSoon(_ channel: ChannelID) async -> CallActor? {
        if let actor = running(in: channel) as? CallActor { return actor }
        _ = await placing?.find(channel)
        return running(in: channel) as? CallActor
    }

    /// The channel's call, if it is to be on this node: another node may have asked for that in our name, and
    /// its client is the first.
    private func openIfPlaced(
        _ channel: ChannelID,
        for sender: MemberID
    ) async -> CallActor? {
        if let actor = running(in: channel) as? CallActor { return actor }
        guard let placing, case .mine(let token) = await placing.find(channel) else { return nil }
        return state.withLock { state in
            if let actor = state.running[channel] as? CallActor { return actor }
            guard !state.isClosed, placing.holds(channel, token) else { return nil }
            around.journal.note(channel, .asked(by: sender))
            return open(channel, token, in: &state)
        }
    }

    /// Whether the channel's call roosts here.
    func hosts(_ channel: ChannelID) -> Bool { running(in: channel) is CallActor }

    /// Who is here and in a call on that node.
    func connections(ofCallsAt member: MemberID) -> [ConnectionID] {
        state.withLock { state in
            state.places.filter { ($0.value.call as? RelayedCall)?.member == member }.keys.sorted()
        }
    }

    /// Who is here and in a call, wherever that is.
    var connectionsInCalls: [ConnectionID] { state.withLock { $0.places.keys.sorted() } }

    // MARK: - Connections that move

    /// Gives up a connection that goes on at another node, and says which call it is in.
    func release(_ connection: ConnectionID) -> HandedLine.Place? {
        let place = state.withLock { state in
            // Whoever has left by it may come again by it there: not to be told to the call's next host any more, as
            // if they left once more.
            state.departures.forget(connection)
            defer { state.places[connection] = nil }
            return state.place(of: connection)
        }
        switch place?.call {
        case let actor as CallActor:
            return actor.fence.map {
                HandedLine.Place(channel: actor.channel, member: system.member, token: $0)
            }
        case let relayed as RelayedCall:
            return HandedLine.Place(
                channel: relayed.channel,
                member: relayed.member,
                token: relayed.token
            )
        default: return nil
        }
    }

    /// What was told here to a connection that has moved there.
    func forward(_ event: ToldEvent, of connection: ConnectionID, to member: MemberID) {
        around.crier.post(.forward(connection, event), to: member)
    }

    private static let arrivingLimit = 1_000

    /// A connection that has come from another node has its line here; now it gets its place.
    func adopt(_ connection: ConnectionID, of person: PersonID) {
        guard let place = state.withLock({ $0.arriving.removeValue(forKey: connection) }) else {
            return
        }
        state.withLock { state in
            var call = state.running[place.channel]
            if call == nil, place.member != system.member {
                let relayed = relay(place.channel, place.member, place.token)
                state.running[place.channel] = relayed
                call = relayed
            }
            guard let call else { return }
            _ = state.place(connection, of: person, in: call) { [self] ticket in
                resume(connection, of: person, in: place.channel, insteadOf: ticket)
            }
        }
    }

    /// The call was on its way from node to node as the connection was: looks for it once more.
    private func resume(
        _ connection: ConnectionID,
        of person: PersonID,
        in channel: ChannelID,
        insteadOf old: Ticket
    ) {
        guard withdraw(connection, old) else { return }
        // If its client has said meanwhile whose it is, the answer to that is all that is wanted.
        guard state.withLock({ $0.waiting[connection] == nil }) else { return }
        find(channel, for: connection, on: loops[0]) { [self] call in
            guard let call else { return dismissLater(connection) }
            let ticket = state.withLock { state -> Ticket? in
                // Its client may have said meanwhile whose it is.
                guard state.places[connection] == nil else { return nil }
                return state.place(connection, of: person, in: call)
            }
            if let ticket { call.resume(connection, of: person, ticket) }
        }
    }
}

extension CallDirectory: LineFinder {
    func find(
        _ hope: SocketHall.Hope,
        of person: PersonID
    ) async -> (ConnectionLine, LineMarks)? {
        let handed = await withTaskGroup(of: HandedLine?.self) { group in
            for member in system.neighbours {
                group.addTask { [self] in
                    await ask(member, for: hope, of: person)
                }
            }
            for await handed in group where handed != nil {
                // The others have nothing, or are too slow to matter.
                group.cancelAll()
                return handed
            }
            return nil
        }
        guard let handed else { return nil }
        // Nothing can be told to it before it has its line here.
        state.withLock { state in
            if state.arriving.count >= Self.arrivingLimit { state.arriving = [:] }
            state.arriving[hope.connection] = handed.place
        }
        return (handed.line, handed.marks)
    }

    private func ask(
        _ member: MemberID,
        for hope: SocketHall.Hope,
        of person: PersonID
    ) async -> HandedLine? {
        await ClusterSystem.$patience.withValue(Self.findingTime) {
            do {
                let address = ActorAddress(.node, at: member)
                let node = try NodeActor.resolve(id: address, using: system)
                return try await node.handOver(
                    hope.connection,
                    of: person,
                    from: hope.sequence,
                    to: system.member
                )
            } catch is CancellationError {
                return nil
            } catch {
                around.log.warning(
                    "another node was asked for a connection in vain",
                    ["node": .string(member.description), "why": .string("\(error)")]
                )
                return nil
            }
        }
    }

    /// A client that comes back waits no longer than this for what it has missed.
    private static let findingTime = Duration.milliseconds(500)
}
