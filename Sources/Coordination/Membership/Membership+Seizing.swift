internal import Basics

/// Declaring others dead.
extension Membership {
    /// Looks for members that have not moved for too long, gathers votes, and has them declared dead.
    mutating func seize(at now: Instant) {
        guard maySeize(at: now) else { return }
        certifyReplaced(at: now)
        // Only then, for it may be former processes of those here that the majority lacks.
        guard reachesMajority(at: now) else { return }
        for index in peers.indices where isAlive(index) {
            if isCertifiedDead(index) {
                evict(index, at: now)
            } else if now - peers[index].stillSince >= pace.stall {
                gatherVotes(index, at: now)
            }
        }
        buryDead(at: now)
    }

    /// A node that was started again has ended its former process, which Redis, having forgotten that,
    /// did not make it wait for. Or Redis has forgotten the new process and has the former one again: that one
    /// never moves, and the new one may long live on promises before it is let in.
    private mutating func certifyReplaced(at now: Instant) {
        guard peers.indices.contains(where: { isAlive($0) && !isListed($0) }) else { return }
        let names = Set(peers.filter { $0.isAlive && $0.movedIn == ground }.map(\.member.name))
        for index in peers.indices where isAlive(index) && !isListed(index) {
            let peer = peers[index]
            guard now - peer.stillSince >= pace.stall, peer.promisedUntil.map({ now >= $0 }) ?? true
            else { continue }
            if names.contains(peer.member.name) || peer.member.name == me.name {
                peers[index].replaced = peer.record.life
            }
        }
    }

    private func maySeize(at now: Instant) -> Bool {
        isHolding && isListed && ground != nil && isConfirmed(at: now) && isSettled(at: now)
    }

    func isConfirmed(at now: Instant) -> Bool {
        guard hasSentinels else { return true }
        return confirmed.map { now < $0.sent + pace.confirmation } ?? false
    }

    /// Those who host something have had their time to say so again. A newcomer knows nobody and has nobody's
    /// promise: where Redis forgot them all, one that was frozen and wakes may host for as long as its lease lasts.
    func isSettled(at now: Instant) -> Bool {
        let rest = isFirstGeneration ? max(pace.settle, pace.stall) : pace.settle
        return switched.map { now >= $0 + rest } ?? false
    }

    private mutating func gatherVotes(_ index: Int, at now: Instant) {
        let subject = peers[index].subject
        let member = peers[index].member
        if !vote(against: index, subject, at: now) { return }
        if hasVotes(against: peers[index], at: now) { return evict(index, at: now) }
        let missing = peers.filter {
            $0.member != member && $0.isAlive && links.contains($0.member)
                && !peers[index].votes.contains($0.member)
        }
        for elector in missing {
            send(.voteRequest(member, subject.life, subject.incarnation), to: elector.member)
        }
    }

    /// This member's own vote, which is not to be had while its promise lasts.
    private mutating func vote(
        against index: Int,
        _ subject: Peer.Subject,
        at now: Instant
    ) -> Bool {
        if peers[index].vote == subject { return true }
        if !peers[index].isCertifiedDead, let until = peers[index].promisedUntil, now < until {
            return false
        }
        if let old = peers[index].vote,
            (subject.life, subject.incarnation) < (old.life, old.incarnation)
        {
            return false
        }
        peers[index].vote = subject
        return true
    }

    /// Whether a majority of everybody who may have a vote has cast one.
    ///
    /// Members have one about those who know them, for only of those can they have been asked for
    /// promises. If Redis may have forgotten who that was, a majority of all who were there before is
    /// needed too. Those who lately lost a life count and can't vote: their promises outlive it.
    private func hasVotes(against subject: Peer, at now: Instant) -> Bool {
        let knows = Tally(
            of: everybody(but: subject) { since, _ in since <= subject.record.seen },
            votes: subject.votes
        )
        guard let ground, subject.listed == ground, subject.record.asserted >= ground,
            subject.record.seen > 0
        else {
            let last = min(subject.listedAt, switched ?? subject.listedAt)
            let old = Tally(
                of: everybody(but: subject) { _, firstSeen in firstSeen < last },
                votes: subject.votes
            )
            // Views are counted anew in each data set: what is not listed has no number in this one.
            let isNumbered = subject.listed == ground && subject.record.asserted > .none
            return old.isMajority && (!isNumbered || knows.isMajority)
                && (!isNumbered || isKnownToAll || hasVotesOfOthers(against: subject))
        }
        return knows.isMajority
    }

    /// A newcomer can't know who was there before Redis forgot, and asks a majority of all but itself.
    private func hasVotesOfOthers(against subject: Peer) -> Bool {
        let others = peers.filter { $0.isAlive && $0.member != subject.member }
        let cast = others.count { subject.votes.contains($0.member) }
        return others.isEmpty || cast >= others.count / 2 + 1
    }

    private struct Tally {
        var isMajority: Bool

        init(of electors: [(member: MemberID?, canVote: Bool)], votes: [MemberID]) {
            let cast = electors.count { elector in
                guard elector.canVote else { return false }
                return elector.member.map { votes.contains($0) } ?? true
            }
            isMajority = electors.isEmpty || cast >= electors.count / 2 + 1
        }
    }

    /// Those with a vote, this member (nil) among them if it has one.
    private func everybody(
        but subject: Peer,
        who mayVote: (_ since: UInt64, _ firstSeen: Instant) -> Bool
    ) -> [(member: MemberID?, canVote: Bool)] {
        var electors: [(member: MemberID?, canVote: Bool)] = []
        for peer in peers where peer.member != subject.member {
            if peer.isAlive, mayVote(peer.record.since, peer.firstSeen) {
                electors.append((peer.member, true))
            } else if let ghost = peer.ghost, mayVote(ghost.since, peer.firstSeen) {
                electors.append((peer.member, false))
            }
        }
        if mayVote(since, began) { electors.append((nil, true)) }
        return electors
    }

    private mutating func evict(_ index: Int, at now: Instant) {
        let record = peers[index].record
        guard
            isDue(peers[index].evictionSent, every: pace.heartbeat, at: now)
                || peers[index].evictionSequence < record.sequence
        else { return }
        peers[index].evictionSent = now
        peers[index].evictionSequence = record.sequence
        ask(
            .evict(
                Eviction(
                    member: peers[index].member,
                    life: record.life,
                    incarnation: record.incarnation,
                    sequence: record.sequence,
                    view: view
                )
            )
        )
    }

    // MARK: - Votes

    mutating func voteIfFree(
        against member: MemberID,
        _ life: Life,
        _ incarnation: Incarnation,
        for asker: MemberID,
        at now: Instant
    ) {
        guard member != me, let index = index(of: member),
            vote(against: index, Peer.Subject(life: life, incarnation: incarnation), at: now)
        else { return }
        send(.vote(member, life, incarnation), to: asker)
    }

    mutating func count(
        voteOf peer: MemberID,
        against member: MemberID,
        _ life: Life,
        _ incarnation: Incarnation
    ) {
        guard let index = index(of: member),
            peers[index].subject == Peer.Subject(life: life, incarnation: incarnation),
            !peers[index].votes.contains(peer)
        else { return }
        peers[index].votes.append(peer)
    }

    /// A process is known to have ended: nobody needs to wait, nor to vote.
    mutating func certify(_ member: MemberID, _ life: Life, isOwn: Bool, at now: Instant) {
        guard member != me, let index = index(of: member),
            peers[index].certified.map({ $0 < life }) ?? true
        else { return }
        peers[index].certified = life
        if isOwn {
            for peer in peers where links.contains(peer.member) && peer.member != member {
                send(.certificate(member, life), to: peer.member)
            }
        }
        seize(at: now)
    }

    // MARK: - The dead

    /// Removes records of members that are dead and leave nothing behind. The first of those alive
    /// does it, so that not all ask at once.
    private mutating func buryDead(at now: Instant) {
        guard !peers.contains(where: { $0.isAlive && $0.member < me }) else { return }
        for index in peers.indices {
            guard let dead = peers[index].deadSince, now - dead >= pace.lease * 12,
                peers[index].orphans == 0,
                isDue(peers[index].evictionSent, every: pace.lease, at: now)
            else { continue }
            peers[index].evictionSent = now
            ask(.bury(peers[index].member, peers[index].record.life))
        }
    }
}
