internal import Basics

extension Call {
    /// What a title keeps of what was asked for, in characters.
    private static let titleLimit = 200

    mutating func join(_ joiner: Joiner, at now: Moment) {
        let id = ParticipantID(first: joiner.connection)
        let isKnown = roster.place(reachedBy: joiner.connection) != nil || roster[id] != nil
        if isKnown {
            // It stays in the call, so the error names no connection.
            let why = "this connection is in the call already"
            note(.refused(id, what: "join", why: why))
            tell(.connection(joiner.connection), .error(text: why, nil))
        } else if let why = reason(against: joiner) {
            turnAway(joiner.connection, "join", why)
        } else {
            admit(joiner, as: id, at: now)
        }
    }

    private func reason(against joiner: Joiner) -> String? {
        switch life {
        case .over: "the call is over; join again to start another"
        case .new where joiner.isBot: "a call cannot begin with a bot; join once people are in it"
        case .running where removed.contains(joiner.person) && !joiner.isBot:
            "you have been removed from this call"
        case .new, .running:
            rules.participantLimit > 0 && roster.count >= rules.participantLimit
                ? "user cannot join because of limits" : nil
        }
    }

    private mutating func admit(_ joiner: Joiner, as id: ParticipantID, at now: Moment) {
        let place = roster.add(joiner, at: now)
        let person = joiner.person
        if life == .new {
            let beginning = CallBeginning(
                call: self.id,
                channel: channel,
                owner: person,
                title: String(joiner.title.prefix(Self.titleLimit)),
                thread: String(joiner.thread.prefix(Identifier.length)),
                started: now.wall
            )
            life = .running(beginning)
            host = person
            actions.append(.remember(.began(beginning)))
            note(.hostChanged(person))
            // It names the host, so nobody is told of a change besides.
            tell(.channel, .callStart(beginning, host: person))
        } else {
            chooseHost()
        }
        order(id, .join(decodesAV1: joiner.decodesAV1))
        // Whoever is shown as muted is not heard, be their microphone open or not.
        order(id, .mute(true))
        if !joiner.isBot {
            if attendance.count < Self.peopleLimit, attended.insert(person).inserted {
                attendance.append(person)
            }
            actions.append(.remember(.joined(id, person, at: now.wall)))
            note(.participantJoined(id, person))
        }
        tell(.connection(joiner.connection), .join(joiner.connection))
        if !joiner.isBot { tell(.channel, .userJoined(person, id, channel)) }
        if let picture = picture(for: person) {
            tell(.person(person), .callState(channel, picture))
        }
        tellVoices(to: joiner.connection, except: place)
    }

    /// The state of a call does not say who speaks, so whoever takes it over is told besides.
    mutating func tellVoices(to connection: ConnectionID, except place: Int? = nil) {
        for other in roster.sessions.indices
        where other != place && roster.sessions[other].isSpeaking {
            let session = roster[other]
            tell(
                .connection(connection),
                .voice(session.person, session.id, channel, isOn: true)
            )
        }
    }

    /// Makes somebody host whom the rules name: whom a host has chosen, if that person is in the call; else
    /// whoever hosts already; else who came first.
    mutating func chooseHost() {
        let chosen: PersonID? =
            if let lockedHost, roster.contains(lockedHost) {
                lockedHost
            } else if let host, roster.contains(host) {
                host
            } else {
                roster.sessions.first { !$0.isBot }?.person
            }
        setHost(chosen)
    }

    mutating func setHost(_ person: PersonID?) {
        guard person != host else { return }
        host = person
        tell(.participants, .hostChanged(person, id, channel))
        note(.hostChanged(person))
    }
}
