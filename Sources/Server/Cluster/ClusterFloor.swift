internal import Basics
internal import Calls
internal import Cluster
internal import Coordination
internal import IO
internal import Settings
internal import Synchronization
internal import Wire

/// What a node is among the nodes of its cluster: its links to them, its actors, its right to host, and what
/// the calls of this node need of all that.
///
/// A node that is alone has one too, with nobody to talk to and a gate that never shuts.
final class ClusterFloor: Sendable {
    /// What a clustered node has beside its actors.
    struct Parts: Sendable {
        var loop: Loop
        var links: Links
        var client: RedisClient
        var keeper: ClusterKeeper
        var mutexes: ClusterMutex
    }

    /// What becomes of the node in the cluster.
    enum Standing: Hashable, Sendable {
        case joining
        case joined
        /// Why this node must not run.
        case refused(String)
    }

    private struct Move {
        var continuation: CheckedContinuation<Bool, Never>
        var isForLoad: Bool
    }

    private struct State {
        var calls: CallDirectory?
        var post: NodePost?
        var standing = Standing.joining
        /// When it came in last.
        var joined: Instant?
        var watcher: (@Sendable (Standing) -> Void)?
        var held: [ChannelID: Fence] = [:]
        var moves: [ChannelID: Move] = [:]
        var balance: RebalanceKeeper?
        var complaints = LogLimiter(linesPerSecond: 1)
    }

    let system: ClusterSystem
    let parts: Parts?
    let log: Log
    /// What has become of calls here.
    let journal: CallJournal
    private let figures: ClusterFigures
    private let state = Mutex(State())

    var gate: HoldGate { parts?.keeper.gate ?? .ofOneAlone }
    var member: MemberID { system.member }

    /// For a node that is alone.
    init(alone name: NodeName, figures: ClusterFigures, log: Log) {
        self.log = log
        self.figures = figures
        journal = CallJournal(figures: figures.moves)
        parts = nil
        system = ClusterSystem(MemberID(name: name, nonce: .random(in: 0...UInt64.max)), links: nil)
    }

    /// For one node of a cluster. Nothing is told before ``open(_:hall:post:)``.
    init(
        _ settings: Settings,
        media: String,
        figures: ClusterFigures,
        registry: MetricRegistry,
        log: Log
    ) throws(NodeFault) {
        self.log = log
        self.figures = figures
        journal = CallJournal(figures: figures.moves)
        let member = MemberID(name: .own(settings), nonce: .random(in: 0...UInt64.max))
        let meeting = try ClusterMeeting(settings, member, registry: registry, log: log)
        system = ClusterSystem(member, links: meeting.links)
        let relay = NewsRelay()
        let keeper = ClusterKeeper(
            member,
            card: MemberCard(
                cluster: meeting.endpoint,
                web: settings.http.publicURL,
                media: media,
                oldestVersion: UInt16(clamping: meeting.versions.lowerBound),
                newestVersion: UInt16(clamping: meeting.versions.upperBound)
            ),
            pace: settings.clusterPace,
            gate: meeting.gate,
            client: meeting.client,
            cluster: settings.cluster.name,
            links: meeting.links,
            watchman: settings.cluster.guard
                ? NodeGuard(
                    member,
                    cluster: settings.cluster.name,
                    credentials: meeting.credentials,
                    stall: settings.clusterPace.stall,
                    loop: meeting.loop,
                    log: log
                ) : nil,
            log: log
        ) { relay.floor?.take($0) }
        parts = Parts(
            loop: meeting.loop,
            links: meeting.links,
            client: meeting.client,
            keeper: keeper,
            mutexes: meeting.mutexes
        )
        relay.floor = self
    }

    /// Lets the keeper tell its news to a floor that is made after it. Set once, before anything is told.
    private final class NewsRelay: @unchecked Sendable {
        weak var floor: ClusterFloor?
    }

    // MARK: - Opening and closing

    /// Comes into the cluster, and lets other nodes speak to this one.
    func open(
        _ calls: CallDirectory,
        hall: SocketHall,
        post: NodePost,
        desk: ClusterDesk,
        balance terms: BalanceTerms
    ) async {
        state.withLock { state in
            state.calls = calls
            state.post = post
        }
        await system.learn(NodeActor.self)
        await system.learn(CallDoor.self)
        _ = system.make(.node) {
            NodeActor(calls: calls, hall: hall, desk: desk, actorSystem: system)
        }
        system.open(.node, post)
        system.watch(self)
        hall.look(elsewhere: calls)
        if let parts {
            let balance = RebalanceKeeper(self, parts.keeper, calls, figures.rebalanced, log: log)
            state.withLock { $0.balance = balance }
            balance.begin(terms)
        }
        parts?.keeper.begin()
        sweepLater([])
        if let parts { sendAwayLater(calls, hall, parts) }
    }

    /// Gives back places in which no call is: somebody asked for one and did not come. Those that were empty
    /// the last time, too.
    private func sweepLater(_ suspects: Set<HostedPlace>) {
        guard let parts else { return }
        parts.loop.execute { [weak self] in
            parts.loop.schedule(at: parts.loop.now + Self.sweepTime) { [weak self] in
                guard let self else { return }
                let places = parts.keeper.assumeIsolated { $0.places }
                let empty = places.filter { place in
                    guard let channel = ChannelID(place.channel.description) else { return true }
                    return self.calls?.hosts(channel) == false
                }
                for place in empty where suspects.contains(place) {
                    self.log.warning(
                        "a place that no call has come to is given back",
                        ["channel": .string(place.channel.description)]
                    )
                    parts.keeper.end(place)
                    guard let channel = ChannelID(place.channel.description) else { continue }
                    self.journal.note(channel, .givenUp(.nobodyCame))
                }
                self.sweepLater(Set(empty))
            }
        }
    }

    private static let sweepTime = Duration.seconds(5)

    /// Tells what becomes of the node, and at once what it is.
    func watch(_ watcher: @escaping @Sendable (Standing) -> Void) {
        let standing = state.withLock { state in
            state.watcher = watcher
            return state.standing
        }
        watcher(standing)
    }

    var isJoined: Bool { state.withLock { $0.standing == .joined } }

    /// Shows figures how the cluster is, once a second.
    func show(to glance: ClusterGlance) {
        guard let parts else { return }
        parts.loop.execute { [weak self] in
            parts.loop.schedule(at: parts.loop.now + .seconds(1)) { [weak self] in
                parts.keeper.assumeIsolated { glance.note($0.overview, $0.roundTrips) }
                self?.show(to: glance)
            }
        }
    }

    /// Does something that one node is to do for all, and no two at once. Not at all if another does it.
    func alone(_ name: MutexName, _ work: @Sendable () async -> Void) async {
        guard let parts else { return await work() }
        do {
            try await parts.mutexes.withMutex(name) { _ in await work() }
        } catch {
            log.warning(
                "what one node does for all was not done by this one",
                ["mutex": .string(name.description), "why": .string("\(error)")]
            )
        }
    }

    func carry(_ load: MemberLoad) { parts?.keeper.carry(load) }

    /// Says goodbye, once nothing is hosted here any more.
    func close() async {
        guard let parts else { return }
        parts.keeper.leave()
        // What is said last is on its way within a moment.
        await parts.loop.sleep(for: .milliseconds(100))
        await parts.mutexes.close()
        await parts.links.close()
        await parts.client.close()
        parts.loop.stop()
    }

    // MARK: - What the keeper tells

    private func take(_ news: ClusterNews) {
        switch news {
        case .membership(let news): take(news)
        case .placement(let news): take(news)
        }
    }

    private func take(_ news: MembershipNews) {
        switch news {
        case .joined(let life):
            log.info(
                "this node is in the cluster",
                [
                    "member": .string(member.description), "life": .string(life.description),
                ]
            )
            if let parts {
                let generation = parts.keeper.assumeIsolated { $0.standing.generation }
                parts.mutexes.join(life)
                parts.mutexes.follow(generation)
            }
            enterOnceReached(life)
        case .left: break
        case .refused(let namesake):
            enter(
                .refused(
                    """
                    another node of the name \(namesake.name) runs in this cluster (\(namesake)); set \
                    node.name to a name of this node's own, or stop the other
                    """
                )
            )
        case .fenced(let cause):
            parts?.mutexes.fence()
            log.error(
                "this node has lost its right to host; its calls go on elsewhere",
                ["why": .string(cause.rawValue)]
            )
            enter(.joining)
            let held = state.withLock { state in
                defer { state.held = [:] }
                return state.held.keys.sorted()
            }
            figures.fenced.add()
            for channel in held {
                journal.note(channel, .givenUp(.fenced))
                calls?.giveUp(channel)
            }
        case .memberJoined(let other, _) where other != member:
            log.info("another node is in the cluster", ["member": .string(other.description)])
        case .memberJoined: break
        case .memberLeft(let other):
            log.info("another node has left the cluster", ["member": .string(other.description)])
        case .memberDied(let other, let life):
            parts?.mutexes.note(dead: other, life)
            log.warning("another node is dead", ["member": .string(other.description)])
        case .generation(let generation):
            parts?.mutexes.follow(generation)
            log.warning(
                "Redis may have forgotten something; nodes tell it again what they host",
                ["generation": .string(generation.description)]
            )
            calls?.saveAgain()
        }
    }

    private func take(_ news: PlacementNews) {
        switch news {
        case .takenOver(let places):
            for place in places {
                guard let channel = ChannelID(place.channel.description) else { continue }
                state.withLock { $0.held[channel] = place.token }
                journal.note(channel, arrival(of: place.channel))
                balance?.assumeIsolated { $0.came(place.channel) }
                calls?.take(over: channel, place.token, place.snapshot)
            }
        case .lost(let place, _):
            guard let channel = ChannelID(place.description) else { return }
            state.withLock { $0.held[channel] = nil }
            journal.note(channel, .givenUp(.outbid))
            calls?.giveUp(channel)
        case .moveBegun(let place, let target):
            guard let channel = ChannelID(place.channel.description) else { return }
            Task { [calls] in
                if await calls?.prepareMove(of: channel, to: target) == true {
                    parts?.keeper.finishMove(place)
                } else {
                    parts?.keeper.abortMove(place)
                    settleMove(of: channel, false)
                }
            }
        case .moved(let place, let member, _):
            guard let channel = ChannelID(place.channel.description) else { return }
            let isForLoad = state.withLock { state in
                state.held[channel] = nil
                return state.moves[channel]?.isForLoad == true
            }
            journal.note(channel, isForLoad ? .wentForLoad(to: member) : .went(to: member))
            calls?.giveUp(channel, isMoved: true)
            settleMove(of: channel, true)
        case .moveRefused(let place):
            guard let channel = ChannelID(place.channel.description) else { return }
            settleMove(of: channel, false)
        case .saveRefused(let place):
            guard let channel = ChannelID(place.channel.description) else { return }
            state.withLock { state in
                log.limited(
                    .warning,
                    by: &state.complaints,
                    at: Loop.readClock(),
                    "a call's snapshot was not kept; it is saved again in a moment",
                    ["channel": .string(channel.description)]
                )
            }
            calls?.saveAgain(channel)
        }
    }

    /// How a call comes here that is told of now. On the loop of the keeper.
    private func arrival(of channel: Channel) -> CallJournal.Turn {
        switch parts?.keeper.assumeIsolated({ $0.former(of: channel) }) {
        case .late(let member): .inherited(from: member)
        case .giver(let member):
            balance?.assumeIsolated({ $0.expects(channel) }) == true
                ? .cameForLoad(from: member) : .came(from: member)
        case nil: .came(from: nil)
        }
    }

    private var calls: CallDirectory? { state.withLock { $0.calls } }
    var balance: RebalanceKeeper? { state.withLock { $0.balance } }

    /// Nobody is sent here before a majority of the nodes has been reached: what people began here, nobody
    /// elsewhere would find. Once it has, that is not asked again, for where a whole network is down people
    /// come back to calls that run.
    private func enterOnceReached(_ life: Life) {
        guard let parts else { return }
        let (isIn, isReached) = parts.keeper.assumeIsolated { keeper in
            let state = keeper.overview.state
            return (keeper.life == life && (state == .up || state == .draining), keeper.isReached)
        }
        guard isIn else { return }
        if isReached { return enter(.joined) }
        parts.loop.schedule(at: parts.loop.now + Self.reachingPause) { [weak self] in
            self?.enterOnceReached(life)
        }
    }

    private static let reachingPause = Duration.milliseconds(50)

    private func enter(_ standing: Standing) {
        let watcher = state.withLock { state in
            state.standing = standing
            if standing == .joined { state.joined = Loop.readClock() }
            return state.watcher
        }
        watcher?(standing)
    }

    // MARK: - Moving

    /// Gives the channel's call to another node. True once that has it. `isForLoad`: because there are more people here than
    /// there, and for no other reason.
    func move(_ channel: ChannelID, to member: MemberID, isForLoad: Bool) async -> Bool {
        guard let parts, let token = state.withLock({ $0.held[channel] }) else { return false }
        let place = HostedPlace(channel: Channel(channel), token: token)
        return await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.moves[channel] == nil else { return false }
                state.moves[channel] = Move(continuation: continuation, isForLoad: isForLoad)
                return true
            }
            guard isFree else { return continuation.resume(returning: false) }
            parts.keeper.beginMove(place, to: member)
            parts.loop.execute { [self] in
                parts.loop.schedule(at: parts.loop.now + Self.moveTime) { [weak self] in
                    guard let self, state.withLock({ $0.moves[channel] != nil }) else { return }
                    parts.keeper.abortMove(place)
                    settleMove(of: channel, false)
                }
            }
        }
    }

    private func settleMove(of channel: ChannelID, _ isMoved: Bool) {
        if !isMoved { calls?.stay(channel) }
        let move = state.withLock { $0.moves.removeValue(forKey: channel) }
        move?.continuation.resume(returning: isMoved)
    }

    private static let moveTime = Duration.seconds(3)
}

extension ClusterFloor: Placing {
    func claim(
        _ channel: ChannelID,
        above: Fence?
    ) async throws(PlacementFault) -> Placement {
        guard let keeper = parts?.keeper else { throw .notJoined }
        switch await keeper.claim(Channel(channel), above: above) {
        case .mine(let token):
            state.withLock { $0.held[channel] = token }
            return .mine(token)
        case .theirs(let member, let token): return .theirs(member, token)
        case .refused(let fault): throw fault
        }
    }

    func find(_ channel: ChannelID) async -> Placement? {
        switch await parts?.keeper.find(Channel(channel)) {
        case .mine(let token):
            state.withLock { $0.held[channel] = token }
            return .mine(token)
        case .theirs(let member, let token): return .theirs(member, token)
        case .refused, nil: return nil
        }
    }

    func expects(_ channel: ChannelID) async -> Bool {
        guard let keeper = parts?.keeper else { return false }
        if await keeper.mayGoOn(Channel(channel)) { return true }
        // It may be one of a dead node's that nobody has taken over yet, and this node too new to have known it there.
        let hasOrphans = await keeper.standing.members.contains { !$0.isAlive && $0.orphans > 0 }
        if hasOrphans { return true }
        return await keeper.obstacle?.leavesInTheDark ?? false
    }

    var isNew: Bool {
        state.withLock { state in
            switch state.standing {
            case .joining: true
            case .joined: state.joined.map { Loop.readClock() < $0 + Self.learningTime } ?? false
            case .refused: false
            }
        }
    }

    /// Whoever comes in has reached a majority of the nodes, and the others within this, each of which says at once
    /// what it hosts.
    private static let learningTime = Duration.milliseconds(500)

    func successor() async -> MemberID? {
        guard let standing = await parts?.keeper.standing else { return nil }
        let fit = standing.members.filter { $0.isAlive && $0.isLinked && $0.isFit }
        return [fit.randomElement(), fit.randomElement()].compactMap(\.self)
            .min { $0.weight < $1.weight }?.member
    }

    func hasHeirs() async -> Bool {
        await parts?.keeper.standing.members.contains(where: \.isAlive) ?? false
    }

    func hasWillingHeirs() async -> Bool {
        await parts?.keeper.standing.members.contains { $0.isAlive && $0.isWilling } ?? false
    }

    func move(_ channel: ChannelID, to member: MemberID) async -> Bool {
        await move(channel, to: member, isForLoad: false)
    }

    func holds(_ channel: ChannelID, _ token: Fence) -> Bool {
        state.withLock { $0.held[channel] == token }
    }

    func end(_ channel: ChannelID, _ token: Fence) {
        state.withLock { state in
            if state.held[channel] == token { state.held[channel] = nil }
        }
        parts?.keeper.end(HostedPlace(channel: Channel(channel), token: token))
    }

    func save(_ channel: ChannelID, _ token: Fence, sequence: UInt64, _ snapshot: [UInt8]) {
        let place = HostedPlace(channel: Channel(channel), token: token)
        parts?.keeper.save(place, sequence: sequence, snapshot)
    }
}

// What links tell.
extension ClusterFloor: ClusterWatcher {
    func linkOpened(to member: MemberID) { parts?.keeper.linkOpened(to: member) }
    func linkBroke(to member: MemberID, why: String) { parts?.keeper.linkBroke(to: member) }

    func linkEnded(to member: MemberID) {
        parts?.keeper.linkBroke(to: member)
        calls?.lose(member)
    }

    func certified(_ member: MemberID, _ life: Life) {
        parts?.keeper.certified(member, life)
    }

    func pulse(_ bytes: [UInt8], from member: MemberID) {
        parts?.keeper.pulse(bytes, from: member)
    }

    func letterFailed(to address: ActorAddress, _ fault: RemoteFault) {
        log.warning(
            "a letter to another node could not be sent",
            ["to": .string(address.description), "why": .error(fault)]
        )
        guard case .unreachable = fault, case .call(let place) = address.name,
            let channel = ChannelID(place.description)
        else { return }
        calls?.lose(channel, at: address.member)
    }

    func letterStrayed(_ content: [UInt8], to name: ActorAddress.Name, from sender: MemberID) {
        state.withLock { $0.post }?.stray(content, to: name, from: sender)
    }
}
