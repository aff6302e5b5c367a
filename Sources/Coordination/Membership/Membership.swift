package import Basics

/// One node's view of the cluster, and its right to host.
///
/// ```
///          begin                 registered                lease and promises ran out, or evicted
///  idle ──────────▶ knocking ─────────────────▶ member ───────────────────────────────╮
///                    │    ▲                        │                                  │
///   a namesake lives │    ╰────────────────────────│──── under the next life ─────────╯
///                    ▼                             ▼ leave
///                 refused                        gone
/// ```
///
/// **Hold if either.** A member may host while it has a lease from Redis, or enough of the others
/// have promised not to vote against it. Both are counted from when the question was *sent*, less
/// ``Pace/guardTime``, and neither is ever revived by an answer that comes too late: whoever finds
/// its right run out begins a new life, in which it hosts nothing.
///
/// **Seize only if both.** A member is declared dead when its record has stood still for longer than
/// a lease *and* a majority of those who have a vote about it have voted, each after its own promise
/// to it ran out. The script compares the record once more, so an observer that slept is harmless.
///
/// **Generations.** Redis may be restarted with less than it had acknowledged. Its scripts therefore
/// work only for who names the run of Redis and the generation begun in it. After another run comes
/// to answer, somebody begins a new generation (see `Membership+Generation.swift`), everybody says
/// again what they host, and nobody places anything new for a moment.
package struct Membership: Sendable {
    enum Stage: Hashable, Sendable {
        case idle
        case knocking
        case member
        case refused
        case gone
    }

    package let me: MemberID
    let card: MemberCard
    let pace: Pace
    let hasSentinels: Bool
    /// The generation to begin as a newcomer, unless Redis or somebody knows of a later one.
    let floor: Generation

    var stage = Stage.idle
    /// When this process came to be.
    var began = Instant(nanoseconds: 0)
    var hasJoined = false
    package internal(set) var life = Life.first
    var incarnation = Incarnation.first
    var sequence: UInt64 = 1
    /// When this life came, by the count of views.
    var since: UInt64 = 0
    var state = MemberRecord.State.up
    var load = MemberLoad.none
    var asserted = Generation.none
    var wantsDrain = false
    var namesake: Namesake?

    // Redis.
    var run: RedisRun?
    /// The generation that is in force in this run, once known.
    var ground: Generation?
    /// The last generation that was in force for this member, and in which run.
    var proven: (generation: Generation, run: RedisRun)?
    /// Whether everybody who may host knows this member. So it is once all who are listed have asserted what they host,
    /// miss nobody, and count this member among those who vote: whoever was not listed then hosts nothing. A newcomer to
    /// a Redis that has forgotten others can't know of them, however often it forgets once more.
    var isKnownToAll = false
    /// The newest generation that was in force anywhere, as far as this member has heard.
    var newest = Generation.none
    /// The newest that was said yes to. Each number gets one yes from each member.
    var granted = Generation.none
    var raise: Raise?
    /// Those before this member have had their time to begin a generation.
    var isNextToRaise = false
    var isListed = false
    var leaseSent: Instant?
    var confirmed: (epoch: UInt64, sent: Instant)?
    /// When the generation in force became so, for this member.
    var switched: Instant?
    /// Whether that is the first in which this process can be a member: it may have waited outside through others.
    var isFirstGeneration = true
    var connected: Instant?
    var lastAnswer: Instant?
    var unwilling: String?
    var bumpSent: Instant?

    // The others.
    var view: UInt64 = 0
    var peers: [Peer] = []
    var links: Set<MemberID> = []
    var electorates: [Electorate] = []
    /// What ``countPromises()`` came to last.
    var lastCount: Instant?
    var heartbeats = HeartbeatTimes()

    var isHolding = false
    var nextHeartbeat: Instant?
    var nextRenewal: Instant?
    var lastRenewal: Instant?
    var outbox: [MembershipAction] = []
    /// Grows whenever ``standing(at:)`` may have become another.
    package internal(set) var revision: UInt64 = 0

    package init(
        me: MemberID,
        card: MemberCard,
        pace: Pace,
        hasSentinels: Bool,
        floor: Generation
    ) {
        self.me = me
        self.card = card
        self.pace = pace
        self.hasSentinels = hasSentinels
        self.floor = max(floor, Generation(1))
    }

    /// When to send ``MembershipEvent/woke`` next. Look again after every ``receive(_:at:)``.
    package var deadline: Instant? {
        switch stage {
        case .idle, .refused, .gone: nil
        case .knocking, .member:
            Self.earliest(
                Self.earliest(nextHeartbeat, nextRenewal),
                Self.earliest(raise?.deadline, isHolding ? holdsUntil : nil)
            )
        }
    }

    private static func earliest(_ one: Instant?, _ other: Instant?) -> Instant? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }

    /// Takes one event and returns what is to be done, in order.
    package mutating func receive(_ event: MembershipEvent, at now: Instant) -> [MembershipAction] {
        if isHolding, !holds(at: now) { fence(.ranOut, at: now) }
        switch event {
        case .begin: begin(at: now)
        case .connected(let run): connect(to: run, at: now)
        case .disconnected: disconnect()
        case .answered(let answer, let request, let sent):
            take(answer, to: request, sentAt: sent, at: now)
        case .failed(let fault, let request, _): fail(fault, request)
        case .confirmed(let epoch, let sent): confirm(epoch: epoch, sentAt: sent, at: now)
        case .linked(let peer):
            if links.count < MemberTable.limit { links.insert(peer) }
            revision += 1
        case .unlinked(let peer):
            links.remove(peer)
            revision += 1
        case .heard(let message, let peer): hear(message, from: peer, at: now)
        case .certified(let peer, let life): certify(peer, life, isOwn: true, at: now)
        case .loaded(let load): self.load = load
        case .asserted(let generation): asserted = max(asserted, generation)
        case .drain(let wants):
            wantsDrain = wants
            if stage == .member { askForState() }
        case .leave: leave(at: now)
        case .woke: break
        }
        tick(at: now)
        if stage == .member, !isHolding, holds(at: now) {
            isHolding = true
            revision += 1
        }
        defer { outbox = [] }
        return outbox
    }

    // MARK: - Coming and going

    private mutating func begin(at now: Instant) {
        guard stage == .idle else { return }
        stage = .knocking
        began = now
        nextHeartbeat = now
        nextRenewal = now
    }

    private mutating func leave(at now: Instant) {
        switch stage {
        case .idle, .knocking: break
        case .member: ask(.leave(me, life))
        case .refused, .gone: return
        }
        stage = .gone
        isHolding = false
        revision += 1
        tell(.left)
    }

    /// Ends this life. What was hosted in it is lost; the next one begins by registering.
    mutating func fence(_ cause: FenceCause, at now: Instant) {
        life = life.next
        incarnation = .first
        sequence = 1
        asserted = .none
        isHolding = false
        isListed = false
        leaseSent = nil
        electorates = []
        bumpSent = nil
        isKnownToAll = false
        for index in peers.indices { peers[index].promise = nil }
        countPromises()
        stage = .knocking
        nextRenewal = now
        revision += 1
        tell(.fenced(cause))
    }

    private mutating func tick(at now: Instant) {
        guard stage == .knocking || stage == .member else { return }
        if let due = nextRenewal, now >= due {
            nextRenewal = now + pace.renewal
            speakToRedis(at: now)
        }
        if let due = nextHeartbeat, now >= due {
            nextHeartbeat = now + pace.heartbeat
            sendHeartbeats(at: now)
            forgetGhosts(at: now)
            seize(at: now)
        }
        if let raise, now >= raise.deadline { retryRaise(at: now) }
    }

    private mutating func forgetGhosts(at now: Instant) {
        for index in peers.indices.reversed() {
            guard let ghost = peers[index].ghost, now - ghost.noticed >= ghostTime else { continue }
            peers[index].ghost = nil
            if peers[index].isGone { peers.remove(at: index) }
            countPromises()
        }
    }

    /// How long a promise that was given before its giver's life ended may be counted.
    var ghostTime: Duration { pace.promise + pace.guardTime }

    // MARK: - Small things

    mutating func tell(_ news: MembershipNews) { outbox.append(.tell(news)) }

    mutating func send(_ message: PeerMessage, to peer: MemberID) {
        outbox.append(.send(message, to: peer))
    }

    mutating func ask(_ order: RegistryOrder) {
        if let request = request(order) { outbox.append(.ask(request)) }
    }

    /// A request under the generation in force; without one, nothing can be asked.
    package func request(_ order: RegistryOrder) -> RegistryRequest? {
        guard let run, let ground else { return nil }
        return RegistryRequest(generation: ground, run: run, order: order)
    }

    func index(of member: MemberID) -> Int? {
        var low = 0
        var high = peers.count
        while low < high {
            let middle = (low + high) / 2
            if peers[middle].member < member { low = middle + 1 } else { high = middle }
        }
        return low < peers.count && peers[low].member == member ? low : nil
    }

    mutating func insert(_ peer: Peer) {
        let place = peers.firstIndex { peer.member < $0.member } ?? peers.count
        peers.insert(peer, at: place)
    }

    func isListed(_ peer: Peer) -> Bool { peer.listed == ground }

    // As of the peer itself, which to ask is to copy it.

    func isListed(_ index: Int) -> Bool { peers[index].listed == ground }

    func isAlive(_ index: Int) -> Bool { peers[index].record.isAlive && !peers[index].isGone }

    func isCertifiedDead(_ index: Int) -> Bool {
        let life = peers[index].record.life
        return peers[index].certified.map { $0 >= life } ?? false
            || peers[index].replaced.map { $0 >= life } ?? false
    }
}
