internal import Basics
internal import Calls
internal import Cluster
internal import Coordination
internal import Crypto
internal import IO
internal import Identity
internal import Synchronization

// How somebody gets into a call: through the right one, wherever it is, or a new one here.
extension CallDirectory {
    func join(_ wish: JoinWish, _ speaker: Speaker, on loop: Loop) {
        guard speaker.principal.may(.join, in: wish.channel.identifier) else {
            return turnAway(speaker, "you may not join calls in this channel")
        }
        guard wish.job == nil else {
            return turnAway(speaker, "no job service is configured, so there is no job to join for")
        }
        if running(in: wish.channel) != nil { return enter(wish, speaker) }
        switch channels.find(wish.channel) {
        case .known(let isEnabled):
            start(wish, speaker, isEnabled, on: loop)
        case .unknown:
            waitInLine(speaker.connection, on: loop) { [self] () -> ChannelBook.Finding? in
                // Into a call that runs on another node they come without the store.
                await find(wish.channel) == nil ? channels.look(for: wish.channel) : nil
            } then: { [self] finding in
                switch finding {
                case .known(let isEnabled): start(wish, speaker, isEnabled, on: loop)
                case .unknown: turnAway(speaker, Self.storeIsSilent)
                // If it is over by now, all this begins again.
                case nil: join(wish, speaker, on: loop)
                }
            }
        }
    }

    private static let storeIsSilent = """
        the store, which knows whether calls may begin in this channel, does not answer; running calls \
        go on, new ones can start once it does
        """

    /// Asks something, and goes on with the answer, unless the connection has left or wants something else meanwhile:
    /// whoever has is not brought in by what they said before.
    private func waitInLine<Answer: Sendable>(
        _ connection: ConnectionID,
        on loop: Loop,
        _ question: @escaping @Sendable () async -> Answer,
        then body: @escaping @Sendable (Answer) -> Void
    ) {
        let number = state.withLock { state in
            state.lastWait += 1
            state.waiting[connection] = state.lastWait
            return state.lastWait
        }
        loop.begin { [self] in
            let answer = await question()
            let isWanted = state.withLock { state in
                guard state.waiting[connection] == number else { return false }
                state.waiting[connection] = nil
                return true
            }
            if isWanted { body(answer) }
        }
    }

    /// Finds the call of somebody who is in it and comes back, however long that takes within reason.
    func find(
        _ channel: ChannelID,
        for connection: ConnectionID,
        on loop: Loop,
        _ body: @escaping @Sendable ((any RunningCall)?) -> Void
    ) {
        if let call = running(in: channel) { return body(call) }
        guard placing != nil else { return body(nil) }
        waitInLine(connection, on: loop) { [self] in
            await findSoon(channel, within: reconnectGrace)
        } then: { call in
            body(call)
        }
    }

    private func start(
        _ wish: JoinWish,
        _ speaker: Speaker,
        _ isEnabled: Bool?,
        on loop: Loop
    ) {
        guard placing != nil, running(in: wish.channel) == nil else {
            return startHere(wish, speaker, isEnabled, on: loop)
        }
        // It may run elsewhere, and then whoever may start one here is not asked.
        waitInLine(speaker.connection, on: loop) { [self] in
            await find(wish.channel) != nil
        } then: { [self] _ in
            startHere(wish, speaker, isEnabled, on: loop)
        }
    }

    private func startHere(
        _ wish: JoinWish,
        _ speaker: Speaker,
        _ isEnabled: Bool?,
        on loop: Loop
    ) {
        let isDefault = state.withLock { $0.values.isEnabledByDefault }
        let reservation = reservations.find(wish.channel)
        let rule = StartingRule(
            isEnabled: isEnabled,
            isEnabledByDefault: isDefault,
            isReserved: reservation != nil
        )
        if running(in: wish.channel) == nil,
            let why = rule.refusal(of: speaker.principal, in: wish.channel)
        {
            return turnAway(speaker, why)
        }
        var wish = wish
        if wish.title.isEmpty, let reservation { wish.title = reservation.title }
        guard placing != nil, running(in: wish.channel) == nil else {
            return enter(wish, speaker)
        }
        claim(wish, speaker, above: nil, attempt: 0, on: loop)
    }

    /// Asks where the call is to be, and goes there.
    private func claim(
        _ wish: JoinWish,
        _ speaker: Speaker,
        above token: Fence?,
        attempt: Int,
        on loop: Loop
    ) {
        guard let placing else { return }
        waitInLine(speaker.connection, on: loop) { () -> Result<Placement, PlacementFault> in
            if attempt > 0 { await loop.sleep(for: Self.pause * attempt) }
            do throws(PlacementFault) {
                return .success(try await placing.claim(wish.channel, above: token))
            } catch {
                return .failure(error)
            }
        } then: { [self] result in
            switch result {
            case .failure(let fault): turnAway(speaker, fault.description)
            case .success(let placement):
                enter(wish, speaker, in: placement, attempt: attempt, on: loop)
            }
        }
    }

    /// Long enough for a node to hear that a call is to be on it.
    private static let pause = Duration.milliseconds(5)
    private static let attempts = 8

    private func enter(
        _ wish: JoinWish,
        _ speaker: Speaker,
        in placement: Placement,
        attempt: Int,
        on loop: Loop
    ) {
        let call = state.withLock { state in
            if let running = state.running[wish.channel] { return running as (any RunningCall)? }
            switch placement {
            case .mine(let token):
                guard placing?.holds(wish.channel, token) == true else { return nil }
                around.journal.note(wish.channel, .landed)
                return open(wish.channel, token, in: &state)
            case .theirs(let member, let token):
                let relayed = relay(wish.channel, member, token)
                state.running[wish.channel] = relayed
                return relayed
            }
        }
        guard call != nil else { return again(wish, speaker, above: nil, attempt + 1, on: loop) }
        enter(wish, speaker, attempt: attempt, on: loop)
    }

    /// The call was not where it was thought to be, or was over when we came.
    private func again(
        _ wish: JoinWish,
        _ speaker: Speaker,
        above token: Fence?,
        _ attempt: Int,
        on loop: Loop
    ) {
        guard attempt < Self.attempts else {
            return turnAway(speaker, "the call is moving from node to node; join again")
        }
        claim(wish, speaker, above: token, attempt: attempt, on: loop)
    }

    /// Into the call that runs, or on a node that is alone a new one. `old`: with the ticket of a call that
    /// was just over, unless the speaker has left meanwhile.
    private func enter(
        _ wish: JoinWish,
        _ speaker: Speaker,
        again old: Ticket? = nil,
        attempt: Int = 0,
        on loop: Loop? = nil
    ) {
        enum Way {
            case into(any RunningCall, Ticket)
            case no(String)
            case nowhere
            case unplaced
        }
        let loop = loop ?? loops[0]
        let retry: @Sendable (Ticket) -> Void = { [self] ticket in
            enter(wish, speaker, again: ticket, attempt: attempt + 1, on: loop)
        }
        let way = state.withLock { state -> Way in
            if let old {
                guard state.places[speaker.connection]?.ticket == old else { return .nowhere }
                state.places[speaker.connection] = nil
            }
            guard !state.isClosed else { return .no(CallEnding.nodeClosed.rawValue) }
            guard let call = state.running[wish.channel] ?? openAlone(wish.channel, in: &state)
            else { return .unplaced }
            if state.places[speaker.connection] != nil {
                guard let place = state.place(of: speaker.connection, in: call) else {
                    return .no(Self.isElsewhere)
                }
                return .into(place.call, place.ticket)
            }
            let ticket = state.place(
                speaker.connection,
                of: speaker.person,
                in: call,
                again: retry
            )
            return .into(call, ticket)
        }
        switch way {
        case .nowhere: break
        case .no(let why): turnAway(speaker, why)
        case .unplaced: again(wish, speaker, above: nil, attempt, on: loop)
        case .into(let call, let ticket):
            let joiner = Joiner(
                connection: speaker.connection,
                person: speaker.person,
                isBot: speaker.principal.isBot,
                title: wish.title,
                thread: wish.thread,
                decodesAV1: wish.decodesAV1,
                signalsOverChannel: wish.signalsOverChannel,
                followsHost: wish.followsHost
            )
            let seesChannel = speaker.principal.may(.read, in: wish.channel.identifier)
            call.join(joiner, ticket, seesChannel: seesChannel) { retry(ticket) }
        }
    }

    private func openAlone(_ channel: ChannelID, in state: inout State) -> CallActor? {
        guard placing == nil else { return nil }
        around.journal.note(channel, .landed)
        return open(channel, nil, in: &state)
    }

    func open(
        _ channel: ChannelID,
        _ token: Fence?,
        in state: inout State
    ) -> CallActor {
        var random = SecureRandom()
        let actor = CallActor(
            id: CallID(Identifier(using: &random)),
            channel: channel,
            token: token,
            rules: state.values.rules,
            loop: loop(for: channel),
            around: around,
            directory: self
        )
        enlist(actor, in: &state)
        return actor
    }

    /// Makes a call of this node's known, here and to other nodes.
    func enlist(_ actor: CallActor, in state: inout State) {
        let channel = actor.channel
        state.running[channel] = actor
        if placing != nil {
            let name = ActorAddress.Name.call(Channel(channel))
            system.open(name, actor)
            // Kept by the system for as long as the call runs.
            _ = system.make(name) { CallDoor(actor, actorSystem: system) }
        }
    }

    func loop(for channel: ChannelID) -> Loop {
        loops[Int(UInt(bitPattern: channel.hashValue) % UInt(loops.count))]
    }

    func running(in channel: ChannelID) -> (any RunningCall)? {
        state.withLock { $0.running[channel] }
    }

    func place(of connection: ConnectionID) -> Place? {
        state.withLock { $0.place(of: connection) }
    }
}
