package import Basics

/// One member's part in keeping the load of all even: what it gives away, and what it lets itself be given.
///
/// ```
///              much too much, for a while,                 calls that may go
///               and nothing is amiss                       and make it better
///  watching ─────────────────────────────▶ listing ───────────────────────────▶ moving
///     ▲                                       │ none                               │
///     ╰───────────────────────────────────────┴──────── a pause ◀──────────────────╯ all have settled
/// ```
///
/// Nobody decides for all: who has clearly more people than its share gives some of its own calls to members that have
/// fewer, the lighter of two drawn ones, and asks each first.
///
/// **Nothing goes to and fro.** A call goes only where, with it, there are no more people than are left here, as both
/// see it: the receiver counts what it has said yes to besides. So each move takes from a heavier and leaves nobody
/// heavier than that, and the unevenness only falls. A call that has moved stays for minutes, and who is just under the
/// mark is left alone.
///
/// **Peace first.** While anybody is dead, drained, out of reach or silent, or has just come, nothing is moved for this.
package struct Rebalancer: Sendable {
    enum State: Hashable, Sendable {
        case watching
        case listing(since: Instant)
        /// Calls on their way, and since when.
        case moving([Channel: Given])
    }

    struct Given: Hashable, Sendable {
        var target: MemberID
        var since: Instant
    }

    /// A call that this member has said yes to, until its people are counted in its load.
    struct Promise: Hashable, Sendable {
        var people: UInt64
        /// What its giver has left then.
        var rest: CarriedLoad
        var until: Instant
    }

    /// How often to look.
    package static let glance = Duration.seconds(1)
    /// Longer than a move may take; what is not heard of by then is not waited for.
    static let patience = Duration.seconds(15)
    /// Within this, the people of a call that has come are in the load of its host.
    static let counting = Duration.seconds(1)
    static let promiseLimit = 64

    private(set) var terms: BalanceTerms
    var state = State.watching
    var resting: [Channel: Instant] = [:]
    var promises: [Channel: Promise] = [:]
    /// Who has just declined, and is not asked until then.
    var declined: [MemberID: Instant] = [:]
    private var roll: LoadPicture.Roll?
    /// Since when the same members have been there with nothing amiss.
    private var calmSince: Instant?
    /// Since when this member has had too much.
    private var heavySince: Instant?
    var pausedUntil: Instant?
    package internal(set) var posture = BalancePosture.off

    package init(_ terms: BalanceTerms) { self.terms = terms }

    package mutating func receive(_ event: BalanceEvent, at now: Instant) -> [BalanceAction] {
        switch event {
        case .set(let terms):
            self.terms = terms
            return []
        case .looked(let picture): return look(picture, now)
        case .listed(let calls, let picture, let chance):
            guard case .listing = state else { return [] }
            state = .watching
            guard isReady(picture, now), heavySince != nil else { return [] }
            return giveAway(calls, picture, chance, now)
        case .settled(let channel, let outcome):
            settle(channel, outcome, now)
            return []
        case .offered(let offer, let picture):
            guard admits(offer, picture, now) else { return [.decline] }
            promises[offer.channel] = Promise(
                people: offer.people,
                rest: offer.rest,
                until: now + Self.patience
            )
            return [.admit]
        case .came(let channel):
            rest(channel, now)
            promises[channel]?.until = now + Self.counting
            return []
        }
    }

    /// Whether this member has said yes to the call, and it may come any moment.
    package func expects(_ channel: Channel) -> Bool { promises[channel] != nil }

    // MARK: - Looking

    private mutating func look(_ picture: LoadPicture, _ now: Instant) -> [BalanceAction] {
        forgetWhatIsOver(now)
        guard isReady(picture, now) else { return [] }
        let margin = posture == .giving ? terms.margin / 2 : terms.margin
        guard picture.excess(beyond: margin, atLeast: terms.leastExcess) != nil else {
            heavySince = nil
            posture = .even
            return []
        }
        let since = heavySince ?? now
        heavySince = since
        guard posture == .giving || posture == .stuck || now - since >= terms.calm else {
            posture = .noticing
            return []
        }
        guard state == .watching, pausedUntil.map({ now >= $0 }) ?? true else { return [] }
        state = .listing(since: now)
        return [.list]
    }

    /// Whether anything may be moved, as far as others are concerned.
    private mutating func isReady(_ picture: LoadPicture, _ now: Instant) -> Bool {
        let isSame = roll == picture.roll
        roll = picture.roll
        if picture.unrest != nil {
            calmSince = nil
        } else if !isSame || calmSince == nil {
            calmSince = now
        }
        guard terms.isOn else { return wait(.off) }
        if let unrest = picture.unrest { return wait(.holding(unrest)) }
        guard let calmSince, now - calmSince >= terms.calm else { return wait(.settling) }
        return true
    }

    private mutating func wait(_ posture: BalancePosture) -> Bool {
        heavySince = nil
        self.posture = posture
        return false
    }

    private mutating func forgetWhatIsOver(_ now: Instant) {
        promises = promises.filter { $0.value.until > now }
        declined = declined.filter { $0.value > now }
        switch state {
        case .watching: break
        case .listing(let since): if now - since > Self.patience { state = .watching }
        case .moving(let given):
            for (channel, call) in given where now - call.since > Self.patience {
                settle(channel, .failed, now)
            }
        }
    }

    // MARK: - What became of it

    private mutating func settle(
        _ channel: Channel,
        _ outcome: BalanceEvent.Outcome,
        _ now: Instant
    ) {
        guard case .moving(var given) = state, let call = given.removeValue(forKey: channel) else {
            return
        }
        switch outcome {
        case .moved: break
        case .declined: declined[call.target] = now + terms.calm
        case .failed: rest(channel, now)
        }
        state = given.isEmpty ? .watching : .moving(given)
        if given.isEmpty { pausedUntil = now + terms.pause }
    }

    private mutating func rest(_ channel: Channel, _ now: Instant) {
        if resting.count >= Self.restingLimit {
            resting = resting.filter { $0.value > now }
            // More than any member hosts: who comes beyond that rests until some others need it no more.
            guard resting.count < Self.restingLimit else { return }
        }
        resting[channel] = now + terms.callRest
    }

    private static let restingLimit = 65_536

    // MARK: - What others would give

    private func admits(_ offer: BalanceOffer, _ picture: LoadPicture, _ now: Instant) -> Bool {
        guard picture.unrest == nil, picture.own.mayTake, promises.count < Self.promiseLimit else {
            return false
        }
        if case .moving = state { return false }
        let others = promises.filter { $0.key != offer.channel && $0.value.until > now }.values
        let promised = others.reduce(0) { $0 + $1.people }
        let load = picture.own.load.with(promised + offer.people)
        guard load.limit == 0 || load.people <= load.limit else { return false }
        // Of two givers the lighter one must not be passed by what the other gives.
        return !load.isHeavier(than: offer.rest)
            && !others.contains { load.isHeavier(than: $0.rest) }
    }
}
