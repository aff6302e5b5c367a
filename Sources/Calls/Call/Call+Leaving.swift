internal import Basics

extension Call {
    /// Ends one session, and with the last one the call.
    mutating func leave(_ id: ParticipantID, at now: Moment) {
        guard let session = drop(id, at: now) else { return }
        if !session.isBot { tell(.channel, .userLeft(session.person, id, channel)) }
        settle(at: now)
    }

    /// Takes a session out of everything but the hosts' order: media, screen, history. Others are told by
    /// the caller, each in its own words.
    mutating func drop(_ id: ParticipantID, at now: Moment) -> CallSession? {
        guard let place = roster.place(of: id) else { return nil }
        let session = roster.remove(at: place)
        order(id, .leave)
        if let shown = screen, shown.sharer == id {
            statistics.endScreen(since: shown.since, at: now.instant)
            screen = nil
            tell(.participants, .screen(session.person, id, channel, isOn: false))
        }
        if let since = session.videoSince {
            statistics.endVideo(since: since, at: now.instant)
        }
        guard !session.isBot else { return session }
        actions.append(
            .remember(.left(id, session.person, joined: session.joined.wall, at: now.wall))
        )
        note(.participantLeft(id, session.person))
        return session
    }

    /// Gives the call a host again after somebody has gone, or ends it when nobody is left but bots.
    mutating func settle(at now: Moment) {
        guard beginning != nil else { return }
        if roster.isDeserted {
            finish(.lastLeft, at: now)
        } else {
            chooseHost()
        }
    }

    /// The person may not be here any more, in any of their tabs.
    mutating func expel(_ person: PersonID, _ why: Expulsion, at now: Moment) {
        let ids = roster.ids(of: person)
        guard !ids.isEmpty else { return }
        // Whatever their token still says.
        if why == .leftChannel { removed.insert(person) }
        for id in ids {
            guard let session = drop(id, at: now) else { continue }
            tell(.channel, .userLeft(person, id, channel))
            switch why {
            case .leftChannel:
                // The channel's events reach this person no more.
                tell(.person(person), .userLeft(person, id, channel))
            case .loginEnded:
                guard let connection = session.connection else { continue }
                tell(.connection(connection), .error(text: why.rawValue, connection))
            }
        }
        if why == .leftChannel {
            tell(.person(person), .userRemoved(person, channel, by: person))
        }
        settle(at: now)
    }

    /// Ends the call for everybody at once.
    mutating func end(_ ending: CallEnding, at now: Moment) {
        switch life {
        case .over: return
        case .new:
            life = .over
            actions.append(.over(ending))
        case .running:
            tell(.channel, .callEnd(channel))
            finish(ending, at: now)
        }
    }

    /// Takes out whoever is left, sums up, and answers nothing more.
    ///
    /// Clients infer an end without word from the last `user_left`; a `call_end` they would take for a
    /// host's.
    private mutating func finish(_ ending: CallEnding, at now: Moment) {
        guard let beginning else { return }
        // Whose events would reach nobody: the channel knows that the call is over.
        if let shown = screen {
            statistics.endScreen(since: shown.since, at: now.instant)
            screen = nil
        }
        for session in roster.sessions.reversed() { _ = drop(session.id, at: now) }
        let summary = CallSummary(
            beginning: beginning,
            ended: now.wall,
            people: attendance,
            screenSeconds: Int(statistics.screen.components.seconds),
            videoSeconds: Int(statistics.video.components.seconds),
            hasUsedScreen: statistics.hasUsedScreen,
            hasUsedVideo: statistics.hasUsedVideo
        )
        life = .over
        host = nil
        timers = TimerHeap()
        holds = TimerHeap()
        actions.append(.remember(.ended(summary)))
        actions.append(.over(ending))
    }

    /// The person does not want to be rung, and all their clients shall know.
    mutating func dismiss(_ person: PersonID) {
        guard beginning != nil else { return }
        guard dismissed.count < Self.peopleLimit else {
            note(.refused(nil, what: "dismissal", why: "too many people have dismissed the call"))
            return
        }
        guard dismissed.insert(person).inserted else { return }
        tell(.person(person), .dismissed(person, id))
    }
}
