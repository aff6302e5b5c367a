internal import Basics

extension Call {
    mutating func hear(_ news: MediaNews, of id: ParticipantID, at now: Moment) {
        // Media may not have heard yet that somebody has left.
        guard let place = roster.place(of: id) else { return }
        switch news {
        case .connected: break
        case .answer(let sdp): answer(place, sdp)
        case .offer(let sdp, let tracks):
            deliver(CallSession.Offer(sdp: sdp, tracks: tracks), to: place, at: now)
        case .voice(let isOn): speak(place, isOn)
        case .channelMessage(let isText, let bytes): hear(bytes, isText: isText, place, at: now)
        case .delivered: release(place)
        case .locked(let isLocked): send(.locked(isLocked), to: id)
        case .refused("join", let why): lose(media: place, why, at: now)
        case .refused(let what, let why): refuse(id, what, why)
        case .over(let reason): lose(media: place, reason, at: now)
        }
    }

    /// Ends a session that has no media any more, whether it is connected or away. Nobody hears or sees it,
    /// and clients of the protocol can't begin media anew within a session: they must join again, and do
    /// once they are told.
    private mutating func lose(media place: Int, _ why: String, at now: Moment) {
        let session = roster[place]
        note(.refused(session.id, what: "media", why: why))
        if let connection = session.connection {
            tell(.connection(connection), .error(text: why, connection))
        }
        leave(session.id, at: now)
    }

    // MARK: - Descriptions

    /// A description by the participant. Whatever way an offer comes, its answer goes back.
    mutating func take(_ description: MediaDescription, from place: Int, overChannel: Bool) {
        switch description.kind {
        case .offer:
            roster[place].awaitsOffer = false
            roster[place].offersOverChannel = overChannel
            roster[place].undelivered.answer = nil
        case .answer:
            // An offer that is said again to another connection is answered again, maybe when the next one waits
            // for the map of its tracks. That one must not be taken for answered.
            if let offer = roster[place].undelivered.offer, !offer.isTold {
                let why = "it is to an earlier offer, which was answered or given up"
                return note(.refused(roster[place].id, what: "answer", why: why))
            }
            roster[place].undelivered.offer = nil
            roster[place].offerHeldUntil = nil
        }
        order(roster[place].id, .description(description))
    }

    private mutating func answer(_ place: Int, _ sdp: String) {
        let session = roster[place]
        let description = MediaDescription(.answer, sdp)
        if session.offersOverChannel {
            send(.description(description), to: session.id)
        } else if let connection = session.connection {
            tell(.connection(connection), .signal(description, session.id))
        } else {
            roster[place].undelivered.answer = sdp
        }
    }

    /// Offers tracks, after saying whose and what each is.
    ///
    /// Clients look that up when a track appears, and drop a picture that they find nothing about. Over the
    /// data channel the map arrives first, as all there is in order. With the offer on the websocket they
    /// would race, so the offer waits until the map has arrived, which the client's own SCTP says, for the
    /// price of one round trip; or for a moment, if the channel is slow. An offer that goes to a
    /// connection may be lost with it: it is kept until it is answered, and said again to the connection
    /// that comes after.
    mutating func deliver(_ offer: CallSession.Offer, to place: Int, at now: Moment) {
        let session = roster[place]
        if session.signalsOverChannel {
            send(.mediaMap(offer.tracks), to: session.id)
            return send(.description(MediaDescription(.offer, offer.sdp)), to: session.id)
        }
        roster[place].undelivered.offer = offer
        guard session.connection != nil else { return }
        let map = DataChannelMessage.mediaMap(offer.tracks).bytes
        order(session.id, .send(isText: false, map, asksForReceipt: true))
        let limit = now.instant + Self.longestHold
        roster[place].offerHeldUntil = limit
        guard !offer.tracks.isEmpty else { return release(place) }
        holds.insert(TimerHeap.Entry(instant: limit, token: session.number))
    }

    private static var longestHold: Duration { .milliseconds(500) }

    /// Lets an offer go that was held back.
    mutating func release(_ place: Int) {
        guard roster[place].offerHeldUntil != nil else { return }
        roster[place].offerHeldUntil = nil
        guard let connection = roster[place].connection,
            let offer = roster[place].undelivered.offer
        else { return }
        roster[place].undelivered.offer?.isTold = true
        let description = MediaDescription(.offer, offer.sdp)
        tell(.connection(connection), .signal(description, roster[place].id))
    }

    mutating func send(_ message: DataChannelMessage, to id: ParticipantID) {
        order(id, .send(isText: false, message.bytes))
    }
}
