package import Basics

/// One node's claim to one global mutex, for all on the node who want it.
///
///          enter                granted                leave, or lost: too late
///     idle ─────▶ waiting ────────────────▶ holding ─────────▶ idle, or waiting for the next on this
///                  │   ▲  beats, notices       │               node
///                  ╰───╯                       ╰─▶ a release, said again until it is known to be done
///
/// Those on this node stand in a queue of their own, and the node stands in Redis' queue once, for the
/// first of them. Redis hands over to whoever waits longest; being told of it is only a hint, upon which
/// the node asks: all it ever believes in is the answer to a question of its own, and all it may do
/// with it ends a time after *sending* that question.
///
/// Why two never hold at once. A hold ends at its last confirmed sending plus ttl less the guard time. Its
/// record moves with each confirmation, and nobody takes the record of another before having seen it
/// stand still for ttl plus guard time on their own clock, which began after the last confirmation; or
/// unless its owner's life is over, with which all that this life held had ended before. A mutex of which Redis may have forgotten the holder is taken only when the era has been known for that
/// long. Whoever is fooled all the same, by being stopped between check and effect, carries a fence that is
/// lower than the next holder's.
package struct MutexClaim: Sendable {
    private enum State {
        case idle
        case waiting(Waiting)
        case holding(Holding)
    }

    private struct Waiting {
        let owner: MutexOwner
        var isAsking = false
        /// Something has happened since the question was put.
        var mustAskAgain = false
        var asks = 0
        var askAt: Instant
        /// The holder, and since when it was seen like this.
        var seen: MutexHolder?
        var seenAt: Instant
        var isHolderDead = false
    }

    private struct Holding {
        let owner: MutexOwner
        let fence: Token
        let ticket: MutexTicket
        /// The run of Redis that has last said so, and when a majority of the Sentinels last named it: what they
        /// say of another says nothing of this.
        var run: RedisRun
        var confirmedAt: Instant?
        /// Redis has said that nobody else gets it before this.
        var leaseEnd: Instant
        var renewAt: Instant
        var isAsking = false
        var hasBegun = false
    }

    /// What is to be let go, in Redis' eyes.
    private struct Release {
        let owner: MutexOwner
        let fence: Token
        /// Others take it by themselves after this.
        let end: Instant
        var isAsking = false
        var askAt: Instant
    }

    package let name: MutexName
    private let me: MemberID
    private var life: Life
    /// Between two lives, when nothing is asked for.
    private var isFenced = false
    private let terms: MutexTerms
    private var random: SeededRandom
    private var state = State.idle
    private var releases: [Release] = []
    /// Those who want it, in the order in which they came; the first may hold it.
    private var tickets: [MutexTicket] = []
    private var era: MutexEra?
    private var eraSince = Instant(nanoseconds: 0)
    private var confirmedAt: Instant?
    /// Questions without an answer: late answers to earlier rounds still have to be heard.
    private var unanswered = 0
    private var outbox: [MutexAction] = []
    /// How often Redis was asked again for somebody who waited.
    package private(set) var retries: UInt64 = 0

    /// - Parameter seed: What spreads the beats of those who wait.
    package init(
        _ name: MutexName,
        me: MemberID,
        life: Life = .first,
        terms: MutexTerms,
        seed: UInt64
    ) {
        self.name = name
        self.me = me
        self.life = life
        self.terms = terms
        random = SeededRandom(seed: seed)
    }

    /// Whether nobody would miss it.
    package var isIdle: Bool {
        guard case .idle = state else { return false }
        return tickets.isEmpty && releases.isEmpty && unanswered == 0
    }

    /// The fence under which the ticket holds the mutex at this moment; nil if it does not.
    package func fence(of ticket: MutexTicket, at now: Instant) -> Token? {
        guard case .holding(let hold) = state, hold.hasBegun, hold.ticket == ticket,
            now < end(of: hold)
        else { return nil }
        return hold.fence
    }

    /// Who holds the mutex, or is about to.
    package var holder: MutexTicket? {
        if case .holding(let hold) = state { hold.ticket } else { nil }
    }

    /// Until when the mutex is held if nothing more comes; nil if it is not.
    package var holdsUntil: Instant? {
        guard case .holding(let hold) = state, hold.hasBegun else { return nil }
        return end(of: hold)
    }

    private func end(of hold: Holding) -> Instant {
        guard let lasting = terms.confirmation else { return hold.leaseEnd }
        guard let confirmedAt = hold.confirmedAt else { return Instant(nanoseconds: 0) }
        return min(hold.leaseEnd, confirmedAt + lasting)
    }

    /// When to send ``MutexEvent/woke`` next. Look again after every ``receive(_:at:)``.
    package var deadline: Instant? {
        let own: Instant? =
            switch state {
            case .idle: nil
            case .waiting(let wait): !wait.isAsking && mayLock ? wait.askAt : nil
            case .holding(let hold):
                min(
                    hold.hasBegun ? end(of: hold) : hold.leaseEnd,
                    mayAsk(hold.isAsking) ? hold.renewAt : hold.leaseEnd
                )
            }
        return releases.reduce(own) { least, release in
            let due = mayAsk(release.isAsking) ? min(release.askAt, release.end) : release.end
            return min(least ?? due, due)
        }
    }

    private func mayAsk(_ isAsking: Bool) -> Bool { !isAsking && era != nil }
    private var mayLock: Bool { era != nil && !isFenced }

    /// Takes one event and returns what is to be done, in order.
    package mutating func receive(_ event: MutexEvent, at now: Instant) -> [MutexAction] {
        switch event {
        case .enter(let ticket): tickets.append(ticket)
        case .leave(let ticket): leave(ticket, now)
        case .era(let era, let since): begin(era, since, now)
        case .confirmed(let sentAt): confirm(sentAt)
        case .noticed: hurry(now)
        case .died(let member, let life): note(dead: member, life, now)
        case .fenced: fence(now)
        case .joined(let life): join(as: life, now)
        case .answered(let answer, let request, let sentAt):
            unanswered -= 1
            take(answer, to: request, sentAt, now)
        case .failed(let request):
            unanswered -= 1
            forgive(request, now)
        case .woke: break
        }
        move(now)
        defer { outbox = [] }
        return outbox
    }

    // MARK: - Moving on

    /// Does what is due, by what is known now.
    private mutating func move(_ now: Instant) {
        expire(now)
        // Before anything is asked for the next: what leaves together is done in this order.
        askToRelease(now)
        switch state {
        case .idle:
            guard let first = tickets.first else { return }
            wait(as: MutexOwner(member: me, life: life, round: first.number), now)
            move(now)
        case .waiting(var wait):
            guard !tickets.isEmpty else {
                if wait.asks > 0 { ask(.quit, as: wait.owner) }
                state = .idle
                return
            }
            guard !wait.isAsking, wait.askAt <= now, mayLock else { return }
            wait.isAsking = true
            wait.mustAskAgain = false
            wait.asks += 1
            if wait.asks > 1 { retries += 1 }
            ask(.lock(seizing: seizable(wait, now), isSettled: isSettled(now)), as: wait.owner)
            state = .waiting(wait)
        case .holding(var hold):
            if !hold.hasBegun, now < end(of: hold) {
                hold.hasBegun = true
                outbox.append(.begin(hold.ticket, hold.fence))
            }
            if !hold.isAsking, hold.renewAt <= now, era != nil {
                hold.isAsking = true
                ask(.relock(hold.fence), as: hold.owner)
            }
            state = .holding(hold)
        }
    }

    private mutating func askToRelease(_ now: Instant) {
        guard era != nil else { return }
        for index in releases.indices where !releases[index].isAsking {
            guard releases[index].askAt <= now else { continue }
            releases[index].isAsking = true
            ask(.unlock(releases[index].fence), as: releases[index].owner)
        }
    }

    private mutating func ask(_ order: MutexOrder, as owner: MutexOwner) {
        guard let era else { return }
        unanswered += 1
        outbox.append(.ask(MutexRequest(name: name, era: era, owner: owner, order: order)))
    }

    private mutating func wait(as owner: MutexOwner, _ now: Instant) {
        state = .waiting(Waiting(owner: owner, askAt: now, seenAt: now))
    }

    /// Ends what time has ended.
    private mutating func expire(_ now: Instant) {
        releases.removeAll { $0.end <= now }
        guard case .holding(let hold) = state else { return }
        if hold.hasBegun, now >= end(of: hold) {
            lose(hold, now >= hold.leaseEnd ? .unrenewed : .unconfirmed, now)
        } else if now >= hold.leaseEnd {
            // It was granted, and never confirmed that this Redis is the one to grant it.
            release(hold, now)
        }
    }

    private func isSettled(_ now: Instant) -> Bool { now - eraSince >= terms.stall }

    /// The holder that has stood still for too long, if it has.
    private func seizable(_ wait: Waiting, _ now: Instant) -> MutexHolder? {
        guard let seen = wait.seen, wait.isHolderDead || now - wait.seenAt >= terms.stall
        else { return nil }
        return seen
    }

    // MARK: - What happens

    private mutating func leave(_ ticket: MutexTicket, _ now: Instant) {
        guard let index = tickets.firstIndex(of: ticket) else { return }
        tickets.remove(at: index)
        guard case .holding(let hold) = state, hold.ticket == ticket else { return }
        release(hold, now)
    }

    private mutating func release(_ hold: Holding, _ now: Instant) {
        state = .idle
        release(hold.fence, of: hold.owner, until: hold.leaseEnd, now)
    }

    private mutating func release(
        _ fence: Token,
        of owner: MutexOwner,
        until end: Instant,
        _ now: Instant
    ) {
        guard !releases.contains(where: { $0.fence == fence }) else { return }
        if releases.count == Self.mostReleases { releases.removeFirst() }
        let end = max(end, now) + terms.guardTime * 2
        releases.append(Release(owner: owner, fence: fence, end: end, askAt: now))
    }

    private mutating func lose(_ hold: Holding, _ why: MutexLoss, _ now: Instant) {
        tickets.removeAll { $0 == hold.ticket }
        outbox.append(.lose(hold.ticket, why))
        // Others need not wait until they have seen it stand still.
        release(hold, now)
    }

    private mutating func begin(_ era: MutexEra?, _ since: Instant, _ now: Instant) {
        guard era != self.era else { return }
        if era?.run != self.era?.run { confirmedAt = nil }
        self.era = era
        eraSince = since
        switch state {
        case .holding(let hold) where !hold.hasBegun && hold.run != era?.run:
            // Granted by a Redis that nobody ever confirmed.
            release(hold, now)
        case .holding(var hold):
            // What Redis has forgotten is said again at once.
            hold.renewAt = now
            state = .holding(hold)
        case .waiting(var wait):
            wait.seen = nil
            state = .waiting(wait)
            hurry(now)
        case .idle: break
        }
        for index in releases.indices { releases[index].askAt = now }
    }

    private mutating func confirm(_ sentAt: Instant) {
        confirmedAt = max(confirmedAt ?? sentAt, sentAt)
        guard case .holding(var hold) = state, hold.run == era?.run else { return }
        hold.confirmedAt = confirmedAt
        state = .holding(hold)
    }

    private mutating func hurry(_ now: Instant) {
        guard case .waiting(var wait) = state else { return }
        wait.mustAskAgain = wait.isAsking
        wait.askAt = now
        state = .waiting(wait)
    }

    /// What a life held it has no longer, however long Redis would have let it.
    private mutating func fence(_ now: Instant) {
        isFenced = true
        dropHold(now)
    }

    /// Another life than before stands in the queue anew.
    private mutating func join(as new: Life, _ now: Instant) {
        isFenced = false
        guard new != life else { return }
        life = new
        dropHold(now)
        guard case .waiting(let before) = state else { return }
        if before.asks > 0 { ask(.quit, as: before.owner) }
        wait(as: MutexOwner(member: me, life: new, round: before.owner.round), now)
    }

    private mutating func dropHold(_ now: Instant) {
        guard case .holding(let hold) = state else { return }
        if hold.hasBegun { lose(hold, .fenced, now) } else { release(hold, now) }
    }

    private mutating func note(dead member: MemberID, _ life: Life, _ now: Instant) {
        guard case .waiting(var wait) = state, let owner = wait.seen?.owner, owner.member == member,
            let held = owner.life, held <= life
        else { return }
        wait.isHolderDead = true
        state = .waiting(wait)
        hurry(now)
    }

    // MARK: - Answers

    private mutating func take(
        _ answer: MutexAnswer,
        to request: MutexRequest,
        _ sentAt: Instant,
        _ now: Instant
    ) {
        switch (request.order, answer) {
        case (.lock, .granted(let fence)):
            granted(fence, to: request, sentAt, now)
        case (.lock, _):
            notGranted(answer, to: request.owner, now)
        case (.relock(let fence), .renewed):
            renewed(fence, by: request.era.run, sentAt)
        case (.relock(let fence), .lost):
            guard case .holding(let hold) = state, hold.fence == fence else { return }
            if hold.hasBegun {
                tickets.removeAll { $0 == hold.ticket }
                outbox.append(.lose(hold.ticket, .taken))
            }
            state = .idle
        case (.unlock(let fence), .released), (.unlock(let fence), .lost):
            releases.removeAll { $0.fence == fence }
        case (.unlock, _):
            forgive(request, now)
        case (.relock, _):
            forgive(request, now)
        case (.quit, _):
            break
        }
    }

    private mutating func granted(
        _ fence: Token,
        to request: MutexRequest,
        _ sentAt: Instant,
        _ now: Instant
    ) {
        let owner = request.owner
        let leaseEnd = sentAt + (terms.ttl - terms.guardTime)
        guard case .waiting(let wait) = state, wait.owner == owner, let ticket = tickets.first,
            now < leaseEnd, !isFenced, request.era.run == era?.run
        else {
            giveBack(fence, owner, now)
            return
        }
        state = .holding(
            Holding(
                owner: owner,
                fence: fence,
                ticket: ticket,
                run: request.era.run,
                confirmedAt: confirmedAt,
                leaseEnd: leaseEnd,
                renewAt: sentAt + terms.renewal
            )
        )
    }

    /// What nobody here wants any more, or what came too late to be believed.
    private mutating func giveBack(_ fence: Token, _ owner: MutexOwner, _ now: Instant) {
        switch state {
        case .holding(let hold) where hold.fence == fence: return
        case .waiting(let wait) where wait.owner == owner:
            // Under its own name it would be given the same one again, with a fresh lease.
            hasAnswer(now)
            hurry(now)
        default: release(fence, of: owner, until: now, now)
        }
    }

    private mutating func notGranted(
        _ answer: MutexAnswer,
        to owner: MutexOwner,
        _ now: Instant
    ) {
        guard case .waiting(var wait) = state, wait.owner == owner else { return }
        wait.askAt = now + beat()
        switch answer {
        case .busy(let holder):
            if wait.seen != holder {
                let isOther =
                    wait.seen?.owner.member != holder.owner.member
                    || wait.seen?.owner.life != holder.owner.life
                if isOther { wait.isHolderDead = false }
                wait.seen = holder
                wait.seenAt = now
            }
            // When the holder will have stood still for long enough, there is something to ask.
            let stalled = wait.seenAt + terms.stall
            if stalled > now { wait.askAt = min(wait.askAt, stalled) }
        case .unsettled:
            wait.seen = nil
            let settled = eraSince + terms.stall
            if settled > now { wait.askAt = min(wait.askAt, settled) }
        case .full:
            wait.seen = nil
            for ticket in tickets { outbox.append(.refuse(ticket)) }
            tickets = []
        case .stale, .granted, .renewed, .lost, .released:
            break
        }
        state = .waiting(wait)
        hasAnswer(now)
    }

    private mutating func hasAnswer(_ now: Instant) {
        guard case .waiting(var wait) = state else { return }
        wait.isAsking = false
        if wait.mustAskAgain { wait.askAt = now }
        wait.mustAskAgain = false
        state = .waiting(wait)
    }

    private mutating func renewed(_ fence: Token, by run: RedisRun, _ sentAt: Instant) {
        guard case .holding(var hold) = state, hold.fence == fence else { return }
        if run == era?.run {
            hold.run = run
            hold.confirmedAt = confirmedAt ?? hold.confirmedAt
        }
        hold.isAsking = false
        hold.leaseEnd = max(hold.leaseEnd, sentAt + (terms.ttl - terms.guardTime))
        hold.renewAt = sentAt + terms.renewal
        state = .holding(hold)
    }

    /// Nothing is known of what was asked; it is asked again soon.
    private mutating func forgive(_ request: MutexRequest, _ now: Instant) {
        if case .unlock(let fence) = request.order {
            for index in releases.indices where releases[index].fence == fence {
                releases[index].isAsking = false
                releases[index].askAt = now + terms.retry
            }
            return
        }
        switch state {
        case .waiting(var wait) where wait.owner == request.owner:
            wait.askAt = now + beat() / 4
            state = .waiting(wait)
            hasAnswer(now)
        case .holding(var hold) where request.order == .relock(hold.fence):
            hold.isAsking = false
            hold.renewAt = now + terms.retry
            state = .holding(hold)
        case .idle, .waiting, .holding: break
        }
    }

    /// A beat, between three quarters and five quarters of one.
    private mutating func beat() -> Duration {
        terms.beat * Double.random(in: 0.75...1.25, using: &random)
    }

    /// Each belongs to a hold, and ends when that would have.
    private static let mostReleases = 16
}
