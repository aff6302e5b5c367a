package import Basics

extension CallPlan {
    /// Takes in what happened, and answers with what is to be done, in this order.
    ///
    /// `random` draws passwords and stream numbers: in production, a generator fit for secrets.
    package mutating func receive(
        _ event: PlanEvent,
        at now: Instant,
        using random: inout some RandomNumberGenerator
    ) -> [PlanAction] {
        switch event {
        case .join(let id, let abilities): join(id, abilities, at: now, using: &random)
        case .leave(let id): leave(id, tellBoard: true)
        case .ready(let id):
            sessions[id]?.asksForOffer = true
            stale.insert(id)
            sessions[id]?.offerDue = nil
        case .offer(let id, let sdp): takeOffer(id, sdp, at: now, using: &random)
        case .answer(let id, let sdp): takeAnswer(id, sdp, at: now, using: &random)
        case .mute(let id, let isMuted): mute(id, isMuted)
        case .screenOn(let id, let stream): shareScreen(id, stream)
        case .screenOff(let id): unshareScreen(id)
        case .cameraOn(let id, let stream): sessions[id]?.cameraStream = stream
        case .cameraOff(let id): sessions[id]?.cameraStream = nil
        case .show(let id, let mid, let showing): show(id, mid, showing)
        case .lock(let id): lock(id, at: now)
        case .unlock(let id):
            if sessions[id]?.lockedUntil != nil { releaseLock(of: id, at: now) }
            sessions[id]?.lockedUntil = nil
            stale.insert(id)
        case .send(let id, let channel, let isText, let bytes, let asksForReceipt):
            if let session = sessions[id], let channel = channel ?? session.channel {
                act(
                    .send(
                        session.peer,
                        channel: channel,
                        isText: isText,
                        bytes,
                        asksForReceipt: asksForReceipt
                    ),
                    on: session.shard
                )
            }
        case .board(let event, let shard): hear(event, from: shard, at: now)
        }
        classify()
        offerAll(at: now, using: &random)
        defer { actions.removeAll() }
        return actions
    }

    /// When to call ``advance(to:using:)``; sooner now and then than there is anything to do.
    package var deadline: Instant? { dues.deadline }

    /// Gives up on offers that nobody answers, and on locks that nobody lets go.
    package mutating func advance(
        to now: Instant,
        using random: inout some RandomNumberGenerator
    ) -> [PlanAction] {
        while let entry = dues.popDue(at: now) {
            guard let id = owners[PeerID(entry.token)] else { continue }
            sessions[id]?.booked = nil
            giveUp(id, at: now)
            book(id)
        }
        offerAll(at: now, using: &random)
        defer { actions.removeAll() }
        return actions
    }

    private mutating func giveUp(_ id: SessionID, at now: Instant) {
        if let limit = sessions[id]?.lockedUntil, limit <= now {
            releaseLock(of: id, at: now)
            sessions[id]?.lockedUntil = nil
            stale.insert(id)
        }
        if let limit = sessions[id]?.answerDue, limit <= now {
            releaseLock(of: id, at: now)
            sessions[id]?.negotiation.rollback()
            sessions[id]?.answerDue = nil
            stale.insert(id)
            tell(id, .refused(what: "offer", why: "it was not answered within ten seconds"))
        }
        if let limit = sessions[id]?.offerDue, limit <= now {
            tell(id, .refused(what: "join", why: "no offer came within ten seconds"))
            tell(id, .over(.neverCame))
            leave(id, tellBoard: true)
        }
    }

    /// Sees to it that ``deadline`` is not later than what this session waits for. A session has one
    /// entry at a time: what it waits for later is entered when that has come up.
    mutating func book(_ id: SessionID) {
        guard let session = sessions[id], let due = session.deadline,
            session.booked.map({ due < $0 }) ?? true
        else { return }
        sessions[id]?.booked = due
        dues.insert(TimerHeap.Entry(instant: due, token: session.peer.rawValue))
    }

    // MARK: - Coming and going

    private mutating func join(
        _ id: SessionID,
        _ abilities: PlanEvent.Abilities,
        at now: Instant,
        using random: inout some RandomNumberGenerator
    ) {
        guard sessions[id] == nil else {
            tell(id, .refused(what: "join", why: "this session is in the call already"))
            return
        }
        guard sessions.count < node.sessionLimit else {
            tell(id, .refused(what: "join", why: "the call is full"))
            return
        }
        let peer = PeerID(numbers.take())
        let place = node.spread.shard(home: shard, people: people)
        people[place] += 1
        let credentials = credentials(for: place, using: &random)
        sessions[id] = PlannedSession(
            peer: peer,
            shard: place,
            abilities: abilities,
            negotiation: Negotiation(
                sessionID: random.next() >> 2,
                credentials: Negotiation.Credentials(credentials),
                fingerprints: [node.fingerprint],
                candidates: node.candidates
            ),
            joined: now,
            offerDue: now + .seconds(10)
        )
        order.append(id)
        owners[peer] = id
        book(id)
        act(
            .addPeer(
                peer,
                PeerShape(credentials: credentials, context: node.context, call: number)
            ),
            on: place
        )
    }

    /// New credentials of ours, by whose name everybody can tell on which shard the peer is.
    func credentials(
        for shard: Int,
        using random: inout some RandomNumberGenerator
    ) -> ICECredentials {
        let ufrag = LocalUfrag.make(for: shard, using: &random)
        guard let credentials = ICECredentials(ufrag: ufrag, using: &random) else {
            preconditionFailure("a name of sixteen ice-chars is one")
        }
        return credentials
    }

    mutating func leave(_ id: SessionID, tellBoard: Bool) {
        guard let session = sessions.removeValue(forKey: id) else { return }
        order.removeAll { $0 == id }
        owners[session.peer] = nil
        stale.remove(id)
        if presenter == id { presenter = nil }
        for track in tracks.values where track.owner == id {
            withdraw(track.uplink, tellBoard: false)
        }
        if tellBoard { act(.removePeer(session.peer), on: session.shard) }
        people[session.shard] -= 1
        for (uplink, downlink) in session.views where session.downlinks[downlink] != nil {
            unmirror(uplink, on: session.shard)
        }
    }

    // MARK: - What boards notice

    private mutating func hear(_ event: BoardEvent, from shard: Int, at now: Instant) {
        switch event {
        case .connected(let peer, _):
            guard let id = session(of: peer) else { return }
            sessions[id]?.isConnected = true
            stale.insert(id)
            tell(id, .connected)
        case .moved: break
        case .gone(let peer, let why):
            guard let id = session(of: peer) else { return }
            tell(id, .over(why))
            leave(id, tellBoard: false)
        case .channelOpened(let peer, let channel, _):
            guard let id = session(of: peer) else { return }
            if let session = sessions[id], session.channel == nil {
                sessions[id]?.channel = channel
                actions.append(.measured(.channelOpened(after: now - session.joined)))
            }
            stale.insert(id)
        case .channelDelivered(let peer):
            guard let id = session(of: peer) else { return }
            tell(id, .delivered)
        case .channelMessage(let peer, let channel, let isText, let bytes):
            guard let id = session(of: peer) else { return }
            guard !answer(ChannelWord(isText: isText, bytes), of: id, on: channel, at: now) else {
                return
            }
            tell(id, .channelMessage(channel: channel, isText: isText, bytes))
        case .channelClosed(let peer, let channel):
            guard let id = session(of: peer), sessions[id]?.channel == channel else { return }
            sessions[id]?.channel = nil
        case .started: break
        case .voice(let uplink, let isOn):
            guard let track = tracks[uplink], track.role == .voice else { return }
            for id in order { tell(id, .voice(track.owner, isOn: isOn)) }
        case .wanted(let uplink, let layers):
            want(layers, of: uplink, on: shard)
        case .mirrored(let uplink):
            guard let track = tracks[uplink], track.mirrors[shard] != nil else { return }
            act(.feed(uplink, shard: shard, true), on: track.shard)
        case .keyFrameWanted(let uplink, let layer):
            guard let track = tracks[uplink] else { return }
            act(.askKeyFrame(uplink, layer: layer), on: track.shard)
        }
    }

    /// What is wanted on all boards together is what the publisher is told.
    mutating func want(_ layers: UInt8, of uplink: UplinkID, on shard: Int) {
        guard let track = tracks[uplink] else { return }
        let before = track.wanted.values.reduce(0, |)
        tracks[uplink]?.wanted[shard] = layers == 0 ? nil : layers
        let wanted = tracks[uplink]?.wanted.values.reduce(0, |) ?? 0
        guard wanted != before else { return }
        let rids = track.shape.layers.enumerated().compactMap { index, layer in
            wanted & (1 << UInt8(index)) != 0 ? layer.rid : nil
        }
        tell(track.owner, .wanted(mid: track.mid, rids: rids))
    }

    private mutating func answer(
        _ word: ChannelWord,
        of id: SessionID,
        on channel: UInt16,
        at now: Instant
    ) -> Bool {
        guard let answer = node.answers[word], let session = sessions[id],
            now >= session.nextAnswer
        else { return false }
        sessions[id]?.nextAnswer = now + .milliseconds(500)
        act(
            .send(
                session.peer,
                channel: channel,
                isText: answer.isText,
                answer.bytes,
                asksForReceipt: false
            ),
            on: session.shard
        )
        return true
    }

    private func session(of peer: PeerID) -> SessionID? {
        owners[peer]
    }

    // MARK: - What participants ask

    private mutating func mute(_ id: SessionID, _ isMuted: Bool) {
        sessions[id]?.isMuted = isMuted
        for track in tracks.values where track.owner == id && track.role == .voice {
            act(.mute(track.uplink, isMuted), wherever: track)
        }
    }

    private mutating func shareScreen(_ id: SessionID, _ stream: String) {
        guard sessions[id] != nil else { return }
        if let presenter, presenter != id {
            tell(id, .refused(what: "screen", why: "somebody else is sharing a screen"))
            return
        }
        presenter = id
        sessions[id]?.screenStream = stream
        // The description may have been faster than this word, and its sound taken for a voice.
        for track in tracks.values
        where track.owner == id && track.stream == stream && track.role == .voice {
            conceal(track.uplink)
        }
    }

    private mutating func unshareScreen(_ id: SessionID) {
        guard presenter == id else { return }
        presenter = nil
        sessions[id]?.screenStream = nil
        for track in tracks.values where track.owner == id {
            guard track.role == .screen || track.role == .screenAudio else { continue }
            conceal(track.uplink)
        }
    }

    private mutating func show(_ id: SessionID, _ mid: String, _ showing: Showing) {
        guard let session = sessions[id],
            let track = session.negotiation.mediaMap[mid],
            session.downlinks[DownlinkID(track.id)] != nil
        else {
            tell(id, .refused(what: "show", why: "no track of yours is in section \(mid)"))
            return
        }
        act(.show(DownlinkID(track.id), showing), on: session.shard)
    }

    private mutating func lock(_ id: SessionID, at now: Instant) {
        guard let session = sessions[id] else { return }
        let isFree = session.answerDue == nil && session.lockedUntil.map { $0 <= now } ?? true
        if isFree {
            sessions[id]?.lockedUntil = now + .seconds(5)
            grabLock(for: id, wishedSince: session.lockWishedSince, at: now)
            sessions[id]?.lockWishedSince = nil
            book(id)
        } else if session.lockWishedSince == nil {
            sessions[id]?.lockWishedSince = now
        }
        tell(id, .locked(isFree))
    }

    mutating func grabLock(for id: SessionID, wishedSince: Instant?, at now: Instant) {
        sessions[id]?.lockHeldSince = now
        actions.append(.measured(.lockGrabbed(after: now - (wishedSince ?? now))))
    }

    mutating func releaseLock(of id: SessionID, at now: Instant) {
        guard let since = sessions[id]?.lockHeldSince else { return }
        sessions[id]?.lockHeldSince = nil
        actions.append(.measured(.lockHeld(for: now - since)))
    }

    // MARK: - Answers

    mutating func tell(_ id: SessionID, _ signal: PlanAction.Signal) {
        actions.append(.tell(id, signal))
    }

    mutating func act(_ command: BoardCommand, on shard: Int) {
        actions.append(.board(shard: shard, command))
    }

    /// On the board that has the track, and on those that have a mirror of it.
    mutating func act(_ command: BoardCommand, wherever track: Track) {
        act(command, on: track.shard)
        for shard in track.mirrors.keys.sorted() { act(command, on: shard) }
    }
}
