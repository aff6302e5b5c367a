package import Basics
package import Coordination
package import IO
internal import Synchronization
internal import Wire

/// Gives a ``ClusterNode`` what it has not: Redis, links and time.
///
/// It lives on a loop of its own, with the links and the connection to Redis, so that nothing that calls do
/// can hold up a heartbeat or a renewal. Everything is one turn: an event is fed, its actions are done, and
/// the gate is set to how long the node may host now.
package actor ClusterKeeper {
    /// Who had a place before.
    package enum Former: Hashable, Sendable {
        /// It is dead, or has come back without its calls.
        case late(MemberID)
        case giver(MemberID)
    }

    package nonisolated let loop: Loop
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    package nonisolated let gate: HoldGate

    private var node: ClusterNode
    private let client: RedisClient
    private let registry: Registry
    private let links: Links
    private let log: Log
    private let tell: @Sendable (ClusterNews) -> Void
    private let watchman: NodeGuard?

    private var events: [ClusterEvent] = []
    private var isFeeding = false
    private var nextVisit: Instant?
    private var lastClaim: UInt64 = 0
    private var claims: [UInt64: CheckedContinuation<ClaimAnswer, Never>] = [:]
    private var cards: [MemberID: MemberCard] = [:]
    private var asked: [MemberID: (number: UInt64, at: Instant)] = [:]
    /// What the last heartbeat took to be answered.
    package private(set) var roundTrips: [MemberID: Duration] = [:]
    /// Whose the places are that Redis has just given to this node.
    private var late: MemberID?
    /// Who has said that they gave this node a place.
    private var givers = RecentlyUsed<Channel, MemberID>(capacity: 1_024)
    private var complaints = LogLimiter(linesPerSecond: 1)

    /// `gate`: one of its own, or one that others have been given before it is there. `tell`: called on the loop,
    /// in order, and must not block.
    package init(
        _ member: MemberID,
        card: MemberCard,
        pace: Pace,
        gate: HoldGate = HoldGate(until: Instant(nanoseconds: .min)),
        client: RedisClient,
        cluster: String,
        links: Links,
        watchman: NodeGuard? = nil,
        log: Log,
        tell: @escaping @Sendable (ClusterNews) -> Void
    ) {
        var hasSentinels = false
        if case .sentinels = client.place.way { hasSentinels = true }
        node = ClusterNode(
            me: member,
            card: card,
            pace: pace,
            hasSentinels: hasSentinels,
            floor: Generation(UInt64(clamping: Loop.readWallClock().0 / 60))
        )
        self.gate = gate
        self.client = client
        registry = Registry(cluster: cluster, client: client)
        self.links = links
        self.log = log
        self.tell = tell
        self.watchman = watchman
        loop = links.loop
    }

    private nonisolated func enter(_ body: @escaping @Sendable (isolated ClusterKeeper) -> Void) {
        if loop.isCurrent {
            assumeIsolated { body($0) }
        } else {
            loop.execute { self.assumeIsolated { body($0) } }
        }
    }

    // MARK: - What the server wants

    /// Begins to come into the cluster.
    package nonisolated func begin() {
        enter { keeper in
            keeper.feed(.begin)
            keeper.client.assumeIsolated { client in
                client.watch { [weak self] news in self?.hear(news) }
            }
        }
    }

    /// Where the channel's call is, or that it is to be here.
    package func claim(_ channel: Channel, above: Token?) async -> ClaimAnswer {
        lastClaim += 1
        let number = lastClaim
        return await withCheckedContinuation { continuation in
            claims[number] = continuation
            feed(
                .claim(
                    channel,
                    above: above,
                    number: number,
                    chance: UInt64.random(in: 0...UInt64.max)
                )
            )
        }
    }

    /// Where the channel's call is, as far as this node knows by itself.
    package func find(_ channel: Channel) -> ClaimAnswer? {
        let now = Loop.readClock()
        if let token = node.token(of: channel, at: now) { return .mine(token) }
        guard let place = node.book.knownPlace(of: channel),
            node.membership.standing(at: now).vouches(for: place)
        else { return nil }
        return .theirs(place.member, place.token)
    }

    package nonisolated func end(_ place: HostedPlace) { enter { $0.feed(.end(place)) } }

    package nonisolated func save(_ place: HostedPlace, sequence: UInt64, _ snapshot: [UInt8]) {
        enter { $0.feed(.save(place, sequence: sequence, snapshot)) }
    }

    package nonisolated func carry(_ load: MemberLoad) { enter { $0.feed(.loaded(load)) } }
    package nonisolated func drain(_ wants: Bool) { enter { $0.feed(.drain(wants)) } }
    package nonisolated func leave() {
        enter { keeper in
            keeper.watchman?.end()
            keeper.feed(.leave)
        }
    }

    /// Gives the call to another member: noted first, and switched when it is ready.
    package nonisolated func beginMove(_ place: HostedPlace, to member: MemberID) {
        enter { $0.feed(.beginMove(place, to: member)) }
    }

    package nonisolated func finishMove(_ place: HostedPlace) {
        enter { $0.feed(.finishMove(place)) }
    }

    package nonisolated func abortMove(_ place: HostedPlace) {
        enter { $0.feed(.abortMove(place)) }
    }

    // MARK: - Questions

    /// What stands in the way of new calls here, if anything does.
    package var obstacle: PlacementFault? { node.membership.obstacle(at: Loop.readClock()) }
    package var life: Life { node.membership.life }
    /// Whether a majority of the members is, this one included.
    package var isReached: Bool { node.membership.reachesMajority(at: Loop.readClock()) }
    package var places: [HostedPlace] { node.book.places }
    package var standing: Standing { node.membership.standing(at: Loop.readClock()) }

    /// How the load is spread, as far as this node knows.
    package var loads: LoadPicture { node.membership.loads(at: Loop.readClock()) }

    package func card(of member: MemberID) -> MemberCard? { cards[member] }
    package var overview: Overview { node.membership.overview(at: Loop.readClock()) }
    /// Whether the channel's call has been heard of, and not of its end.
    package func mayGoOn(_ channel: Channel) -> Bool { node.book.mayGoOn(channel) }

    // MARK: - What links and Redis say

    package nonisolated func linkOpened(to member: MemberID) { enter { $0.feed(.linked(member)) } }

    package nonisolated func linkBroke(to member: MemberID) {
        enter { keeper in
            keeper.roundTrips[member] = nil
            keeper.feed(.unlinked(member))
        }
    }

    package nonisolated func certified(_ member: MemberID, _ life: Life) {
        enter { $0.feed(.certified(member, life)) }
    }

    package nonisolated func pulse(_ bytes: [UInt8], from member: MemberID) {
        enter { keeper in
            do throws(PackFault) {
                let message = try PeerMessage(packed: bytes)
                keeper.measure(message, from: member)
                keeper.feed(.heard(message, from: member))
            } catch {
                keeper.log.limited(
                    .error,
                    by: &keeper.complaints,
                    at: keeper.loop.now,
                    "another node's word can't be read; bring all nodes to one version",
                    ["node": .string(member.description), "why": .error(error)]
                )
            }
        }
    }

    private func measure(_ message: PeerMessage, from member: MemberID) {
        guard case .heartbeatAnswer(let answer) = message, let question = asked[member],
            question.number == answer.number
        else { return }
        roundTrips[member] = Loop.readClock() - question.at
    }

    private nonisolated func hear(_ news: RedisClientNews) {
        enter { keeper in
            switch news {
            case .connected(let standing):
                // Without its run nobody could tell a Redis that has forgotten from one that has not.
                guard let run = standing.runID.flatMap({ RedisRun($0) }) else {
                    return keeper.log.error(
                        "Redis does not tell its run_id; let this user use INFO",
                        ["redis": .string(standing.host.description)]
                    )
                }
                keeper.feed(.connected(run))
            case .lost: keeper.feed(.disconnected)
            case .confirmed(let confirmation):
                // Of another Redis than this node is connected to, it says nothing here.
                let standing = keeper.client.assumeIsolated { $0.standing }
                guard standing?.host == confirmation.host else { return }
                keeper.feed(
                    .confirmed(epoch: confirmation.generation, sentAt: confirmation.sentAt)
                )
            }
        }
    }

    // MARK: - A turn

    private func feed(_ event: ClusterEvent) {
        events.append(event)
        guard !isFeeding else { return }
        isFeeding = true
        while !events.isEmpty {
            let batch = events
            events = []
            for event in batch {
                note(event)
                let actions = node.receive(event, at: Loop.readClock())
                gate.set(until: node.holdsUntil)
                for action in actions { perform(action) }
            }
        }
        isFeeding = false
        gate.set(until: node.holdsUntil)
        visitLater()
    }

    private func note(_ event: ClusterEvent) {
        late = nil
        switch event {
        case .heard(.handedOver(_, let place), let giver): givers.set(place.channel, to: giver)
        case .answered(_, let request, _):
            guard case .takeOver(_, _, let former, _) = request.order else { break }
            late = former
        default: break
        }
    }

    /// Who had the place before that is told of now as taken over.
    package func former(of channel: Channel) -> Former? {
        if let late, late != node.membership.me { return .late(late) }
        return givers.peek(channel).map { .giver($0) }
    }

    private func visitLater() {
        guard let due = node.deadline, nextVisit.map({ due < $0 }) ?? true else { return }
        nextVisit = due
        loop.schedule(at: due) { [weak self] in
            self?.assumeIsolated { keeper in
                if let visit = keeper.nextVisit, visit <= keeper.loop.now { keeper.nextVisit = nil }
                keeper.feed(.woke)
            }
        }
    }

    private func perform(_ action: ClusterAction) {
        switch action {
        case .ask(let request):
            registry.ask(request) { [weak self] result, sentAt in
                self?.enter { keeper in
                    switch result {
                    case .success(let answer):
                        keeper.feed(.answered(answer, to: request, sentAt: sentAt))
                    case .failure(let fault):
                        keeper.feed(.failed(fault, request, sentAt: sentAt))
                    }
                }
            }
        case .send(let message, let member):
            if case .heartbeat(let heartbeat) = message {
                asked[member] = (heartbeat.number, Loop.readClock())
            }
            links.assumeIsolated { _ = $0.pulse(message.packed, to: member) }
        case .answer(let number, let answer):
            claims.removeValue(forKey: number)?.resume(returning: answer)
        case .tell(let news):
            take(news)
            tell(news)
        }
    }

    private func take(_ news: ClusterNews) {
        guard case .membership(let news) = news else { return }
        switch news {
        case .memberJoined(let member, let card):
            cards[member] = card
            expect()
        case .memberLeft(let member), .memberDied(let member, _):
            cards[member] = nil
            asked[member] = nil
            roundTrips[member] = nil
            expect()
        case .joined: tellGuard()
        case .left, .refused, .fenced, .generation: break
        }
    }

    private func expect() {
        let addresses = cards.mapValues(\.cluster)
        links.assumeIsolated { $0.expect(addresses) }
        tellGuard()
    }

    /// The guard is told whom to tell, and of which life.
    private func tellGuard() {
        let others = cards.filter { $0.key != node.membership.me }
        watchman?.tell(node.membership.life, others.mapValues(\.cluster))
    }
}
