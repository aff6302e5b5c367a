import Basics
import Crypto
import Media
import Testing

/// One board, one call's plan and some ``TestPeer``s with a network between them, in virtual time.
///
/// The board and the plan are driven as their owner in the server does it. Weather spoils media only:
/// OpenSSL counts by its own clock when a handshake's flight is late, so those are never lost.
struct SimulatedCall: ~Copyable {
    struct Weather {
        var lossPercent = 0
        var duplicatePercent = 0
        /// In milliseconds.
        var delay: ClosedRange<Int64> = 5...5
    }

    private enum Parcel {
        case toBoard([UInt8], DatagramPath)
        case toPeer(Int, [UInt8])
        case word(PlanEvent)
        case signal(Int, PlanAction.Signal)
    }

    var board: Switchboard
    var plan: CallPlan
    var out: OutgoingBatch
    var now = Instant(nanoseconds: 1_000_000_000)
    var random: SeededRandom
    private(set) var peers: [TestPeer] = []
    /// By peer: on the way to the board, and from it.
    var up: [Weather] = []
    var down: [Weather] = []
    var tap = WireTap()
    var events: [BoardEvent] = []
    var commands: [BoardCommand] = []
    /// What peers have sent, if it is to be kept.
    var keeps = false
    private(set) var kept: [(peer: Int, bytes: [UInt8])] = []
    /// What went to addresses that are nobody's.
    private(set) var strays: [(bytes: [UInt8], path: DatagramPath)] = []
    /// Media that went to peers who were not connected.
    private(set) var early = 0
    private var suspects: [Int] = []
    private var planDue: Instant?
    private(set) var connected: Set<PeerID> = []
    private(set) var ids: [PeerID: Int] = [:]
    /// Media of peers that the network lost on its way up.
    private(set) var lostUpward = 0
    private(set) var lostDownward = 0
    /// Media that may have been overtaken on its way up.
    private(set) var overtakenUpward = 0
    /// How often the board was asked to go on in one moment.
    private(set) var longestTurn = 0
    private var parcels: [(due: Instant, order: Int, parcel: Parcel)] = []
    private var orders = 0

    init(
        seed: UInt64 = 1,
        rules: BoardRules = BoardRules(),
        batch: consuming OutgoingBatch = OutgoingBatch(capacity: 1 << 18, runLimit: 512)
    ) {
        var rules = rules
        rules.historyPackets = min(rules.historyPackets, 256)
        board = Switchboard(rules: rules, seed: seed)
        plan = CallPlan(number: 7, shard: 0, node: BoardRoom.node)
        out = batch
        random = SeededRandom(seed: seed)
    }

    func id(of peer: TestPeer) -> PeerID? {
        ids.first { peers[$0.value] === peer && connected.contains($0.key) }?.key
    }

    func index(of peer: TestPeer) -> Int { peers.firstIndex { $0 === peer } ?? -1 }

    /// Brings a peer, which has not joined yet.
    @discardableResult
    mutating func add(_ habits: TestPeer.Habits = TestPeer.Habits()) -> TestPeer {
        let peer = TestPeer(peers.count, habits: habits, seed: random.next() >> 16)
        peer.nextTick = now
        peers.append(peer)
        up.append(Weather())
        down.append(Weather())
        return peer
    }

    /// A peer with a voice and a camera, that has joined and is connected.
    mutating func bring(
        _ habits: TestPeer.Habits = TestPeer.Habits(),
        voice: Bool = true,
        camera: Bool = true
    ) -> TestPeer {
        let peer = add(habits)
        if voice { peer.publish(.opus, stream: "mic") }
        if camera { peer.publish(.vp8, stream: "cam") }
        peer.join()
        for _ in 0..<100 where !peer.isConnected { run(for: .milliseconds(20)) }
        #expect(peer.isConnected, "\(peer.name) is connected in time: \(peer.refusals)")
        return peer
    }

    // MARK: - Time

    mutating func run(for duration: Duration) {
        run(until: now + duration)
    }

    mutating func run(until end: Instant) {
        collectPeers()
        var stuck = 0
        while true {
            var due = end
            if let first = parcels.last { due = min(due, first.due) }
            if let other = board.deadline { due = min(due, other) }
            let other = plan.deadline
            planDue = other
            if let other { due = min(due, other) }
            for peer in peers { due = min(due, peer.nextTick) }
            stuck = due <= now ? stuck + 1 : 0
            guard stuck < 1_000 else {
                Issue.record("the board wants to be visited again and again at \(now)")
                return
            }
            now = max(now, due)
            step()
            if now >= end, parcels.last.map({ $0.due > now }) ?? true { return }
        }
    }

    /// Does everything that is due.
    private mutating func step() {
        deliver()
        for peer in peers { peer.advance(to: now) }
        collectPeers()
        pump()
    }

    private mutating func deliver() {
        while let next = parcels.last, next.due <= now {
            parcels.removeLast()
            switch next.parcel {
            case .toBoard(let bytes, let path): give(bytes, from: path)
            case .toPeer(let index, let bytes): peers[index].receive(bytes, at: now)
            case .word(let event): take(event)
            case .signal(let index, let signal): peers[index].hear(signal, at: now)
            }
        }
    }

    mutating func forgetStrays() { strays.removeAll() }

    /// Hands a datagram to the board, as the network would.
    mutating func give(_ bytes: [UInt8], from path: DatagramPath) {
        var bytes = bytes
        unsafe bytes.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe board.receive(start, count: bytes.count, from: path, at: now, into: &out)
        }
        flush()
    }

    mutating func pump() {
        for _ in 0..<8 {
            var turns = 0
            var isDone = false
            while !isDone, turns < 10_000 {
                isDone = board.advance(to: now, into: &out)
                flush()
                turns += 1
            }
            longestTurn = max(longestTurn, turns)
            if !isDone { Issue.record("a turn has no end") }
            _ = board.takeProvedStreams()
            let events = board.takeEvents()
            guard !events.isEmpty else { break }
            for event in events {
                note(event)
                take(.board(event))
            }
        }
        for index in suspects {
            let isKnown = ids.contains { $0.value == index && connected.contains($0.key) }
            if !isKnown, peers[index].isOver == nil { early += 1 }
        }
        suspects.removeAll()
        if let due = planDue, due <= now { perform(plan.advance(to: now, using: &random)) }
    }

    private mutating func note(_ event: BoardEvent) {
        events.append(event)
        switch event {
        case .connected(let id, _): connected.insert(id)
        case .gone(let id, _): connected.remove(id)
        default: break
        }
    }

    mutating func take(_ event: PlanEvent) {
        if case .join(let id, _) = event, let index = peers.firstIndex(where: { $0.name == id }) {
            joining = index
        }
        perform(plan.receive(event, at: now, using: &random))
    }

    private var joining = 0

    private mutating func perform(_ actions: [PlanAction]) {
        for action in actions {
            switch action {
            case .board(_, let command):
                if case .addPeer(let id, _) = command { ids[id] = joining }
                commands.append(command)
                board.perform(command, at: now, into: &out)
            case .tell(let session, let signal):
                guard let index = peers.firstIndex(where: { $0.name == session }) else { continue }
                post(.signal(index, signal), after: 3)
            case .measured: break
            }
        }
    }

    // MARK: - The network

    private mutating func post(_ parcel: Parcel, after milliseconds: Int64) {
        let due = Instant(nanoseconds: now.nanoseconds + milliseconds * 1_000_000)
        orders += 1
        var low = 0
        var high = parcels.count
        // The earliest is the last.
        while low < high {
            let middle = (low + high) / 2
            if (parcels[middle].due, parcels[middle].order) > (due, orders) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        parcels.insert((due, orders, parcel), at: low)
    }

    private mutating func collectPeers() {
        for index in peers.indices {
            let peer = peers[index]
            for word in peer.words { post(.word(word), after: 3) }
            peer.words.removeAll()
            for (bytes, path) in peer.datagrams {
                if keeps { kept.append((index, bytes)) }
                let isLost = send(.toBoard(bytes, path), bytes, up[index])
                if isLost { lostUpward += 1 }
                if up[index].delay.count > 1 { overtakenUpward += 1 }
            }
            peer.datagrams.removeAll()
        }
    }

    /// True if it is lost.
    private mutating func send(_ parcel: Parcel, _ bytes: [UInt8], _ weather: Weather) -> Bool {
        guard 128...191 ~= bytes[0] else {
            post(parcel, after: weather.delay.lowerBound)
            return false
        }
        if random.happens(weather.lossPercent) { return true }
        post(parcel, after: .random(in: weather.delay, using: &random))
        if random.happens(weather.duplicatePercent) {
            post(parcel, after: .random(in: weather.delay, using: &random))
        }
        return false
    }

    mutating func flush() {
        var sent: [(bytes: [UInt8], path: DatagramPath)] = []
        unsafe out.forEachPacket { bytes, path in unsafe sent.append(([UInt8](bytes), path)) }
        out.removeAll()
        for (bytes, path) in sent {
            guard let index = peers.firstIndex(where: { $0.paths.contains(path) }) else {
                strays.append((bytes, path))
                continue
            }
            if 128...191 ~= bytes[0] {
                let isKnown = ids.contains { $0.value == index && connected.contains($0.key) }
                // The event of this turn may still wait to be taken.
                if !isKnown { suspects.append(index) }
            }
            tap.saw(bytes, peer: index)
            if send(.toPeer(index, bytes), bytes, down[index]) { lostDownward += 1 }
        }
    }
}
