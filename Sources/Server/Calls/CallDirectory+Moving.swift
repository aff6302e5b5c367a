internal import Basics
internal import Calls
internal import Cluster
internal import Coordination
internal import Distributed
internal import IO
internal import Synchronization
internal import Wire

// Calls that move: taken over from a node that is gone, or given up to another.
extension CallDirectory {
    /// A call that was another node's is to go on here.
    func take(over channel: ChannelID, _ token: Fence, _ kept: [UInt8]?) {
        let (prepared, lost) = state.withLock { state in
            (
                state.prepared.removeValue(forKey: channel),
                state.lost.removeValue(forKey: channel)?.snapshot
            )
        }
        // What was brought here for the move is newer than what was kept for an accident, unless that is an accident after
        // a move that came to nothing. What this node had itself may never have been kept.
        let known = [prepared?.snapshot, kept, lost].compactMap(\.self)
        let letters = prepared?.letters ?? []
        guard restore(channel, token, known, letters) == nil else { return }
        for (letter, sender) in letters { answer(stray: letter, for: channel, from: sender) }
    }

    /// The channel's call was this node's, which has lost it: kept for a while, should it come back.
    func remember(_ channel: ChannelID, _ snapshot: [UInt8]) {
        let now = Loop.readClock()
        state.withLock { state in
            state.lost = state.lost.filter { now - $0.value.at < Self.lostTime }
            guard state.lost.count < Self.lostLimit else { return }
            state.lost[channel] = (snapshot, now)
        }
    }

    /// Longer than people's places are kept.
    private static let lostTime = Duration.seconds(60)
    private static let lostLimit = 1_000

    private func restore(
        _ channel: ChannelID,
        _ token: Fence,
        _ known: [[UInt8]],
        _ letters: [(letter: CallLetter, sender: MemberID)]
    ) -> CallActor? {
        guard !known.isEmpty else {
            around.log.warning(
                "a call can't go on: its node is gone and had not saved it yet",
                ["channel": .string(channel.description)]
            )
            around.journal.note(channel, .givenUp(.unsaved))
            placing?.end(channel, token)
            return nil
        }
        var latest: CallSnapshot?
        for bytes in known {
            do throws(PackFault) {
                let snapshot = try CallSnapshot(packed: bytes)
                latest = latest.map { .latest($0, snapshot) } ?? snapshot
            } catch {
                around.log.error(
                    "what a node has saved of a call can't be read",
                    ["channel": .string(channel.description), "why": .error(error)]
                )
            }
        }
        guard let snapshot = latest else {
            around.log.error(
                "a call can't go on: nothing that was saved of it can be read",
                ["channel": .string(channel.description)]
            )
            around.journal.note(channel, .givenUp(.unreadable))
            placing?.end(channel, token)
            return nil
        }
        state.withLock { $0.glowing.removeValue(forKey: channel) }?.darken()
        let (actor, old) = state.withLock { state -> (CallActor?, (any RunningCall)?) in
            let old = state.running[channel]
            guard !state.isClosed, !(old is CallActor) else { return (nil, nil) }
            let actor = CallActor(
                restoring: snapshot,
                token: token,
                rules: state.values.rules,
                loop: loop(for: channel),
                around: around,
                directory: self
            )
            actor.beginAgain()
            // Before anybody of this node finds it: whose connection has come here since said all that elsewhere.
            for (letter, sender) in letters { actor.take(letter, from: sender) }
            enlist(actor, in: &state)
            return (actor, old)
        }
        guard let actor else { return nil }
        around.log.info(
            "a call goes on here",
            ["call": .string(actor.id.description), "fence": .string(token.description)]
        )
        // Nobody else takes those of this node who are in it along: its old node's word, when that comes,
        // finds the call here already.
        if let old { move(from: old, to: actor) }
        return actor
    }

    /// This node hosts the channel's call no more, and somebody else does, or will. `isMoved`: by agreement,
    /// so that media may go on here until everybody has it there.
    func giveUp(_ channel: ChannelID, isMoved: Bool = false) {
        let actor = state.withLock { state -> CallActor? in
            guard let actor = state.running[channel] as? CallActor else { return nil }
            remove(actor, from: &state)
            return actor
        }
        guard let actor else { return }
        around.log.info(
            isMoved ? "a call has moved to another node" : "a call is given up to another node",
            ["call": .string(actor.id.description)]
        )
        actor.giveUp(afterglow: isMoved ? Self.afterglow : .zero)
        if isMoved { glow(actor) }
        around.crier.post(.moved(channel))
        follow(channel, from: actor)
    }

    private func glow(_ actor: CallActor) {
        state.withLock { state in
            state.glowsUntil = Loop.readClock() + Self.afterglow
            state.glowing[actor.channel] = actor
        }
        actor.loop.begin { [self] in
            await actor.loop.sleep(for: Self.afterglow)
            state.withLock { state in
                guard state.glowing[actor.channel] === actor else { return }
                state.glowing[actor.channel] = nil
            }
        }
    }

    /// What was saved of this node's calls may be lost.
    func saveAgain() {
        for actor in state.withLock({ $0.own }) { actor.saveAgain() }
    }

    /// The channel's call could not be saved.
    func saveAgain(_ channel: ChannelID) {
        (running(in: channel) as? CallActor)?.saveAgain()
    }

    func remove(_ actor: CallActor, from state: inout State) {
        state.running[actor.channel] = nil
        if placing != nil { system.retire(.call(Channel(actor.channel))) }
    }

    /// The channel's call is not at that node any more, which says so itself.
    func callHasMoved(in channel: ChannelID, from member: MemberID) {
        let call = state.withLock { state -> (any RunningCall)? in
            guard let relayed = state.running[channel] as? RelayedCall, relayed.member == member
            else { return nil }
            state.running[channel] = nil
            return relayed
        }
        if let call { follow(channel, from: call) }
    }

    /// Another node is gone, with the calls that roosted there and the websockets that it had.
    func lose(_ member: MemberID) {
        let (own, gone) = state.withLock { state -> ([CallActor], [RelayedCall]) in
            var gone: [RelayedCall] = []
            for (channel, call) in state.running {
                guard let relayed = call as? RelayedCall, relayed.member == member else { continue }
                state.running[channel] = nil
                gone.append(relayed)
            }
            // Some may have been in a call that is forgotten by now.
            for case let relayed as RelayedCall in state.places.values.map(\.call)
            where relayed.member == member && !gone.contains(where: { $0 === relayed }) {
                gone.append(relayed)
            }
            return (state.own, gone)
        }
        for actor in own { actor.lose(allOf: member) }
        for call in gone { follow(call.channel, from: call) }
    }

    /// What is said to the channel's call at that node does not get there: the node is gone, as one may be that another node
    /// has named as a connection's, or this one has not met it yet.
    func lose(_ channel: ChannelID, at member: MemberID) {
        let gone = state.withLock { state -> [RelayedCall] in
            let all = state.places.values.map(\.call) + [state.running[channel]].compactMap(\.self)
            var gone: [RelayedCall] = []
            for case let relayed as RelayedCall in all
            where relayed.channel == channel && relayed.member == member
                && !gone.contains(where: { $0 === relayed })
            {
                forget(relayed, at: member, in: &state)
                gone.append(relayed)
            }
            return gone
        }
        for call in gone { follow(channel, from: call, mayReturn: true) }
    }

    // MARK: - Leaving

    /// The call is about to move: what its next host needs is brought there. True once it has it.
    func prepareMove(of channel: ChannelID, to member: MemberID) async -> Bool {
        guard let actor = running(in: channel) as? CallActor,
            let snapshot = await actor.pack()
        else { return false }
        do {
            let node = try NodeActor.resolve(id: ActorAddress(.node, at: member), using: system)
            return try await node.prepare(channel, snapshot)
        } catch {
            around.log.warning(
                "a call stays, for the node that was to have it can't be told of it",
                ["node": .string(member.description), "why": .string("\(error)")]
            )
            return false
        }
    }

    /// The call was about to move, and doesn't.
    func stay(_ channel: ChannelID) { (running(in: channel) as? CallActor)?.unpack() }

    /// Gives every call to another node, some at a time. Answers how many stayed.
    func moveAll(within patience: Duration) async -> Int {
        guard let placing else { return 0 }
        let end = Loop.readClock() + patience
        var isHopeless = false
        while Loop.readClock() < end {
            let own = state.withLock { $0.own }
            guard !own.isEmpty else { return 0 }
            guard await placing.successor() != nil else {
                // The others may be ending, too, and then nothing is worth waiting for. Or Redis is away, or they
                // are cut off, and then nobody could go on with what is new since.
                let mayHelp = await placing.hasWillingHeirs()
                if isHopeless, !mayHelp { break }
                isHopeless = !mayHelp
                await loops[0].sleep(for: .milliseconds(mayHelp ? 100 : 500))
                continue
            }
            await withTaskGroup { group in
                for actor in own.prefix(Self.movesAtOnce) {
                    group.addTask {
                        guard let member = await placing.successor() else { return }
                        _ = await placing.move(actor.channel, to: member)
                    }
                }
            }
            // Nobody may be fit just now, or a move was refused.
            if state.withLock({ $0.own.count }) >= own.count {
                await loops[0].sleep(for: .milliseconds(200))
            }
        }
        return state.withLock { $0.own.count }
    }

    /// Whether calls are here that others could go on with, sooner or later.
    var mayMove: Bool {
        get async {
            guard let placing, state.withLock({ !$0.own.isEmpty }) else { return false }
            return await placing.hasHeirs()
        }
    }

    /// Waits until nothing of the calls that have moved is left here.
    func fade() async {
        while let end = state.withLock({ $0.glowsUntil }), Loop.readClock() < end {
            await loops[0].sleep(for: end - Loop.readClock())
        }
    }

    /// Longer than clients take to begin media elsewhere.
    private static let afterglow = Duration.seconds(3)
    private static let movesAtOnce = 16

    // MARK: - Following

    /// Takes those of this node who are in the call to where it is now, as soon as that is known. `mayReturn`: it may be
    /// where it was, and nobody could be told anything there.
    func follow(_ channel: ChannelID, from old: any RunningCall, mayReturn: Bool = false) {
        let isFirst = state.withLock { $0.followed.insert(ObjectIdentifier(old)).inserted }
        guard isFirst else { return }
        loop(for: channel).begin { [self] in
            var search = CallSearch(
                atMost: max(reconnectGrace, Self.grace),
                grace: Self.grace,
                at: Loop.readClock()
            )
            var next = await successor(of: old, orItself: mayReturn)
            while next == nil {
                let hasHope = await isAwaited(channel)
                let now = Loop.readClock()
                guard search.goesOn(hasHope, at: now) else { break }
                await loop(for: channel).sleep(for: search.pause(at: now))
                next = await successor(of: old, orItself: mayReturn)
            }
            state.withLock { _ = $0.followed.remove(ObjectIdentifier(old)) }
            if let next { move(from: old, to: next) } else { loseWay(old) }
        }
    }

    /// The call as it goes on at a later host; nil if it doesn't yet, or nobody here has heard of that. `orItself`: the
    /// same host will do, once it can be reached.
    private func successor(
        of old: any RunningCall,
        orItself mayReturn: Bool
    ) async -> (any RunningCall)? {
        func follows(_ call: any RunningCall) -> Bool {
            if call.isLater(than: old) { return true }
            guard mayReturn, call.fence == old.fence, let relayed = call as? RelayedCall else {
                return false
            }
            return system.neighbours.contains(relayed.member)
        }
        if let call = running(in: old.channel), follows(call) { return call }
        guard case .theirs(let member, let token) = await placing?.find(old.channel) else {
            return nil
        }
        let call = relay(old.channel, member, token)
        guard follows(call) else { return nil }
        return state.withLock { state in
            if let running = state.running[old.channel], !call.isLater(than: running) {
                return follows(running) ? running : nil
            }
            // A call that roosts here gives itself up, with all that belongs to that.
            if state.running[old.channel] is CallActor { return nil }
            state.running[old.channel] = call
            return call
        }
    }

    /// Whoever came to any earlier host of the call moves along. Of those whose sockets are gone the new host is not
    /// told that they are there: it knows them as away, and they may have come back by another node meanwhile.
    private func move(from old: any RunningCall, to call: any RunningCall) {
        let moved = state.withLock { state -> [(ConnectionID, PersonID, Ticket)] in
            state.places.filter { _, place in
                place.call === old
                    || place.call.channel == call.channel && call.isLater(than: place.call)
            }.keys.sorted().compactMap { connection in
                guard let place = state.places[connection] else { return nil }
                state.lastTicket += 1
                let ticket = Ticket(number: state.lastTicket)
                state.places[connection]?.call = call
                state.places[connection]?.ticket = ticket
                return place.isAway ? nil : (connection, place.person, ticket)
            }
        }
        for (connection, person, ticket) in moved { call.resume(connection, of: person, ticket) }
        let left = state.withLock { $0.departures.all(of: call.channel, at: Loop.readClock()) }
        for connection in left { call.hear(.leave, from: connection) }
    }

    private func loseWay(_ old: any RunningCall) {
        let lost = state.withLock { state -> [ConnectionID] in
            let lost = state.places.filter { $0.value.call === old }.keys.sorted()
            for connection in lost { state.places[connection] = nil }
            return lost
        }
        for connection in lost {
            let why = "the node of the call is gone, and the call with it; join again"
            around.crier.tell(.connection(connection), .error(text: why, connection))
        }
    }

    /// As long as it takes to be sure that a node is gone, and more than twice that.
    private static let grace = Duration.seconds(5)
}
