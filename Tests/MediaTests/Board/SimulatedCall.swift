import Basics
import Crypto
import Media
import Testing

/// One board, one call's plan and some ``TestPeer``s with a network between them, in virtual time.
///
/// Or two boards, over which the peers are spread from the first on, with mail between them.
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
        case command(BoardCommand, on: Int)
        case event(BoardEvent, from: Int)
        case mirrored([UInt8], [UInt8], to: Int)
        case signal(Int, PlanAction.Signal)
    }

    /// The board of the call's home.
    var board: Switchboard
    /// The other one, if there are two.
    var annex: Switchboard
    let shards: Int
    /// How long commands and events are on their way between boards, and packets, in milliseconds.
    var crossing: (words: Int64, packets: Int64) = (0, 0)
    /// How many packets are on their way from each board to the other, and how many may be.
    private(set) var mail = [0, 0]
    var mailLimit = 10_000
    /// Commands and events on their way between boards.
    private(set) var wordsCrossing = 0
    /// What both boards have done.
    var counts: BoardCounts { board.counts + annex.counts }
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
        shards: Int = 1,
        batch: consuming OutgoingBatch = OutgoingBatch(capacity: 1 << 18, runLimit: 512)
    ) {
        precondition(1...2 ~= shards, "a call is on one board here, or on two")
        self.shards = shards
        var rules = rules
        rules.historyPackets = min(rules.historyPackets, 256)
        board = Switchboard(rules: rules, seed: seed)
        annex = Switchboard(rules: rules, seed: seed &+ 1)
        plan = CallPlan(number: 7, shard: 0, node: BoardRoom.node(shards: shards))
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
            if let other = annex.deadline { due = min(due, other) }
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
            case .command(let command, let shard):
                wordsCrossing -= 1
                perform(command, on: shard)
            case .event(let event, let shard):
                wordsCrossing -= 1
                take(.board(event, from: shard))
            case .mirrored(let header, let packet, let shard):
                receive(header, packet, on: shard)
            }
        }
    }

    mutating func forgetStrays() { strays.removeAll() }

    /// Hands a datagram to the board, as the network would.
    mutating func give(_ bytes: [UInt8], from path: DatagramPath) {
        let shard = shard(of: bytes, from: path)
        var bytes = bytes
        unsafe bytes.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            if shard == 0 {
                unsafe board.receive(start, count: bytes.count, from: path, at: now, into: &out)
            } else {
                unsafe annex.receive(start, count: bytes.count, from: path, at: now, into: &out)
            }
        }
        flush()
    }

    mutating func pump() {
        for _ in 0..<8 {
            for shard in 0..<shards { passOn(shard) }
            _ = board.takeProvedStreams()
            _ = annex.takeProvedStreams()
            let events = board.takeEvents()
            let others = annex.takeEvents()
            guard !events.isEmpty || !others.isEmpty else { break }
            for event in events {
                note(event)
                take(.board(event, from: 0))
            }
            for event in others {
                note(event)
                if crossing.words > 0 {
                    wordsCrossing += 1
                    post(.event(event, from: 1), after: crossing.words)
                } else {
                    take(.board(event, from: 1))
                }
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
            case .board(let shard, let command):
                if case .addPeer(let id, _) = command { ids[id] = joining }
                commands.append(command)
                if shard > 0, crossing.words > 0 {
                    wordsCrossing += 1
                    post(.command(command, on: shard), after: crossing.words)
                } else {
                    perform(command, on: shard)
                }
            case .tell(let session, let signal):
                guard let index = peers.firstIndex(where: { $0.name == session }) else { continue }
                post(.signal(index, signal), after: 3)
            case .measured: break
            }
        }
    }

    // MARK: - Boards

    private mutating func passOn(_ shard: Int) {
        var turns = 0
        var isDone = false
        while !isDone, turns < 10_000 {
            isDone =
                shard == 0
                ? board.advance(to: now, into: &out) : annex.advance(to: now, into: &out)
            flush()
            turns += 1
        }
        longestTurn = max(longestTurn, turns)
        if !isDone { Issue.record("a turn has no end") }
        handOver(from: shard)
    }

    private mutating func perform(_ command: BoardCommand, on shard: Int) {
        if shard == 0 {
            board.perform(command, at: now, into: &out)
        } else {
            annex.perform(command, at: now, into: &out)
        }
    }

    /// Takes what one board has for the other.
    private mutating func handOver(from shard: Int) {
        var packets: [(header: [UInt8], packet: [UInt8])] = []
        let free = mailLimit - mail[shard]
        func push(
            _ reader: Int,
            _ header: UnsafeRawBufferPointer,
            _ packet: UnsafeRawBufferPointer
        ) -> Bool {
            #expect(reader == 1 - shard)
            guard packets.count < free else { return false }
            unsafe packets.append(([UInt8](header), [UInt8](packet)))
            return true
        }
        if shard == 0 {
            unsafe board.handOver(at: now, push)
        } else {
            unsafe annex.handOver(at: now, push)
        }
        for (header, packet) in packets {
            mail[shard] += 1
            post(.mirrored(header, packet, to: 1 - shard), after: crossing.packets)
        }
    }

    private mutating func receive(_ header: [UInt8], _ packet: [UInt8], on shard: Int) {
        mail[1 - shard] -= 1
        unsafe header.withUnsafeBytes { header in
            unsafe packet.withUnsafeBytes { packet in
                guard let header = header.baseAddress else { return }
                if shard == 0 {
                    unsafe board.receiveMirrored(header, packet, at: now)
                } else {
                    unsafe annex.receiveMirrored(header, packet, at: now)
                }
            }
        }
        if board.isFull { passOn(0) }
        if annex.isFull { passOn(1) }
    }

    /// Where a datagram belongs: checks say so by their first letter, everything else by its path.
    private func shard(of datagram: [UInt8], from path: DatagramPath) -> Int {
        guard shards > 1, !board.knows(path) else { return 0 }
        guard !annex.knows(path) else { return 1 }
        do throws(STUNFault) {
            let message = try STUNMessage(datagram.span)
            guard let ufrag = message.ufrag, !ufrag.isEmpty else { return 0 }
            return LocalUfrag.shard(ufrag[0]) == 1 ? 1 : 0
        } catch {
            return 0
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
