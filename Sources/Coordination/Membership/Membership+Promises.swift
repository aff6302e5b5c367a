package import Basics

/// Heartbeats, the promises that answer them, and how long this member may host by either.
extension Membership {
    /// Until when this member may host if it hears nothing more from anybody; nil if it may not.
    ///
    /// The gate before everything that leaves the node compares this with the clock.
    package var holdsUntil: Instant? {
        guard stage == .member else { return nil }
        switch (leaseEnd, promisesEnd) {
        case (let lease?, let promises?): return max(lease, promises)
        case (let end?, nil), (nil, let end?): return end
        case (nil, nil): return nil
        }
    }

    package func holds(at now: Instant) -> Bool { holdsUntil.map { now < $0 } ?? false }

    /// Until when Redis' word counts. With Sentinels no longer than they have lately confirmed that this
    /// is the master: one that was deposed goes on renewing leases.
    var leaseEnd: Instant? {
        guard let leaseSent else { return nil }
        let end = leaseSent + (pace.lease - pace.guardTime)
        guard hasSentinels else { return end }
        guard let confirmed else { return nil }
        return min(end, confirmed.sent + pace.confirmation)
    }

    /// Until when enough of the others have promised not to vote against this member, whichever
    /// view Redis may have noted for it.
    ///
    /// It is asked for several times for each event that a member is told, and changes with few of them.
    var promisesEnd: Instant? {
        assert(lastCount == promisesEndCountedAnew, "promises changed and were not counted")
        return lastCount
    }

    /// After a promise, an electorate, or what is known of an elector has changed.
    mutating func countPromises() { lastCount = promisesEndCountedAnew }

    private var promisesEndCountedAnew: Instant? {
        var earliest: Instant?
        for electorate in electorates {
            guard let end = blockEnd(electorate) else { return nil }
            earliest = min(earliest ?? end, end)
        }
        return earliest
    }

    /// With k electors, k/2+1 votes evict; so that many fewer than all, and one, must have promised.
    ///
    /// Asked with every promise, so it allocates nothing for the sizes that clusters have, and looks at peers where
    /// they lie.
    private func blockEnd(_ electorate: Electorate) -> Instant? {
        var count = 0
        var ends = LatestEnds()
        for elector in electorate.electors {
            guard let index = index(of: elector.member), isAlive(index),
                peers[index].record.life == elector.life
            else { continue }
            count += 1
            if let promise = peers[index].promise, promise.life == elector.life {
                ends.insert(promise.until)
            }
        }
        guard count > 0 else {
            let isAlone = !peers.contains(where: \.isAlive)
            return isAlone && pace.continuesAlone ? Instant(nanoseconds: .max) : nil
        }
        return ends[(count + 1) / 2 - 1]
    }

    /// The view to name in a renewal: a newer one than before once Redis has the last.
    ///
    /// After Redis has forgotten members none is named until all are there again or declared dead; until
    /// then this member's promises count by the views of before, and so do the others' votes.
    mutating func proposeElectorate() -> UInt64 {
        guard let ground else { return 0 }
        let last = electorates.last.flatMap { $0.generation == ground ? $0.view : nil } ?? 0
        guard view > last, !peers.contains(where: { $0.isAlive && !isListed($0) }),
            // As long as several may be noted, another would only make it harder to hold by all.
            electorates.count < 3
        else { return last }
        let electors = peers.filter(\.isAlive)
            .map { Electorate.Elector(member: $0.member, life: $0.record.life) }
        electorates.append(Electorate(generation: ground, view: view, electors: electors))
        countPromises()
        return view
    }

    mutating func acceptElectorate(_ generation: Generation, view: UInt64) {
        guard
            let place = electorates.lastIndex(where: {
                $0.generation == generation && $0.view == view
            })
        else { return }
        electorates.removeFirst(place)
        countPromises()
    }

    // MARK: - Heartbeats

    mutating func sendHeartbeats(at now: Instant) {
        guard stage == .member else { return }
        let number = heartbeats.next(at: now)
        let heartbeat = Heartbeat(
            number: number,
            life: life,
            incarnation: incarnation,
            generation: newest
        )
        for index in peers.indices where isAlive(index) && links.contains(peers[index].member) {
            send(.heartbeat(heartbeat), to: peers[index].member)
        }
    }

    mutating func hear(_ message: PeerMessage, from peer: MemberID, at now: Instant) {
        switch message {
        case .heartbeat(let heartbeat): answer(heartbeat, from: peer, at: now)
        case .heartbeatAnswer(let answer): take(answer, from: peer, at: now)
        case .voteRequest(let subject, let life, let incarnation):
            voteIfFree(against: subject, life, incarnation, for: peer, at: now)
        case .vote(let subject, let life, let incarnation):
            count(voteOf: peer, against: subject, life, incarnation)
        case .certificate(let subject, let life):
            certify(subject, life, isOwn: false, at: now)
        case .viewChanged(let view):
            if view > self.view { renewSoon(at: now) }
        case .generationRequest(let generation):
            answerGenerationRequest(generation, from: peer)
        case .generationAnswer(let generation, let isGranted, let newest):
            takeGenerationAnswer(generation, isGranted, newest: newest, from: peer, at: now)
        case .hosting, .ended, .whoHosts, .knownHost, .handedOver, .passClaim, .passedClaim:
            break  // The book's.
        }
    }

    /// Lets everybody's records be read soon, but not for every word of everybody's.
    mutating func renewSoon(at now: Instant) {
        guard let due = nextRenewal else { return }
        let soonest = (lastRenewal ?? now) + pace.heartbeat / 5
        nextRenewal = min(due, max(now, soonest))
    }

    private mutating func answer(_ heartbeat: Heartbeat, from member: MemberID, at now: Instant) {
        newest = max(newest, heartbeat.generation)
        guard stage == .member || stage == .knocking, let index = index(of: member) else { return }
        let subject = Peer.Subject(life: heartbeat.life, incarnation: heartbeat.incarnation)
        var isPromise = true
        if let vote = peers[index].vote, vote.life == subject.life {
            isPromise = vote.incarnation < subject.incarnation
        }
        if isPromise {
            peers[index].promisedUntil = max(
                peers[index].promisedUntil ?? now,
                now + pace.promise
            )
        }
        send(
            .heartbeatAnswer(
                HeartbeatAnswer(
                    number: heartbeat.number,
                    life: heartbeat.life,
                    incarnation: heartbeat.incarnation,
                    verdict: isPromise ? .promise : .votedAgainst,
                    answererLife: life
                )
            ),
            to: member
        )
    }

    private mutating func take(
        _ answer: HeartbeatAnswer,
        from member: MemberID,
        at now: Instant
    ) {
        guard answer.life == life, let index = index(of: member),
            let sent = heartbeats.sent(answer.number)
        else { return }
        peers[index].roundTrip = now - sent
        switch answer.verdict {
        case .promise:
            let until = sent + (pace.promise - pace.guardTime)
            let old = peers[index].promise
            guard old.map({ $0.life != answer.answererLife || $0.until < until }) ?? true
            else { return }
            peers[index].promise = (until, answer.answererLife)
            countPromises()
        case .votedAgainst:
            guard answer.incarnation == incarnation,
                isDue(bumpSent, every: pace.heartbeat, at: now)
            else { return }
            bumpSent = now
            ask(.bump(me, life, to: incarnation.next))
        }
    }

    /// How many members there are, dead ones and those known to have ended aside, and how many of them promise to this one now,
    /// itself included.
    func reach(at now: Instant) -> (reached: Int, count: Int) {
        var reached = 1
        var count = 1
        for index in peers.indices where isAlive(index) && !isCertifiedDead(index) {
            count += 1
            if let promise = peers[index].promise, now < promise.until { reached += 1 }
        }
        return (reached, count)
    }

    package func reachesMajority(at now: Instant) -> Bool {
        let (reached, count) = reach(at: now)
        return count <= 2 || reached >= count / 2 + 1
    }
}
