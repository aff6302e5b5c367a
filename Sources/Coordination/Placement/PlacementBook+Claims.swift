internal import Basics

/// Claims, from being made to being answered.
extension PlacementBook {
    mutating func claim(
        _ channel: Channel,
        _ above: Token?,
        for waiter: Claim.Waiter,
        _ chance: UInt64,
        _ standing: Standing,
        _ now: Instant
    ) {
        if let mine = hosted[channel] {
            guard standing.holds else { return answer(waiter, .refused(.fenced), standing) }
            if mine.move?.isSwitching != true {
                return answer(waiter, .mine(mine.token), standing)
            }
        } else if let place = knownHost(of: channel, above: above, standing) {
            return answer(waiter, .theirs(place.member, place.token), standing)
        }
        if var claim = claims[channel] {
            guard claim.waiters.count < Claim.waiterLimit else {
                return answer(waiter, .refused(.tooMany), standing)
            }
            claim.waiters.append(waiter)
            claim.above = [claim.above, above].compactMap(\.self).max()
            claims[channel] = claim
            return
        }
        guard claims.count < Self.claimLimit, hosted.count < Self.hostedLimit else {
            return answer(waiter, .refused(.tooMany), standing)
        }
        claims[channel] = Claim(
            phase: .waiting(retry: now),
            waiters: [waiter],
            above: above,
            chance: chance,
            began: now
        )
        advance(channel, standing, now)
    }

    mutating func forget(_ number: UInt64) {
        for channel in claims.keys.sorted() {
            claims[channel]?.waiters.removeAll { $0 == .local(number) }
            if let claim = claims[channel], claim.waiters.isEmpty { claims[channel] = nil }
        }
    }

    private func knownHost(
        of channel: Channel,
        above: Token?,
        _ standing: Standing
    ) -> Place? {
        guard let place = known[channel], place.member != standing.me,
            standing.vouches(for: place), above.map({ place.token > $0 }) ?? true
        else { return nil }
        return place
    }

    /// Does for a waiting claim what can be done now.
    mutating func advance(_ channel: Channel, _ standing: Standing, _ now: Instant) {
        guard var claim = claims[channel], case .waiting = claim.phase else { return }
        if let place = knownHost(of: channel, above: claim.above, standing) {
            return settle(channel, .theirs(place.member, place.token), standing)
        }
        if let obstacle = standing.obstacle {
            if isHopeless(obstacle) || now >= claim.began + Claim.patience {
                return settle(channel, .refused(obstacle), standing)
            }
            let retry = min(claim.began + Claim.patience, now + standing.pace.heartbeat)
            claims[channel]?.phase = .waiting(retry: retry)
            return
        }
        if !standing.isFit || isFull(standing) { return pass(channel, standing, now) }
        if needsInquiry(standing) { return inquire(channel, standing, now) }
        claim.phase = .asking
        claims[channel] = claim
        ask(.place(channel, standing.me, standing.life, above: claim.above))
    }

    /// Whether this member hosts, or has asked for, as many calls as it may: what it carries is told only now and
    /// then, and a burst of claims comes in between.
    private func isFull(_ standing: Standing) -> Bool {
        guard standing.callLimit > 0 else { return false }
        let asked = claims.values.count { claim in
            switch claim.phase {
            case .asking, .inquiring: true
            case .waiting, .passing: false
            }
        }
        return hosted.count + asked >= Int(standing.callLimit)
    }

    private func isHopeless(_ obstacle: PlacementFault) -> Bool {
        switch obstacle {
        case .leaving, .redisUnwilling: true
        case .redisUnreachable(let since): since >= Claim.patience
        case .fenced, .notJoined, .isolated, .settling, .masterUnconfirmed, .noneFit,
            .unanswered, .tooMany:
            false
        }
    }

    /// Tries again a little later, or gives up.
    mutating func retry(
        _ channel: Channel,
        because fault: PlacementFault,
        _ standing: Standing,
        _ now: Instant
    ) {
        guard let claim = claims[channel] else { return }
        if now >= claim.began + Claim.patience {
            return settle(channel, .refused(fault), standing)
        }
        let pause = standing.pace.heartbeat / 2
        claims[channel]?.phase = .waiting(retry: min(now + pause, claim.began + Claim.patience))
    }

    mutating func settle(_ channel: Channel, _ answer: ClaimAnswer, _ standing: Standing) {
        guard let claim = claims.removeValue(forKey: channel) else { return }
        for waiter in claim.waiters { self.answer(waiter, answer, standing) }
    }

    private mutating func answer(
        _ waiter: Claim.Waiter,
        _ answer: ClaimAnswer,
        _ standing: Standing
    ) {
        switch waiter {
        case .local(let number): outbox.append(.answer(number: number, answer))
        case .peer(let peer, let number):
            let passed: PassedClaim =
                switch answer {
                case .mine(let token):
                    .placed(Place(token: token, member: standing.me, life: standing.life))
                case .theirs(let member, let token):
                    if let life = member == standing.me ? standing.life : standing[member]?.life {
                        .placed(Place(token: token, member: member, life: life))
                    } else {
                        .refused(.unanswered)
                    }
                case .refused(let fault): .refused(fault)
                }
            send(.passedClaim(number: number, passed), to: peer)
        }
    }

    // MARK: - Redis' answer

    mutating func takePlacing(
        _ answer: RegistryAnswer,
        _ channel: Channel,
        _ life: Life,
        _ standing: Standing,
        _ now: Instant
    ) {
        census.changed = now
        // What an older life has placed is void, in Redis too.
        guard life == standing.life, standing.holds else {
            return retry(channel, because: .fenced, standing, now)
        }
        switch answer {
        case .placed(let token):
            if let mine = hosted[channel], mine.token >= token { return }
            let place = HostedPlace(channel: channel, token: token)
            if claims[channel] == nil {
                // Nobody waits for it any more.
                ending[channel] = token
                return ask(.end(standing.me, place))
            }
            host(place, standing, now)
            settle(channel, .mine(token), standing)
        case .taken(let places):
            // Whose it was is dead, and this member is its heir, whoever else might have been.
            takeOver(places, standing, now)
            failPlacing(channel, standing, now)
        case .occupied(let place) where place.member == standing.me && place.life == life:
            takeOwn(place, channel, standing, now)
        case .occupied(let place):
            learn(channel, place)
            settle(channel, .theirs(place.member, place.token), standing)
        default: retry(channel, because: standing.obstacle ?? .unanswered, standing, now)
        }
    }

    /// Redis has it noted under this member: the answer to an earlier claim was lost.
    private mutating func takeOwn(
        _ place: Place,
        _ channel: Channel,
        _ standing: Standing,
        _ now: Instant
    ) {
        let own = HostedPlace(channel: channel, token: place.token)
        if ending[channel] == place.token {
            ask(.end(standing.me, own))
            return retry(channel, because: .unanswered, standing, now)
        }
        if hosted[channel] == nil {
            guard claims[channel] != nil else { return }
            guard place.token.generation == standing.generation else {
                // From before Redis lost something: it may have been another's since.
                return ask(.takeOver(standing.me, standing.life, from: standing.me, [channel]))
            }
            host(own, standing, now)
        }
        settle(channel, .mine(place.token), standing)
    }

    mutating func failPlacing(_ channel: Channel, _ standing: Standing, _ now: Instant) {
        census.changed = now
        guard case .asking? = claims[channel]?.phase else { return }
        retry(channel, because: standing.obstacle ?? .unanswered, standing, now)
    }

    // MARK: - Asking around

    /// Whether somebody may host what Redis doesn't know of.
    func needsInquiry(_ standing: Standing) -> Bool {
        standing.members.contains { $0.isAlive && !$0.hasAsserted }
    }

    private mutating func inquire(_ channel: Channel, _ standing: Standing, _ now: Instant) {
        let number = nextNumber()
        claims[channel]?.pointers = [:]
        claims[channel]?.phase = .inquiring(
            number: number,
            answered: [],
            until: now + standing.pace.requestTimeout
        )
        tellOthers(.whoHosts(channel, number: number), standing)
        placeIfNobodyKnows(channel, standing, now)
    }

    /// Whoever hosts without Redis has promises of so many that any majority of those whom it knows
    /// knows it. It does not know a newcomer, which therefore does not count itself. Nor does a member that has heard
    /// of a host itself, under a token at which the call was not to be found: it may have come there since.
    private mutating func placeIfNobodyKnows(
        _ channel: Channel,
        _ standing: Standing,
        _ now: Instant
    ) {
        guard let claim = claims[channel], case .inquiring(_, let answered, _) = claim.phase
        else { return }
        if let place = known[channel], place.member != standing.me, standing.mayStand(place) {
            return retry(channel, because: .settling, standing, now)
        }
        let others = standing.members.count(where: \.isAlive)
        // Who points at another knows of nobody only once that one has said so itself.
        let count = answered.count + claim.pointers.values.count(where: answered.contains)
        let pointsAt = known[channel].flatMap { place in
            place.member != standing.me && standing.vouches(for: place) ? place.member : nil
        }
        let itself = pointsAt.map { answered.contains($0) ? 1 : 0 } ?? 1
        let isEnough =
            standing.isNewcomer
            ? count >= others / 2 + 1 : count + itself >= (others + 1) / 2 + 1
        guard isEnough else { return }
        claims[channel]?.phase = .asking
        ask(.place(channel, standing.me, standing.life, above: claim.above))
    }

    mutating func hearKnownHost(
        _ number: UInt64,
        _ place: Place?,
        from peer: MemberID,
        _ standing: Standing,
        _ now: Instant
    ) {
        for channel in claims.keys.sorted() {
            guard var claim = claims[channel],
                case .inquiring(number, var answered, let until) = claim.phase,
                !answered.contains(peer)
            else { continue }
            // What the host itself says now is newer than whatever was found amiss with it before.
            if let place, place.member != standing.me, standing.vouches(for: place),
                place.member == peer || claim.above.map({ place.token > $0 }) ?? true
            {
                learn(channel, place)
                return settle(channel, .theirs(place.member, place.token), standing)
            }
            if let place, place.member != standing.me, !standing.knows(of: place) {
                // A member, or a life of it, that Redis has not listed again: it will be, or be declared dead.
                return retry(channel, because: .settling, standing, now)
            }
            if let place, place.member != peer, place.member != standing.me,
                standing.vouches(for: place)
            {
                // Somebody has found the call not to be there, under a token as high; it may have come there since.
                claim.pointers[peer] = place.member
            } else {
                answered.append(peer)
            }
            claim.phase = .inquiring(number: number, answered: answered, until: until)
            claims[channel] = claim
            return placeIfNobodyKnows(channel, standing, now)
        }
    }

    // MARK: - Passing on

    /// Lets another member claim: of two drawn by chance, the one with less to do.
    private mutating func pass(_ channel: Channel, _ standing: Standing, _ now: Instant) {
        guard let claim = claims[channel] else { return }
        let fit = standing.members.filter {
            $0.isAlive && $0.isFit && $0.isLinked && !claim.declined.contains($0.member)
        }
        guard !fit.isEmpty, !claim.isPassedHere, claim.attempts < 3 else {
            let fault = claim.attempts == 0 ? PlacementFault.noneFit : .unanswered
            return settle(channel, .refused(fault), standing)
        }
        var random = SeededRandom(seed: claim.chance &+ UInt64(claim.attempts))
        let first = Int.random(in: 0..<fit.count, using: &random)
        let second = Int.random(in: 0..<fit.count, using: &random)
        let choice = fit[first].weight <= fit[second].weight ? fit[first] : fit[second]
        let number = nextNumber()
        claims[channel]?.attempts += 1
        claims[channel]?.phase = .passing(
            number: number,
            to: choice.member,
            until: now + standing.pace.requestTimeout * 2
        )
        send(.passClaim(channel, above: claim.above, number: number), to: choice.member)
    }

    mutating func hearPassedClaim(
        _ number: UInt64,
        _ result: PassedClaim,
        from peer: MemberID,
        _ standing: Standing,
        _ now: Instant
    ) {
        for channel in claims.keys.sorted() {
            guard let claim = claims[channel], case .passing(number, peer, _) = claim.phase
            else { continue }
            switch result {
            case .placed(let place):
                if place.member == standing.me {
                    claims[channel]?.phase = .waiting(retry: now)
                    return advance(channel, standing, now)
                }
                learn(channel, place)
                return settle(channel, .theirs(place.member, place.token), standing)
            case .refused(let fault):
                claims[channel]?.declined.append(peer)
                return retry(channel, because: fault, standing, now)
            }
        }
    }

    // MARK: - Time

    mutating func wakeClaims(_ standing: Standing, _ now: Instant) {
        for channel in claims.keys.sorted() {
            guard let claim = claims[channel] else { continue }
            switch claim.phase {
            case .waiting(let retry):
                if now >= retry { advance(channel, standing, now) }
            case .asking:
                guard now >= claim.began + Claim.patience else { continue }
                settle(channel, .refused(standing.obstacle ?? .unanswered), standing)
            case .inquiring(_, _, let until), .passing(_, _, let until):
                guard now >= until else { continue }
                let fault = standing.obstacle ?? .unanswered
                retry(channel, because: fault, standing, now)
            }
        }
    }

    /// What stood in the way may be gone.
    mutating func advanceClaims(_ standing: Standing, _ now: Instant) {
        guard standing.obstacle == nil else { return }
        for channel in claims.keys.sorted() {
            guard case .waiting? = claims[channel]?.phase else { continue }
            advance(channel, standing, now)
        }
    }
}
