internal import Basics

/// A namesake of this member, and whether it moves.
struct Namesake: Sendable {
    /// So many moves can't be the last words of a process that has ended, which come late at times.
    static let signsOfLife = 5

    var member: MemberID
    var record: MemberRecord
    var stillSince: Instant
    var moves = 0
}

extension Membership {
    mutating func connect(to run: RedisRun, at now: Instant) {
        self.run = run
        connected = now
        raise = nil
        ground = proven.flatMap { $0.run == run ? $0.generation : nil }
        nextRenewal = now
        revision += 1
    }

    mutating func disconnect() {
        run = nil
        ground = nil
        raise = nil
        revision += 1
    }

    /// Renews the lease, registers, or finds out which generation is in force.
    mutating func speakToRedis(at now: Instant) {
        guard let run else { return }
        guard ground != nil else {
            // No data set is at generation 0, so the gate answers with what it is at.
            guard raise == nil else { return }
            outbox.append(
                .ask(RegistryRequest(generation: .none, run: run, order: .readCards))
            )
            return
        }
        lastRenewal = now
        if isListed { renew() } else { register(at: now) }
    }

    private mutating func renew() {
        ask(
            .renew(
                Renewal(
                    member: me,
                    life: life,
                    incarnation: incarnation,
                    sequence: sequence,
                    seen: proposeElectorate(),
                    asserted: asserted,
                    load: load
                )
            )
        )
        askForState()
    }

    func isDue(_ last: Instant?, every pause: Duration, at now: Instant) -> Bool {
        last.map { now - $0 >= pause } ?? true
    }

    mutating func askForState() {
        let wished: MemberRecord.State = wantsDrain ? .draining : .up
        if isListed, state != .dead, state != wished { ask(.drain(me, life, wantsDrain)) }
    }

    private mutating func register(at now: Instant) {
        var replaced: Eviction?
        if let namesake, now - namesake.stillSince >= pace.stall {
            replaced = Eviction(
                member: namesake.member,
                life: namesake.record.life,
                incarnation: namesake.record.incarnation,
                sequence: namesake.record.sequence,
                view: view
            )
        }
        ask(
            .register(
                Registration(
                    member: me,
                    life: life,
                    incarnation: incarnation,
                    sequence: sequence,
                    asserted: asserted,
                    load: load,
                    card: card,
                    replaces: replaced
                )
            )
        )
    }

    mutating func fail(_ fault: RegistryFault, _ request: RegistryRequest) {
        switch fault {
        case .unanswered, .unreadable: break
        case .unwilling(let why): unwilling = why
        }
        if case .raise = request.order, raise?.isAsking == true { raise = nil }
    }

    mutating func take(
        _ answer: RegistryAnswer,
        to request: RegistryRequest,
        sentAt sent: Instant,
        at now: Instant
    ) {
        if case .stale(let generation, let begun) = answer {
            guard request.run == run else { return }
            learn(generation, begunIn: begun, asking: request.generation, at: now)
            return
        }
        lastAnswer = max(lastAnswer ?? sent, sent)
        unwilling = nil
        switch (request.order, answer) {
        case (.raise, .done):
            guard request.run == run else { return }
            adopt(request.generation, at: now)

        case (.register(let registration), .table(let table, _)):
            guard registration.life == life, registration.member == me else { return }
            extendLease(from: sent)
            guard isCurrent(request) else { return }
            isListed = true
            namesake = nil
            absorb(table, at: now)
            enter(at: now)

        case (.register(let registration), .namesake(let other, let table)):
            guard registration.life == life, isCurrent(request) else { return }
            watch(other, in: table, at: now)

        case (.renew(let renewal), .table(let table, _)):
            guard renewal.life == life, stage == .member else { return }
            extendLease(from: sent)
            guard isCurrent(request) else { return }
            acceptElectorate(request.generation, view: renewal.seen)
            absorb(table, at: now)
            // Whom it was asked for may be waiting.
            if peers.contains(where: { $0.isAlive && $0.isCertifiedDead }) { seize(at: now) }

        case (.renew(let renewal), .unregistered):
            guard renewal.life == life, isCurrent(request) else { return }
            isListed = false
            register(at: now)

        case (.register(let registration), .evicted):
            if registration.life == life { fence(.evicted, at: now) }
        case (.renew(let renewal), .evicted):
            if renewal.life == life { fence(.evicted, at: now) }

        case (.bump(_, let life, let incarnation), .done):
            if life == self.life { self.incarnation = max(self.incarnation, incarnation) }

        case (.drain(_, let life, let isDraining), .done):
            if life == self.life { state = isDraining ? .draining : .up }

        case (.evict, .table(let table, _)):
            guard isCurrent(request) else { return }
            absorb(table, at: now)
            for peer in peers where peer.isAlive && links.contains(peer.member) {
                send(.viewChanged(table.view), to: peer.member)
            }

        case (.evict(let eviction), .refused):
            // Its last renewal came after this member's, which has not heard of it.
            guard isCurrent(request), let index = index(of: eviction.member),
                peers[index].isCertifiedDead
            else { return }
            renewSoon(at: now)

        case (.readCards, .cards(let cards)):
            for (member, card) in cards.sorted(by: { $0.key < $1.key }) {
                guard let index = index(of: member) else { continue }
                peers[index].card = card
                announce(index)
            }

        default: break
        }
    }

    private func isCurrent(_ request: RegistryRequest) -> Bool {
        request.run == run && request.generation == ground
    }

    private mutating func extendLease(from sent: Instant) {
        leaseSent = max(leaseSent ?? sent, sent)
    }

    private mutating func enter(at now: Instant) {
        guard stage == .knocking else { return }
        stage = .member
        hasJoined = true
        revision += 1
        tell(.joined(life))
        // The first renewal says which view this member counts promises by.
        renew()
    }

    // MARK: - The table

    /// Takes everybody's record. Tables that come out of order are recognised by this member's own
    /// record, which moves with every renewal.
    private mutating func absorb(_ table: MemberTable, at now: Instant) {
        guard let ground, let own = table[me]?.record, own.life == life else { return }
        guard own.sequence >= sequence else { return }
        sequence = own.sequence
        incarnation = max(incarnation, own.incarnation)
        since = own.since
        view = table.view
        state = own.state
        guard own.isAlive else { return fence(.evicted, at: now) }

        for row in table.rows where row.member != me {
            guard let index = index(of: row.member) else {
                insert(Peer(row: row, generation: ground, at: now))
                continue
            }
            let old = peers[index]
            if peers[index].take(row, generation: ground, at: now) {
                peers[index].isAnnounced = false
                tell(.memberDied(row.member, old.record.life))
            }
            announce(index)
        }
        for index in peers.indices where table[peers[index].member] == nil {
            // What an older data set listed is not gone, it was forgotten.
            guard peers[index].listed == ground, !peers[index].isGone else { continue }
            let wasAlive = peers[index].isAlive
            peers[index].depart(at: now)
            if wasAlive { tell(.memberLeft(peers[index].member)) }
        }
        peers.removeAll { $0.isGone && $0.ghost == nil }
        countPromises()
        // At once: should Redis forget again before the next renewal, nobody could link to whoever has just come,
        // who yet counts where a majority is asked for.
        if peers.indices.contains(where: { isAlive($0) && peers[$0].card == nil }) {
            ask(.readCards)
        }
        revision += 1
        if !isKnownToAll, isSettled(at: now) {
            isKnownToAll = peers.allSatisfy {
                !$0.isAlive && $0.ghost == nil || missesNobody($0)
            }
        }
    }

    /// Whether the peer knows of nobody whom Redis does not, this member included.
    private func missesNobody(_ peer: Peer) -> Bool {
        guard let ground, peer.listed == ground else { return false }
        return peer.record.asserted >= ground && peer.record.seen >= since
    }

    /// Whether somebody of whom this member has never heard may still host by what one has promised who died lately, and
    /// can't be asked any more.
    var mayMissSomebody: Bool {
        !isKnownToAll && peers.contains { $0.ghost != nil && !missesNobody($0) }
    }

    private mutating func announce(_ index: Int) {
        guard peers[index].isAlive, !peers[index].isAnnounced, let card = peers[index].card
        else { return }
        peers[index].isAnnounced = true
        tell(.memberJoined(peers[index].member, card))
        revision += 1
    }

    /// Somebody of the same name is noted as alive. If it moves it lives, and this node is the second;
    /// if it has stood still for a lease's time, it was this node before it was started again.
    private mutating func watch(_ other: MemberID, in table: MemberTable, at now: Instant) {
        guard let record = table[other]?.record else { return }
        view = table.view
        guard var watched = namesake, watched.member == other else {
            namesake = Namesake(member: other, record: record, stillSince: now)
            return
        }
        let old = watched.record
        if (old.life, old.incarnation, old.sequence)
            != (record.life, record.incarnation, record.sequence)
        {
            // What goes back was forgotten by Redis, and tells nothing.
            let isMove = (old.life, old.sequence) < (record.life, record.sequence)
            watched.moves = isMove ? watched.moves + 1 : 0
            watched.record = record
            watched.stillSince = now
        }
        namesake = watched
        guard watched.moves >= Namesake.signsOfLife, !isHolding else { return }
        stage = .refused
        revision += 1
        tell(.refused(namesake: other))
    }
}
