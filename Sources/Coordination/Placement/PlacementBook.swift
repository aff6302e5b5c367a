package import Basics

/// What one member hosts, what it knows of what the others host, and the claims under way.
///
/// ```
///  claim ──▶ hosted here? ── known elsewhere? ── fit, and nothing in the way? ──▶ Redis places it
///               │ mine           │ theirs          │ unfit        │ wait a moment       │
///               ▼                ▼                 ▼              ▼                     ▼
///            answer           answer       a fitter member   then say why not    mine, or theirs
///                                          claims it
/// ```
///
/// - Nodes are the truth about what they host, Redis is the index: after Redis has lost something
///   everybody says again what they host, under the tokens they have.
/// - A claim of which the answer was lost is found by the next renewals, which count what Redis has
///   noted under this member, and is adopted.
/// - Each new token is told to all. Who hears of a higher one for what it hosts stops at once.
/// - While Redis may have forgotten what a member hosts that has not spoken since, a claim first asks
///   the others whether they know a host.
/// - What a dead member leaves is taken over by who draws the highest number for it; a moment later by
///   anybody.
package struct PlacementBook: Sendable {
    struct Hosted: Sendable {
        var token: Token
        var move: Move?
    }

    struct Move: Sendable {
        var target: MemberID
        var life: Life
        /// The switch was asked for; until the answer is known, this member isn't the host.
        var isSwitching = false
    }

    /// More than this many calls no node can host.
    static let hostedLimit = 65_536
    static let knownLimit = 131_072
    static let claimLimit = 1_024

    var hosted: [Channel: Hosted] = [:] { didSet { revision &+= 1 } }
    /// Grows whenever ``token(of:)`` may have come to answer otherwise.
    package private(set) var revision: UInt64 = 0
    /// Ended here, while Redis has not yet said that it knows.
    var ending: [Channel: Token] = [:]
    var known: [Channel: Place] = [:]
    /// What this member hosted in lives that are over: noted under it still, until it or somebody else has it again.
    var former: [Channel: Token] = [:]
    var claims: [Channel: Claim] = [:]
    var lastNumber: UInt64 = 0
    var assertion = Assertion()
    var census = Census()
    var estates: [MemberID: Estate] = [:]
    var nextRetry: Instant?
    var outbox: [PlacementAction] = []

    package init() {}

    package var hostedCount: Int { hosted.count }

    /// The token under which this member hosts the channel's call; nil if it doesn't.
    package func token(of channel: Channel) -> Token? {
        guard let entry = hosted[channel], entry.move?.isSwitching != true else { return nil }
        return entry.token
    }

    /// All that is hosted here, in order.
    package var places: [HostedPlace] {
        hosted.filter { $0.value.move?.isSwitching != true }
            .map { HostedPlace(channel: $0.key, token: $0.value.token) }.sorted()
    }

    /// Where another member is known to host the channel's call, or to have hosted it.
    package func knownPlace(of channel: Channel) -> Place? { known[channel] }

    /// Whether the channel's call has been heard of, by this member or at another, and not of its end: so it may go on
    /// somewhere, though nobody may be known to host it now.
    package func mayGoOn(_ channel: Channel) -> Bool {
        known[channel] != nil || former[channel] != nil
    }

    /// When to send ``PlacementEvent/woke`` next. Look again after every event.
    package var deadline: Instant? {
        var earliest = nextRetry
        for claim in claims.values {
            let due =
                switch claim.phase {
                case .waiting(let retry): retry
                case .asking: claim.began + Claim.patience
                case .inquiring(_, _, let until), .passing(_, _, let until): until
                }
            earliest = min(earliest ?? due, due)
        }
        return earliest
    }

    /// Takes one event, knowing how the members stand, and returns what is to be done, in order.
    package mutating func receive(
        _ event: PlacementEvent,
        knowing standing: Standing,
        at now: Instant
    ) -> [PlacementAction] {
        switch event {
        case .claim(let channel, let above, let number, let chance):
            claim(channel, above, for: .local(number), chance, standing, now)
        case .forget(let number): forget(number)
        case .end(let place): end(place, standing, now)
        case .save(let place, let sequence, let blob):
            guard hosted[place.channel]?.token == place.token,
                blob.count <= RegistryOrder.snapshotLimit
            else {
                outbox.append(.tell(.saveRefused(place)))
                break
            }
            ask(.save(place, sequence: sequence, blob))
        case .beginMove(let place, let target): beginMove(place, to: target, standing)
        case .finishMove(let place): finishMove(place)
        case .abortMove(let place): abortMove(place)
        case .answered(let answer, let request, _): take(answer, to: request, standing, now)
        case .failed(_, let order): fail(order, standing, now)
        case .linked(let peer): introduce(to: peer, standing)
        case .met(let peer):
            let isLinked = standing.members.contains { $0.member == peer && $0.isLinked }
            if isLinked { introduce(to: peer, standing) }
        case .heard(let message, let peer): hear(message, from: peer, standing, now)
        case .owned(let count, let sent): compare(owned: count, sentAt: sent, standing, now)
        case .fenced: fence(standing, now)
        case .generationBegan:
            for member in standing.members where member.isAlive && member.isLinked {
                introduce(to: member.member, standing)
            }
        case .looked: look(standing, now)
        case .woke: wake(standing, now)
        }
        defer { outbox = [] }
        return outbox
    }

    // MARK: - Having and losing

    mutating func host(_ place: HostedPlace, _ standing: Standing, _ now: Instant) {
        known[place.channel] = nil
        former[place.channel] = nil
        ending[place.channel] = nil
        hosted[place.channel] = Hosted(token: place.token)
        census.changed = now
        tellOthers(.hosting(standing.life, [place]), standing)
    }

    /// Stops hosting, since somebody holds a higher token.
    mutating func lose(_ channel: Channel, to place: Place?, _ now: Instant) {
        guard hosted.removeValue(forKey: channel) != nil else { return }
        census.changed = now
        if let place { learn(channel, place) }
        outbox.append(.tell(.lost(channel, by: place?.token)))
    }

    mutating func learn(_ channel: Channel, _ place: Place) {
        if let old = known[channel], old.token > place.token { return }
        if let old = former[channel], old < place.token { former[channel] = nil }
        guard known.count < Self.knownLimit || known[channel] != nil else { return }
        known[channel] = place
    }

    private mutating func fence(_ standing: Standing, _ now: Instant) {
        if former.count > Self.knownLimit { former = [:] }
        for (channel, entry) in hosted { former[channel] = entry.token }
        hosted = [:]
        ending = [:]
        estates = [:]
        assertion = Assertion()
        census = Census()
        census.changed = now
        for channel in claims.keys.sorted() { claims[channel]?.phase = .waiting(retry: now) }
    }

    private mutating func end(_ place: HostedPlace, _ standing: Standing, _ now: Instant) {
        guard hosted[place.channel]?.token == place.token else { return }
        hosted[place.channel] = nil
        ending[place.channel] = place.token
        census.changed = now
        ask(.end(standing.me, place))
        tellOthers(.ended([place]), standing)
        retry(at: now + standing.pace.lease)
    }

    // MARK: - What the others say

    /// A link came up, the peer is a member only now, or Redis has forgotten something: whatever was said before may
    /// have been lost. What was hosted in lives that are over is said of such a life: nobody is led here for it, and who
    /// never heard of it knows that it may go on.
    private mutating func introduce(to peer: MemberID, _ standing: Standing) {
        tell(places, of: standing.life, to: peer)
        guard let past = standing.life.previous else { return }
        let former = former.map { HostedPlace(channel: $0.key, token: $0.value) }.sorted()
        tell(former, of: past, to: peer)
    }

    private mutating func tell(_ places: [HostedPlace], of life: Life, to peer: MemberID) {
        var places = places[...]
        while !places.isEmpty {
            let batch = Array(places.prefix(PeerMessage.batchLimit))
            send(.hosting(life, batch), to: peer)
            places = places.dropFirst(batch.count)
        }
    }

    private mutating func hear(
        _ message: PeerMessage,
        from peer: MemberID,
        _ standing: Standing,
        _ now: Instant
    ) {
        switch message {
        case .hosting(let life, let places):
            for place in places {
                let theirs = Place(token: place.token, member: peer, life: life)
                guard let mine = hosted[place.channel] else {
                    learn(place.channel, theirs)
                    continue
                }
                if mine.token < place.token {
                    lose(place.channel, to: theirs, now)
                } else if mine.token > place.token {
                    let mine = HostedPlace(channel: place.channel, token: mine.token)
                    send(.hosting(standing.life, [mine]), to: peer)
                }
            }
        case .ended(let places):
            for place in places {
                if known[place.channel]?.token == place.token { known[place.channel] = nil }
                if let old = former[place.channel], old <= place.token {
                    former[place.channel] = nil
                }
            }
        case .whoHosts(let channel, let number):
            var place = known[channel].flatMap {
                standing.vouches(for: $0) || standing.mayStand($0) ? $0 : nil
            }
            if let mine = hosted[channel] {
                place = Place(token: mine.token, member: standing.me, life: standing.life)
            }
            send(.knownHost(number: number, place), to: peer)
        case .knownHost(let number, let place):
            hearKnownHost(number, place, from: peer, standing, now)
        case .handedOver(let life, let place): receiveMoved(place, life, standing, now)
        case .passClaim(let channel, let above, let number):
            claim(channel, above, for: .peer(peer, number), 0, standing, now)
        case .passedClaim(let number, let result):
            hearPassedClaim(number, result, from: peer, standing, now)
        case .heartbeat, .heartbeatAnswer, .voteRequest, .vote, .certificate, .viewChanged,
            .generationRequest, .generationAnswer:
            break  // The membership's.
        }
    }

    // MARK: - Small things

    mutating func ask(_ order: RegistryOrder) { outbox.append(.ask(order)) }

    mutating func send(_ message: PeerMessage, to peer: MemberID) {
        outbox.append(.send(message, to: peer))
    }

    mutating func tellOthers(_ message: PeerMessage, _ standing: Standing) {
        for member in standing.members where member.isLinked && member.isAlive {
            send(message, to: member.member)
        }
    }

    mutating func retry(at instant: Instant) { nextRetry = min(nextRetry ?? instant, instant) }

    mutating func nextNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }
}
