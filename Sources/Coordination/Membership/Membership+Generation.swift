internal import Basics

/// An attempt to begin a generation.
struct Raise: Sendable {
    var generation: Generation
    var granted: [MemberID] = []
    var deadline: Instant
    /// Whether the number has been asked for from the others, or is still waited with.
    var isBallot = false
    var isAsking = false
}

/// Generations: how this member finds out which one is in force, and begins the next.
///
/// ```
///   connected to a run ──▶ asks at generation 0 ──▶ Redis: "at g, begun in run r"
///                                                     │
///     r is this run, g above all of other runs ◀──────┴──────▶ otherwise Redis has lost something
///        ▼                                              ▼
///     go by g                      the Sentinels' epoch is newer: begin its generation;
///                                  else ask the others for the next number, and begin that
///                                  once a majority of the members has said yes
/// ```
///
/// The others say yes to a number once, so no two members begin the same, not even in two runs of
/// which the first was forgotten. In a cluster of two, one may be gone: each then has numbers of its own.
extension Membership {
    /// What Redis has, as an answer of the gate tells.
    mutating func learn(
        _ generation: Generation?,
        begunIn begun: RedisRun?,
        asking asked: Generation,
        at now: Instant
    ) {
        lastAnswer = now
        let stored = generation ?? .none
        newest = max(newest, stored)
        if begun == run, stored > .none, isNews(stored) { return adopt(stored, at: now) }
        // What was asked under an older generation was rightly refused.
        if let ground, asked != ground { return }
        if ground != nil {
            ground = nil
            revision += 1
        }
        beginRaise(at: now)
    }

    /// Whether a generation that Redis holds can be trusted to come after all that this member knows.
    private func isNews(_ generation: Generation) -> Bool {
        guard let proven else { return true }
        return proven.run == run
            ? generation >= proven.generation : generation > proven.generation
    }

    mutating func adopt(_ generation: Generation, at now: Instant) {
        guard let run else { return }
        raise = nil
        isNextToRaise = false
        newest = max(newest, generation)
        ground = generation
        nextRenewal = now
        revision += 1
        if let proven, proven.run == run, proven.generation == generation { return }
        isFirstGeneration = !hasJoined
        proven = (generation, run)
        switched = now
        sequence = 1
        view = 0
        // Whoever looked still for long may have moved in a history that is lost, and views are counted
        // anew: nobody was there at any number until it is listed again.
        for index in peers.indices {
            peers[index].stillSince = now
            peers[index].record.since = .max
            peers[index].ghost?.since = 0
        }
        tell(.generation(generation))
    }

    mutating func confirm(epoch: UInt64, sentAt sent: Instant, at now: Instant) {
        guard hasSentinels else { return }
        if let confirmed, (epoch, sent) < (confirmed.epoch, confirmed.sent) { return }
        confirmed = (epoch, sent)
        revision += 1
        if ground == nil, raise == nil, run != nil { nextRenewal = now }
        // A new epoch is a new generation, even if this Redis has not been told so yet.
        if let ground, ground < Generation(epoch: epoch) {
            self.ground = nil
            beginRaise(at: now)
        }
    }

    private mutating func beginRaise(at now: Instant) {
        guard raise == nil, stage == .knocking || stage == .member else { return }
        // Who has gone by none yet knows of none that Redis may have forgotten, and of nobody to ask.
        let isNewcomer = proven == nil
        if hasSentinels {
            guard let confirmed, let connected, confirmed.sent >= connected else { return }
            let first =
                isNewcomer
                ? Generation(epoch: confirmed.epoch, and: floor)
                : Generation(epoch: confirmed.epoch)
            if first > max(newest, granted) { return ask(first, at: now) }
        } else if isNewcomer, floor > max(newest, granted) {
            return ask(floor, at: now)
        }
        let rank = peers.count { $0.isAlive && $0.member < me }
        guard rank > 0, !isNextToRaise else { return askOthers(at: now) }
        raise = Raise(
            generation: .none,
            deadline: now + pace.heartbeat / 2 * min(rank, 8)
        )
    }

    /// The time for the first of those before this member is over, or the others have not answered.
    mutating func retryRaise(at now: Instant) {
        guard let raise else { return }
        // Somebody else may have succeeded; see what Redis has now.
        isNextToRaise = !raise.isBallot && !raise.isAsking
        self.raise = nil
        nextRenewal = now
    }

    private mutating func askOthers(at now: Instant) {
        isNextToRaise = false
        var next = max(newest, granted).next
        let members = peers.filter(\.isAlive).map(\.member)
        if members.count == 1, let other = members.first,
            next.rawValue % 2 != (me < other ? 0 : 1)
        {
            next = next.next
        }
        granted = next
        raise = Raise(generation: next, deadline: now + pace.requestTimeout, isBallot: true)
        for member in members where links.contains(member) {
            send(.generationRequest(next), to: member)
        }
        askIfGranted(at: now)
    }

    private mutating func askIfGranted(at now: Instant) {
        guard let raise, raise.isBallot else { return }
        let count = 1 + peers.count(where: \.isAlive)
        if count <= 2 || raise.granted.count + 1 >= count / 2 + 1 { ask(raise.generation, at: now) }
    }

    private mutating func ask(_ generation: Generation, at now: Instant) {
        guard let run else { return }
        raise = Raise(
            generation: generation,
            deadline: now + pace.requestTimeout * 2,
            isAsking: true
        )
        outbox.append(
            .ask(RegistryRequest(generation: generation, run: run, order: .raise))
        )
    }

    mutating func answerGenerationRequest(_ generation: Generation, from peer: MemberID) {
        let newest = max(newest, granted)
        granted = max(granted, generation)
        send(
            .generationAnswer(generation, isGranted: generation > newest, newest: granted),
            to: peer
        )
    }

    mutating func takeGenerationAnswer(
        _ generation: Generation,
        _ isGranted: Bool,
        newest other: Generation,
        from peer: MemberID,
        at now: Instant
    ) {
        granted = max(granted, other)
        guard isGranted, var current = raise, current.isBallot, current.generation == generation,
            let index = index(of: peer), peers[index].isAlive, !current.granted.contains(peer)
        else { return }
        current.granted.append(peer)
        raise = current
        askIfGranted(at: now)
    }
}
