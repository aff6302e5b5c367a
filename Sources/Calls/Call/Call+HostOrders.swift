extension Call {
    /// Carries out what a host or administrator orders, at once and in media: the client concerned is told
    /// so that it follows, not asked whether it will.
    mutating func obey(_ order: HostOrder, by authority: Authority, at now: Moment) {
        switch reason(against: order, by: authority) {
        case .some(let refusal):
            note(.refused(nil, what: "order", why: refusal.description))
            actions.append(.answer(.refused(refusal)))
        case nil:
            // First, as a call that this ends answers nothing more.
            actions.append(.answer(.done))
            carryOut(order, by: authority.person, at: now)
        }
    }

    private func reason(against order: HostOrder, by authority: Authority) -> OrderRefusal? {
        guard beginning != nil else { return .noCall }
        guard authority.isAdmin || authority.person == host else { return .noPermission }
        switch order {
        case .muteOthers, .endForAll: return nil
        case .makeHost(let person):
            if roster.contains(person) { return nil }
            return roster.bots.contains(person) ? .notAllowed : .notInCall
        case .mute(let id), .stopScreen(let id), .lowerHand(let id):
            guard let session = roster[id] else { return .notInCall }
            return session.isBot ? .notAllowed : nil
        case .remove(let id):
            guard let session = roster[id] else { return .notInCall }
            // Nobody comes back after that, so a host who clicks on themself would be sorry.
            let isSelf = session.person == authority.person
            return session.isBot || isSelf ? .notAllowed : nil
        }
    }

    private mutating func carryOut(_ order: HostOrder, by person: PersonID, at now: Moment) {
        switch order {
        case .makeHost(let other):
            if other != host || lockedHost == nil { lockedHost = other }
            setHost(other)
        case .mute(let id):
            if let place = roster.place(of: id) { silence(place) }
        case .muteOthers:
            for place in roster.sessions.indices where roster[place].person != person {
                silence(place)
            }
        case .stopScreen(let id): stopScreen(of: id, at: now)
        case .lowerHand(let id): lowerHand(of: id, by: person)
        case .remove(let id): remove(id, at: now)
        case .endForAll: end(.byHost, at: now)
        }
    }

    /// Mutes somebody, who may unmute again.
    private mutating func silence(_ place: Int) {
        guard !roster[place].isMuted else { return }
        mute(place)
        let session = roster[place]
        tell(.person(session.person), .hostMute(session.id, channel, session.person))
        if session.connection == nil { roster[place].undelivered.isMutedByHost = true }
    }

    private mutating func stopScreen(of id: ParticipantID, at now: Moment) {
        guard screen?.sharer == id, let place = roster.place(of: id) else { return }
        unshareScreen(of: id, at: now)
        let session = roster[place]
        tell(.person(session.person), .hostScreenOff(id, channel, session.person))
        if session.connection == nil { roster[place].undelivered.isScreenStoppedByHost = true }
    }

    private mutating func lowerHand(of id: ParticipantID, by host: PersonID) {
        guard let place = roster.place(of: id), roster[place].handRaised != 0 else { return }
        lowerHand(place)
        let person = roster[place].person
        tell(.person(person), .hostLowerHand(id, self.id, channel, host: host, person))
    }

    /// Ends the person's participation, in all their tabs, for as long as the call lasts.
    private mutating func remove(_ id: ParticipantID, at now: Moment) {
        guard let person = person(of: id) else { return }
        removed.insert(person)
        if lockedHost == person { lockedHost = nil }
        for id in roster.ids(of: person) {
            // Told before the rest: the person's client would take the end of its media for a failure.
            let event = ServerEvent.hostRemoved(id, person, self.id, channel)
            tell(.person(person), event)
            guard drop(id, at: now) != nil else { continue }
            tell(.participants, event)
            tell(.channel, .userLeft(person, id, channel))
        }
        settle(at: now)
    }
}
