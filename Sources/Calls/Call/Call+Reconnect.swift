internal import Basics

extension Call {
    /// Moves a session to another connection.
    ///
    /// The connection that the client comes from must be one of the session's, be it an old one: a client
    /// whose last move was cut short before it learnt its new name still comes from there. While nobody
    /// is reached by the session it may be one we never heard of, whose own word was lost with it; that
    /// one is remembered as older, so that its word, should it come late, takes nothing away.
    ///
    /// The connection that is left may be live still, since the network may shuffle two moves. It is kept: if
    /// the new one is lost before it, the session falls back on it.
    ///
    /// One that comes from itself has moved nowhere: it is there again, as its client or its node says, as after the
    /// call has moved. A node may believe that of one whose client has long gone on to another; so it goes before
    /// those that are older, and stays behind those that came from it. One of which the call has never heard is the
    /// latest: its client said where it came from to a host that is gone.
    mutating func reconnect(_ wish: Reconnect, at now: Moment) {
        let known = roster.place(of: wish.participant)
        if let other = roster.place(reachedBy: wish.connection), other != known {
            let why = "this connection is in the call already"
            note(.refused(wish.participant, what: "reconnect", why: why))
            return tell(.connection(wish.connection), .error(text: why, nil))
        }
        guard let place = known else {
            return turnAway(wish.connection, "reconnect", whyUnknown(wish.person))
        }
        let session = roster[place]
        guard session.person == wish.person else {
            return turnAway(wish.connection, "reconnect", "this session is not yours; join instead")
        }
        let isOurs =
            session.connection == wish.connection
            || session.links.last?.connection == wish.connection
        let isHereAgain = wish.previous == wish.connection
        if !isOurs, let present = session.connection {
            let isNewer = isHereAgain && session.follows(wish.connection, present)
            if session.knows(wish.connection), !isNewer {
                let why = "a newer connection has taken over; join again"
                return turnAway(wish.connection, "reconnect", why)
            }
            if !isNewer, !isHereAgain, !session.knows(wish.previous) {
                let why = "the previous connection is not known; join again"
                return turnAway(wish.connection, "reconnect", why)
            }
        }
        if !session.knows(wish.previous), wish.previous != wish.connection {
            roster.recall(wish.previous, at: place)
        }
        roster.bind(wish.connection, at: place, isHereAgain: isHereAgain)
        catchUp(place, at: now)
    }

    private func whyUnknown(_ person: PersonID) -> String {
        if removed.contains(person) { return "you have been removed from this call" }
        return isOver ? "the call is over" : "your session in this call has ended; join again"
    }

    /// Tells a session all that it may have missed.
    private mutating func catchUp(_ place: Int, at now: Moment) {
        let session = roster[place]
        guard let connection = session.connection else { return }
        if session.awaitsMedia, !session.followsHost {
            let why = "the node that the call was on is gone; join again"
            tell(.connection(connection), .error(text: why, connection))
            return leave(session.id, at: now)
        }
        if let picture = picture(for: session.person) {
            tell(.connection(connection), .callState(channel, picture))
        }
        tellVoices(to: connection)
        if session.awaitsMedia { beginMediaAnew(place) }
        if roster[place].awaitsOffer {
            return tell(.connection(connection), .rehost(session.id, channel, move: move))
        }
        let missed = session.undelivered
        if missed.isMutedByHost {
            tell(.connection(connection), .hostMute(session.id, channel, session.person))
        }
        if missed.isScreenStoppedByHost {
            tell(.connection(connection), .hostScreenOff(session.id, channel, session.person))
        }
        if let sdp = missed.answer {
            tell(.connection(connection), .signal(MediaDescription(.answer, sdp), session.id))
        }
        roster[place].undelivered.answer = nil
        roster[place].undelivered.isMutedByHost = false
        roster[place].undelivered.isScreenStoppedByHost = false
        if let offer = missed.offer { deliver(offer, to: place, at: now) }
    }

    /// Lets a session that comes from another node begin media here, where everybody else finds it as it
    /// was there.
    private mutating func beginMediaAnew(_ place: Int) {
        let session = roster[place]
        roster[place].awaitsMedia = false
        roster[place].awaitsOffer = true
        order(session.id, .join(decodesAV1: session.decodesAV1))
        order(session.id, .mute(session.isMuted))
        if let screen, screen.sharer == session.id {
            order(session.id, .screenOn(stream: screen.stream))
        }
        if session.videoSince != nil {
            order(session.id, .videoOn(stream: session.videoStream))
        }
    }

    /// Gives a session whose connection is gone some time to come back.
    mutating func lose(_ connection: ConnectionID, at now: Moment) {
        guard let place = roster.place(reachedBy: connection) else { return }
        let before = roster[place].presence
        let limit = now.instant + rules.reconnectGrace
        roster.unbind(connection, at: place, until: limit)
        guard roster[place].presence != before else { return }
        switch roster[place].presence {
        case .present: catchUp(place, at: now)
        case .away:
            guard !roster[place].isTimed else { return }
            roster[place].isTimed = true
            timers.insert(TimerHeap.Entry(instant: limit, token: roster[place].number))
        }
    }

    /// Ends the sessions whose time to come back is over.
    mutating func wake(at now: Moment) {
        while let entry = holds.popDue(at: now.instant) {
            guard let place = roster.place(numbered: entry.token),
                let limit = roster[place].offerHeldUntil, limit <= now.instant
            else { continue }
            release(place)
        }
        while let entry = timers.popDue(at: now.instant) {
            guard let place = roster.place(numbered: entry.token) else { continue }
            roster[place].isTimed = false
            guard case .away(let limit) = roster[place].presence else { continue }
            if limit <= now.instant {
                leave(roster[place].id, at: now)
            } else {
                roster[place].isTimed = true
                timers.insert(TimerHeap.Entry(instant: limit, token: entry.token))
            }
        }
    }
}
