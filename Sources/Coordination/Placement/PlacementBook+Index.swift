internal import Basics

/// What this member hosts, said again in one generation.
struct Assertion: Sendable {
    struct Round: Sendable {
        var generation: Generation
        var queue: ArraySlice<HostedPlace>
        var outstanding = 0
    }

    /// How many batches are under way at once: more would keep renewals waiting behind them.
    static let window = 4

    var done = Generation.none
    var round: Round?
}

/// The comparison of what Redis has noted under this member with what it hosts.
struct Census: Sendable {
    /// When either may have changed last. What was asked before says nothing.
    var changed: Instant?
    var differences = 0
}

/// Keeping Redis, the index, equal to what this member hosts.
extension PlacementBook {
    mutating func look(_ standing: Standing, _ now: Instant) {
        assert(standing, now)
        inherit(standing, now)
        advanceClaims(standing, now)
    }

    mutating func wake(_ standing: Standing, _ now: Instant) {
        wakeClaims(standing, now)
        guard let due = nextRetry, now >= due else { return }
        nextRetry = nil
        for (channel, token) in ending.sorted(by: { $0.key < $1.key }) {
            ask(.end(standing.me, HostedPlace(channel: channel, token: token)))
        }
        if !ending.isEmpty { retry(at: now + standing.pace.lease) }
        retryMoves(standing, now)
        look(standing, now)
    }

    mutating func take(
        _ answer: RegistryAnswer,
        to request: RegistryRequest,
        _ standing: Standing,
        _ now: Instant
    ) {
        switch request.order {
        case .place(let channel, _, let life, _):
            takePlacing(answer, channel, life, standing, now)
        case .reassert(_, let life, _):
            guard life == standing.life else { return }
            takeAssertion(answer, request.generation, standing, now)
        case .end(_, let place):
            if case .stale = answer { return }
            if ending[place.channel] == place.token { ending[place.channel] = nil }
            census.changed = now
        case .list(let member, let from):
            guard case .listed(let channels, let next) = answer else { return }
            takeList(channels, of: member, next: next, from: from, standing, now)
        case .takeOver(_, let life, _, let channels):
            census.changed = now
            if case .taken(let places) = answer, life == standing.life, standing.holds {
                takeOver(places, standing, now)
            }
            for channel in channels { failPlacing(channel, standing, now) }
        case .beginMove(let place, let target, let life):
            takeMoveBegun(answer, place, target, life)
        case .finishMove(let place): takeMoveFinished(answer, place, standing, now)
        case .save(let place, _, _):
            switch answer {
            case .done, .stale: break
            case .occupied(let other):
                outbox.append(.tell(.saveRefused(place)))
                if other.token > place.token { lose(place.channel, to: other, now) }
            default: outbox.append(.tell(.saveRefused(place)))
            }
        case .abortMove, .raise, .register, .renew, .bump, .drain, .leave, .evict, .bury,
            .readCards:
            break
        }
    }

    mutating func fail(_ order: RegistryOrder, _ standing: Standing, _ now: Instant) {
        switch order {
        case .place(let channel, _, _, _): failPlacing(channel, standing, now)
        case .reassert:
            assertion.round = nil
            retry(at: now + standing.pace.renewal)
        case .save(let place, _, _): outbox.append(.tell(.saveRefused(place)))
        case .beginMove(let place, _, _): outbox.append(.tell(.moveRefused(place)))
        case .finishMove: retry(at: now + standing.pace.renewal)
        case .takeOver(_, _, _, let channels):
            for channel in channels { failPlacing(channel, standing, now) }
        case .end, .list, .abortMove, .raise, .register, .renew, .bump, .drain, .leave, .evict,
            .bury, .readCards:
            break
        }
    }

    // MARK: - Saying again

    private mutating func assert(_ standing: Standing, _ now: Instant) {
        guard standing.holds, standing.isListed, assertion.done < standing.generation,
            assertion.round?.generation != standing.generation
        else { return }
        let places = hosted.map { HostedPlace(channel: $0.key, token: $0.value.token) }.sorted()
        assertion.round = Assertion.Round(generation: standing.generation, queue: places[...])
        pumpAssertion(standing)
    }

    private mutating func pumpAssertion(_ standing: Standing) {
        guard var round = assertion.round else { return }
        while !round.queue.isEmpty, round.outstanding < Assertion.window {
            let batch = Array(round.queue.prefix(RegistryOrder.batchLimit))
            round.queue = round.queue.dropFirst(batch.count)
            round.outstanding += 1
            ask(.reassert(standing.me, standing.life, batch))
        }
        guard round.outstanding == 0 else {
            assertion.round = round
            return
        }
        assertion.round = nil
        assertion.done = round.generation
        outbox.append(.asserted(round.generation))
    }

    private mutating func takeAssertion(
        _ answer: RegistryAnswer,
        _ generation: Generation,
        _ standing: Standing,
        _ now: Instant
    ) {
        census.changed = now
        guard assertion.round?.generation == generation else { return }
        guard case .asserted(_, let lost) = answer else {
            assertion.round = nil
            return retry(at: now + standing.pace.renewal)
        }
        for loss in lost {
            guard let mine = hosted[loss.channel], mine.token < loss.place.token else { continue }
            lose(loss.channel, to: loss.place, now)
        }
        assertion.round?.outstanding -= 1
        pumpAssertion(standing)
    }

    // MARK: - Counting

    mutating func compare(
        owned count: UInt64,
        sentAt sent: Instant,
        _ standing: Standing,
        _ now: Instant
    ) {
        // While somebody has not said again what it hosts, what is noted here may be its by now.
        let isQuiet =
            standing.obstacle == nil && !needsInquiry(standing) && ending.isEmpty
            && assertion.done == standing.generation
            && census.changed.map { sent > $0 } ?? true
            && !claims.values.contains { if case .asking = $0.phase { true } else { false } }
        guard isQuiet else { return }
        guard count != UInt64(hosted.count) else {
            census.differences = 0
            return giveUpFormer(standing)
        }
        census.differences += 1
        guard census.differences >= 2 else { return }
        census.differences = 0
        if count > UInt64(hosted.count) {
            ask(.list(standing.me, from: 0))
        } else {
            assertion.done = .none
            assert(standing, now)
        }
    }

    /// Nothing is noted here that is not hosted here. So what was once has ended, or is with somebody who has said so by
    /// now.
    private mutating func giveUpFormer(_ standing: Standing) {
        let all = former.map { HostedPlace(channel: $0.key, token: $0.value) }.sorted()
        guard !all.isEmpty, standing.members.allSatisfy({ !$0.isAlive || $0.isLinked }) else {
            return
        }
        former = [:]
        for batch in stride(from: 0, to: all.count, by: PeerMessage.batchLimit) {
            tellOthers(.ended(Array(all[batch...].prefix(PeerMessage.batchLimit))), standing)
        }
    }

    private mutating func takeList(
        _ channels: [Channel],
        of member: MemberID,
        next: UInt64,
        from: UInt64,
        _ standing: Standing,
        _ now: Instant
    ) {
        if next != 0 { ask(.list(member, from: next)) }
        var wanted = channels.filter {
            hosted[$0] == nil && ending[$0] == nil && claims[$0] == nil
        }
        if member != standing.me {
            guard let estate = estates[member] else { return }
            if estate.rounds <= Estate.sharedRounds {
                let heirs = heirs(standing)
                wanted = wanted.filter {
                    Rendezvous.choice(for: $0, among: heirs) == standing.me
                }
            }
        }
        var rest = wanted[...]
        while !rest.isEmpty {
            let batch = Array(rest.prefix(RegistryOrder.batchLimit))
            rest = rest.dropFirst(batch.count)
            ask(.takeOver(standing.me, standing.life, from: member, batch))
        }
    }

    mutating func takeOver(
        _ places: [TakenPlace],
        _ standing: Standing,
        _ now: Instant
    ) {
        let news = places.filter { place in
            hosted[place.channel].map { $0.token < place.token } ?? true
        }
        for place in news {
            host(HostedPlace(channel: place.channel, token: place.token), standing, now)
        }
        // First the call, then whoever waits to come into it.
        if !news.isEmpty { outbox.append(.tell(.takenOver(news))) }
        for place in news { settle(place.channel, .mine(place.token), standing) }
    }
}
