internal import Basics
internal import Calls
internal import Cluster
internal import Coordination
internal import Distributed
internal import IO
internal import Settings

/// Gives a ``Rebalancer`` what it has not: time, the calls of this node, and other nodes to ask and to give calls to.
///
/// It lives on the loop of the keeper, whose view of the cluster it looks at once a second.
actor RebalanceKeeper {
    nonisolated let loop: Loop
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    private var rebalancer = Rebalancer(BalanceTerms())
    private let floor: ClusterFloor
    private let keeper: ClusterKeeper
    private let calls: CallDirectory
    private let outcomes: CounterFamily
    private let log: Log

    init(
        _ floor: ClusterFloor,
        _ keeper: ClusterKeeper,
        _ calls: CallDirectory,
        _ outcomes: CounterFamily,
        log: Log
    ) {
        self.floor = floor
        self.keeper = keeper
        self.calls = calls
        self.outcomes = outcomes
        self.log = log
        loop = keeper.loop
    }

    var posture: BalancePosture { rebalancer.posture }

    /// Begins to look, which goes on for as long as the node runs.
    nonisolated func begin(_ terms: BalanceTerms) {
        set(terms)
        glanceLater()
    }

    /// Other terms, from now on.
    nonisolated func set(_ terms: BalanceTerms) {
        loop.execute { self.assumeIsolated { $0.feed(.set(terms)) } }
    }

    /// The call has come here from another node.
    func came(_ channel: Channel) { feed(.came(channel)) }

    /// Whether this node has said yes to the call, and it may come any moment.
    func expects(_ channel: Channel) -> Bool { rebalancer.expects(channel) }

    /// Whether this node would have that call of another.
    func admits(_ offer: BalanceOffer) -> Bool {
        rebalancer.receive(.offered(offer, loads), at: Loop.readClock()) == [.admit]
    }

    // MARK: - A turn

    private nonisolated func glanceLater() {
        loop.execute { [weak self, loop] in
            loop.schedule(at: loop.now + Rebalancer.glance) { [weak self] in
                self?.assumeIsolated { $0.feed(.looked($0.loads)) }
                self?.glanceLater()
            }
        }
    }

    private var loads: LoadPicture { keeper.assumeIsolated { $0.loads } }

    private func feed(_ event: BalanceEvent) {
        let before = rebalancer.posture
        let actions = rebalancer.receive(event, at: Loop.readClock())
        tell(of: before)
        for action in actions {
            switch action {
            case .list: loop.begin { await self.list() }
            case .give(let offer, let member): loop.begin { await self.give(offer, to: member) }
            case .admit, .decline: break
            }
        }
    }

    /// What begins and ends is written down; what lasts is seen in the status.
    private func tell(of before: BalancePosture) {
        let after = rebalancer.posture
        guard before != after, before == .giving || after == .giving || after == .stuck else {
            return
        }
        log.info("the rebalancer sees things anew", ["this node": .string(after.description)])
    }

    private func list() async {
        let calls = await calls.movable()
        feed(.listed(calls, loads, chance: UInt64.random(in: 0...UInt64.max)))
    }

    private func give(_ offer: BalanceOffer, to member: MemberID) async {
        let outcome = await move(offer, to: member)
        outcomes.child(outcome.rawValue).add()
        log.info(
            outcome.sentence,
            [
                "channel": .string(offer.channel.description),
                "people": .int(Int(clamping: offer.people)),
                "to": .string(member.description),
                "left_here": .int(Int(clamping: offer.rest.people)),
            ]
        )
        feed(.settled(offer.channel, outcome))
    }

    private func move(_ offer: BalanceOffer, to member: MemberID) async -> BalanceEvent.Outcome {
        guard let channel = ChannelID(offer.channel.description) else { return .failed }
        do {
            let node = try NodeActor.resolve(
                id: ActorAddress(.node, at: member),
                using: floor.system
            )
            let isWanted = try await ClusterSystem.$patience.withValue(Self.patience) {
                try await node.admits(
                    channel,
                    people: Int(clamping: offer.people),
                    leaving: Int(clamping: offer.rest.people),
                    of: Int(clamping: offer.rest.limit)
                )
            }
            guard isWanted else { return .declined }
        } catch {
            log.warning(
                "another node can't be asked whether it would have a call; bring all to one version",
                ["node": .string(member.description), "why": .string("\(error)")]
            )
            return .declined
        }
        return await floor.move(channel, to: member, isForLoad: true) ? .moved : .failed
    }

    private static let patience = Duration.seconds(2)
}

extension BalanceEvent.Outcome {
    fileprivate var sentence: String {
        switch self {
        case .moved: "a call has moved to a node with fewer people"
        case .declined: "a call stays, for the node with fewer people did not want it now"
        case .failed: "a call stays, for it could not be moved to the node with fewer people"
        }
    }
}

extension BalanceTerms {
    init(_ settings: Section<ClusterSettings>) {
        self.init(
            isOn: settings.rebalance,
            margin: UInt64(clamping: settings.rebalanceAbove),
            movesAtOnce: settings.rebalanceMoves,
            pause: settings.rebalancePause
        )
    }
}
