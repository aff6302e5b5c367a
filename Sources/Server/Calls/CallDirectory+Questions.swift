internal import Basics
package import Calls
internal import Cluster
internal import Coordination
internal import Distributed
internal import IO
package import Identity
internal import Synchronization

// What the rest of the node, and other nodes, ask of calls and have them do.
extension CallDirectory {
    /// The calls that somebody may see, each as it stands for them.
    package func pictures(visibleTo principal: Principal) async -> [(ChannelID, CallPicture)] {
        let person = PersonID(principal.id)
        var all = await ownPictures(for: person)
        await withTaskGroup { group in
            for member in system.neighbours {
                group.addTask { [self] in await pictures(of: member, for: person) }
            }
            for await pictures in group { all += pictures }
        }
        return all.map { ($0.beginning.channel, $0) }
            .filter { principal.may(.read, in: $0.0.identifier) }
            .sorted { $0.0 < $1.0 }
    }

    /// The calls that roost here.
    func ownPictures(for person: PersonID) async -> [CallPicture] {
        var pictures: [CallPicture] = []
        for actor in state.withLock({ $0.own }) {
            guard let picture = await actor.picture(for: person) else { continue }
            pictures.append(picture)
        }
        return pictures
    }

    /// Where a session is, whichever node hosts its call. Nil if it is in none.
    func whereabouts(of participant: ParticipantID) async -> Whereabouts? {
        if let place = await ownWhereabouts(of: participant) { return place }
        return await withTaskGroup { group in
            for member in system.neighbours {
                group.addTask { [self] in await whereabouts(of: participant, at: member) }
            }
            for await place in group where place != nil { return place }
            return nil
        }
    }

    func ownWhereabouts(of participant: ParticipantID) async -> Whereabouts? {
        for actor in state.withLock({ $0.own }) {
            let place = await actor.whereabouts(of: participant, host: system.member)
            if let place { return place }
        }
        return nil
    }

    private func whereabouts(
        of participant: ParticipantID,
        at member: MemberID
    ) async -> Whereabouts? {
        do {
            let node = try NodeActor.resolve(id: ActorAddress(.node, at: member), using: system)
            return try await node.whereabouts(of: participant)
        } catch {
            around.log.warning(
                "another node does not say who is there",
                ["node": .string(member.description), "why": .string("\(error)")]
            )
            return nil
        }
    }

    private func pictures(of member: MemberID, for person: PersonID) async -> [CallPicture] {
        do {
            let node = try NodeActor.resolve(id: ActorAddress(.node, at: member), using: system)
            return try await node.pictures(for: person)
        } catch {
            around.log.warning(
                "another node does not tell its calls",
                ["node": .string(member.description), "why": .string("\(error)")]
            )
            return []
        }
    }

    package func picture(of channel: ChannelID, for person: PersonID?) async -> CallPicture? {
        await reach(channel) { await $0.picture(for: person) }
    }

    /// Asks the channel's call for something, and where it goes on if it moves meanwhile. Nil if it can't be had.
    private func reach<Answer>(
        _ channel: ChannelID,
        _ question: (any RunningCall) async -> Answer?
    ) async -> Answer? {
        let end = Loop.readClock() + CallSearch.brief
        while let call = await findSoon(channel) {
            if let answer = await question(call) { return answer }
            // Its node's word of a move may be on its way.
            await loop(for: channel).sleep(for: Self.wordOfMove)
            guard Loop.readClock() < end, running(in: channel) !== call else { return nil }
        }
        return nil
    }

    private static let wordOfMove = Duration.milliseconds(20)

    package func order(
        _ order: HostOrder,
        in channel: ChannelID,
        by authority: Authority
    ) async -> OrderOutcome {
        await reach(channel) { call in
            let outcome = await call.order(order, by: authority)
            return outcome == .refused(.noCall) ? nil : outcome
        } ?? .refused(.noCall)
    }

    private func have(_ channel: ChannelID, _ errand: CallErrand) async -> Bool {
        await reach(channel) { await $0.take(errand) ? true : nil } ?? false
    }

    /// The person does not want to be rung for the channel's call any more. False if there is none.
    package func dismiss(_ channel: ChannelID, _ person: PersonID) async -> Bool {
        await have(channel, .dismiss(person))
    }

    /// The person may no longer be in the channel. False if there is no call in it.
    package func expel(_ person: PersonID, from channel: ChannelID) async -> Bool {
        await have(channel, .expel(person, .leftChannel))
    }

    /// Ends the channel's call. False if there is none.
    package func end(_ channel: ChannelID, _ ending: CallEnding) async -> Bool {
        await have(channel, .end(ending))
    }

    /// Tells everybody who may see the channel something that is no call's own.
    package func announce(_ event: ServerEvent, in channel: ChannelID) {
        around.crier.tell(.channel(channel, and: []), event)
    }

    /// Tells one person something that is no call's own, such as an invitation.
    package func announce(_ event: ServerEvent, to person: PersonID) {
        around.crier.tell(.person(person), event)
    }

    /// Takes over what was decided for a channel, once the store has it, here and elsewhere.
    package func set(isEnabled: Bool?, in channel: ChannelID) {
        note(isEnabled: isEnabled, in: channel)
        around.crier.post(.decided(channel, isEnabled: isEnabled))
    }

    /// Everything that calls let others know, from now on. For use while the node starts.
    package func watch(_ watcher: @escaping Watcher) {
        state.withLock { $0.watchers.append(watcher) }
    }

    /// Calls that roost on this node.
    package var callCount: Int { state.withLock { $0.own.count } }
    /// Participations in them.
    package var participantCount: Int { around.figures.participantCount }
}
