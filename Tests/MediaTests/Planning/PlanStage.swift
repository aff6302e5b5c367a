import Basics
import Media
import Testing

/// A ``CallPlan`` with participants who say SDP, and no board: what a board would notice, a test says.
struct PlanStage {
    var plan = CallPlan(number: 3, shard: 2, node: BoardRoom.node)
    var now = Instant(nanoseconds: 0)
    var random = SeededRandom(seed: 5)
    var peers: [TestPeer] = []
    var commands: [BoardCommand] = []
    var measures: [PlanMeasure] = []

    mutating func add(_ name: Int, _ change: (inout TestPeer.Habits) -> Void = { _ in }) -> TestPeer
    {
        var habits = TestPeer.Habits()
        change(&habits)
        let peer = TestPeer(name, habits: habits, seed: 9)
        peers.append(peer)
        return peer
    }

    /// Joins, says its first offer and counts as connected.
    mutating func bring(_ peer: TestPeer) {
        peer.join()
        settle()
        connect(peer)
    }

    mutating func connect(_ peer: TestPeer) {
        guard let id = ids[peer.name] else { return }
        say(.board(.connected(id, over: peer.path), from: 2))
    }

    /// The peers' names for boards, by session.
    private(set) var ids: [SessionID: PeerID] = [:]

    /// Tells the plan one thing, and lets everybody answer until all is said.
    mutating func say(_ event: PlanEvent) {
        take(event)
        settle()
    }

    mutating func settle() {
        while let peer = peers.first(where: { !$0.words.isEmpty }) {
            take(peer.words.removeFirst())
        }
    }

    private mutating func take(_ event: PlanEvent) {
        var joining: SessionID?
        if case .join(let id, _) = event { joining = id }
        dispatch(plan.receive(event, at: now, using: &random), joining)
    }

    /// Time passes.
    mutating func wait(_ duration: Duration) {
        now = now + duration
        dispatch(plan.advance(to: now, using: &random), nil)
        settle()
    }

    private mutating func dispatch(_ actions: [PlanAction], _ joining: SessionID?) {
        for action in actions {
            switch action {
            case .board(let shard, let command):
                #expect(shard == 2)
                commands.append(command)
                if case .addPeer(let id, _) = command, let joining { ids[joining] = id }
            case .tell(let session, let signal):
                peers.first { $0.name == session }?.hear(signal, at: now)
            case .measured(let measure): measures.append(measure)
            }
        }
    }

    // MARK: - What boards were told

    /// The tracks boards know of that some peer sends.
    var uplinks: Set<UplinkID> {
        commands.reduce(into: []) { known, command in
            switch command {
            case .addUplink(let id, _, _): known.insert(id)
            case .removeUplink(let id): known.remove(id)
            default: break
            }
        }
    }

    func downlinks(of peer: TestPeer) -> [DownlinkID: DownlinkShape] {
        commands.reduce(into: [:]) { known, command in
            switch command {
            case .addDownlink(let id, let owner, _, let shape) where owner == ids[peer.name]:
                known[id] = shape
            case .removeDownlink(let id): known[id] = nil
            default: break
            }
        }
    }

    /// What a viewer was told of tracks with the newest offer: who sends what.
    func map(of peer: TestPeer) -> [TrackRole: Int] {
        for case .offer(_, let tracks) in peer.signals.reversed() {
            return tracks.reduce(into: [:]) { $0[$1.role, default: 0] += 1 }
        }
        return [:]
    }
}
