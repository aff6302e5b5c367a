internal import Basics
internal import Calls
internal import Cluster
internal import Coordination
internal import Distributed
internal import IO
internal import Synchronization

/// What operators ask of this node, and have it do.
final class ClusterDesk: Sendable {
    private struct State {
        /// Counts wishes to drain or not to, so that what an earlier one has begun ends.
        var wish = 0
        var isDraining = false
        var isClosing = false
    }

    let floor: ClusterFloor
    let calls: CallDirectory
    let log: Log
    private let names: ChannelNames
    private let health: Health
    private let loop: Loop
    private let began = ClusterDesk.now
    private let state = Mutex(State())

    init(
        _ floor: ClusterFloor,
        calls: CallDirectory,
        names: ChannelNames,
        health: Health,
        loop: Loop,
        log: Log
    ) {
        self.floor = floor
        self.calls = calls
        self.names = names
        self.health = health
        self.loop = loop
        self.log = log
    }

    var name: NodeName { floor.member.name }

    static var now: WallTime {
        let (seconds, nanoseconds) = Loop.readWallClock()
        return WallTime(seconds: seconds, nanoseconds: Int32(clamping: nanoseconds))
    }

    // MARK: - How it is

    func status() async -> NodeStatus {
        let now = Self.now.milliseconds
        let overview = await floor.parts?.keeper.overview
        let roundTrips = await floor.parts?.keeper.roundTrips ?? [:]
        let others = overview?.others.filter(\.isAlive) ?? []
        let views = await floor.parts?.links.views(of: others.map(\.member)) ?? [:]
        let (hosted, count) = await calls.hosted(upTo: NodeStatus.listLimit, floor.journal)
        let relayed = calls.relayed(upTo: NodeStatus.listLimit)
        let moves = floor.journal.entries
        let channels = Set(hosted.map(\.channel) + relayed.map(\.channel) + moves.map(\.channel))
        let card = overview?.card
        return NodeStatus(
            member: floor.member,
            version: Version.number,
            began: began.milliseconds,
            life: overview?.life.rawValue ?? 1,
            generation: overview?.generation.description ?? "",
            state: overview?.state ?? .up,
            holdsFor: overview?.holdsFor.map { Int($0 / .milliseconds(1)) },
            obstacle: overview?.obstacle?.description,
            load: overview?.load ?? .none,
            clusterAddress: card?.cluster ?? "",
            webAddress: card?.web ?? "",
            mediaAddress: card?.media ?? "",
            redisSince: overview?.redisConnectedFor.map { now - Int64($0 / .milliseconds(1)) },
            redisSilence: overview?.redisSilentFor.map { Int($0 / .milliseconds(1)) },
            links: others.map { other in
                NodeStatus.Link(
                    member: other.member,
                    isLinked: other.isLinked,
                    roundTripMicroseconds: roundTrips[other.member].map {
                        Int($0 / .microseconds(1))
                    },
                    third: views[other.member]?.third?.name,
                    trouble: views[other.member]?.trouble
                )
            },
            callCount: count,
            calls: hosted,
            relays: relayed,
            moves: moves,
            names: channels.sorted().compactMap { channel in
                names.heard(of: channel).map { NodeStatus.Name(channel: channel, name: $0) }
            },
            rebalance: await floor.balance?.posture.description
        )
    }

    // MARK: - What it does

    /// Takes nothing new and gives its calls to others, or takes calls again.
    func drain(_ wants: Bool) async -> Verdict {
        guard let keeper = floor.parts?.keeper else { return Self.alone(name) }
        let wish = state.withLock { state -> Int? in
            guard !state.isClosing else { return nil }
            if state.isDraining != wants { state.wish += 1 }
            state.isDraining = wants
            return state.wish
        }
        guard let wish else {
            return .refused("\(name) is shutting down, and drains by that; start it again after")
        }
        keeper.drain(wants)
        guard wants else {
            if floor.isJoined { health.enter(.ready) } else { health.enter(.starting) }
            log.info("this node takes calls again")
            return .done("\(name) takes calls again")
        }
        health.enter(.draining)
        log.info("an operator drains this node", ["calls": .int(calls.callCount)])
        giveAway(for: wish)
        let standing = await keeper.standing
        guard calls.callCount > 0 else {
            return .done("\(name) takes nothing new, and hosts no calls: it can be stopped")
        }
        guard standing.members.contains(where: { $0.isAlive && $0.isLinked && $0.isFit }) else {
            return .done(
                """
                \(name) takes nothing new, but no other node may take its calls: they stay until one \
                may, or until they end
                """
            )
        }
        return .done("\(name) takes nothing new, and gives its calls to others")
    }

    /// As long as the wish to drain is the last one. What comes later has to go, too: a call that was on its
    /// way here, or one that nobody else could take over.
    private func giveAway(for wish: Int) {
        loop.begin { [self] in
            while state.withLock({ $0.wish == wish && !$0.isClosing }) {
                _ = await calls.moveAll(within: Self.round)
                await loop.sleep(for: Self.round)
            }
        }
    }

    private static let round = Duration.seconds(1)

    /// The node ends, and nobody changes that.
    func close() { state.withLock { $0.isClosing = true } }

    /// Gives a call that roosts here to the node of that name.
    func move(_ channel: ChannelID, to target: String) async -> Verdict {
        guard let keeper = floor.parts?.keeper else { return Self.alone(name) }
        guard calls.hosts(channel) else {
            return .refused("the call does not roost on \(name) any more; look where it is now")
        }
        guard target != name.description else {
            return .refused("the call roosts on \(name) already")
        }
        let standing = await keeper.standing
        let others = standing.members.filter { $0.member.name.description == target }
        guard let other = others.first(where: \.isAlive) else {
            guard others.isEmpty else { return .refused("\(target) is dead; choose another node") }
            return .refused(Self.noNode(target, standing.members.map(\.member) + [floor.member]))
        }
        guard other.isLinked else {
            return .refused("\(name) has no link to \(target); choose another node")
        }
        guard other.isFit else {
            return .refused(
                "\(target) is draining, full or marked, or of another version; choose another node"
            )
        }
        guard await floor.move(channel, to: other.member) else {
            return .refused("\(target) did not get the call, which goes on at \(name); try again")
        }
        return .done("the call goes on at \(target)")
    }

    static func noNode(_ name: String, _ members: [MemberID]) -> String {
        let names = Set(members.map(\.name)).sorted().map(\.description)
        return
            "there is no node \(name) in this cluster; there are \(names.joined(separator: ", "))"
    }

    static func alone(_ name: NodeName) -> Verdict {
        .refused("\(name) is alone, and no node of a cluster; redis.url makes it one")
    }
}
