internal import Basics
internal import Cluster
internal import Crypto
internal import IO
internal import Media

/// One media thread's board and plans, with sockets and a clock.
///
/// Datagrams come in batches and are given to the board at once, on the loop, without an `await`; what
/// the board makes of them leaves with the same turn. Now and then a board notices something, a plan
/// decides, and the board is told: that, too, happens in one turn.
///
/// Everything here belongs to the loop's thread; whoever is elsewhere says it with ``Loop/execute(_:)``.
/// It is no actor because batches are lent to it, which an actor's door does not let through.
final class MediaDesk: MediaReceiver, @unchecked Sendable {
    typealias Listener = @Sendable (PlanAction.Signal) -> Void

    let loop: Loop
    let shard: Int
    private var node: PlanNode
    private let sockets: MediaSockets
    private var board: Switchboard
    private var out = OutgoingBatch()
    private var plans = CallPlans()
    private var listeners: [UInt64: [SessionID: Listener]] = [:]
    private var random = SecureRandom()
    private var nextVisit: Instant?
    private var nextSnapshot = Instant(nanoseconds: 0)
    /// Something may have changed since the last.
    private var isSnapshotStale = false
    private var areTracksChanged = false
    private var incomingTracks: [Codec: Int] = [:]
    private var outgoingTracks: [Codec: Int] = [:]
    private var post: MediaPost
    /// Nothing leaves while it is shut: the calls may be another node's by then. Nil where there is no other.
    private var gate: HoldGate?
    private let figures: MediaFigures
    /// Tells another shard that a path is ours. Set once, before anything comes; so are the others.
    var confirm: @Sendable (_ shard: Int, _ path: DatagramPath) -> Void = { _, _ in }
    /// Has the board of another shard perform these, of a call whose plan is here.
    var command: @Sendable (_ shard: Int, _ commands: [BoardCommand]) -> Void = { _, _ in }
    /// Tells the plan of a call, which is on another shard, what our board has noticed.
    var report: @Sendable (_ home: Int, _ events: [BoardEvent]) -> Void = { _, _ in }
    /// How many shards there are.
    private let shards: Int

    init(
        shard: Int,
        sockets: MediaSockets,
        boxes: [LoopMail?],
        node: PlanNode,
        rules: BoardRules,
        figures: MediaFigures
    ) {
        post = MediaPost(shard: shard, boxes: boxes)
        shards = boxes.count
        self.figures = figures
        self.shard = shard
        self.sockets = sockets
        self.node = node
        loop = sockets.loop
        var random = SecureRandom()
        board = Switchboard(rules: rules, seed: random.next())
    }

    /// Begins to receive. On the loop.
    func open() throws(SystemFault) {
        try sockets.open(receiver: self)
    }

    /// Says goodbye to everybody in the calls whose plans are here. On the loop.
    func closeCalls() {
        let now = Loop.readClock()
        for number in plans.numbers {
            for id in plans.order(of: number) { take(.leave(id), of: number, at: now) }
        }
        pump(at: now)
    }

    /// Stops. On the loop, once all desks have said goodbye.
    func close() {
        pump(at: Loop.readClock())
        sockets.close()
    }

    // MARK: - What sockets bring

    func mediaArrived(_ batch: inout IncomingBatch, at now: Instant) {
        for index in 0..<batch.count {
            let datagram = unsafe batch[index]
            if post.hasOthers, unsafe !board.knows(datagram.path),
                let owner = unsafe post.owner(
                    of: datagram.start,
                    count: datagram.count,
                    from: datagram.path
                )
            {
                unsafe post.hand(
                    datagram.start,
                    count: datagram.count,
                    from: datagram.path,
                    to: owner
                )
                continue
            }
            unsafe board.receive(
                datagram.start,
                count: datagram.count,
                from: datagram.path,
                at: now,
                into: &out
            )
            if board.isFull { passOn(at: now) }
        }
        flush()
    }

    /// What has come to shard `sender` and is for us, or is to go out over a connection of ours, or is a
    /// packet of a track that we have a mirror of.
    func take(_ records: inout LoopMail.Records, from sender: Int, at now: Instant) {
        while let record = unsafe records.next() {
            guard let header = unsafe record.header.baseAddress,
                let body = unsafe record.body.baseAddress
            else { continue }
            if unsafe record.header.count == MirroredPacket.headerSize {
                unsafe board.receiveMirrored(header, UnsafeRawBufferPointer(record.body), at: now)
                if board.isFull { passOn(at: now) }
                continue
            }
            var path = unsafe header.load(as: DatagramPath.self)
            let count = unsafe record.body.count
            if MediaPost.shard(abroad: path) == shard {
                guard count <= OutgoingBatch.packetLimit, let room = unsafe out.room else {
                    continue
                }
                path.local = 0
                unsafe room.copyMemory(from: body, byteCount: count)
                out.commit(count: count, to: path, mayJoin: false)
                continue
            }
            let isNew = !board.knows(path)
            unsafe board.receive(body, count: count, from: path, at: now, into: &out)
            if isNew, board.knows(path) { confirm(sender, path) }
        }
        pump(at: now)
    }

    func keep(behind gate: HoldGate) { self.gate = gate }

    /// Another shard has this path.
    func lead(_ path: DatagramPath, to owner: Int) {
        post.lead(path, to: owner)
    }

    /// Passes on what is gathered, where more would find no room.
    private func passOn(at now: Instant) {
        while !board.advance(to: now, into: &out) { flush() }
        flush()
    }

    /// Sends what is in the batch, by our own sockets or by those of who has the connection.
    private func flush() {
        if post.hasOthers {
            unsafe board.handOver(at: loop.now) { shard, header, packet in
                unsafe post.hand(header, packet, to: shard)
            }
        }
        if let gate, !gate.isOpen(at: Loop.readClock()) { return out.removeAll() }
        if post.hasOthers {
            for index in 0..<out.runCount {
                let run = out[index]
                guard let owner = MediaPost.shard(abroad: run.path), owner != shard else {
                    continue
                }
                var offset = 0
                while offset < run.count {
                    let size = min(run.segmentSize, run.count - offset)
                    let start = unsafe UnsafeRawPointer(out.bytes + run.offset + offset)
                    unsafe post.hand(start, count: size, from: run.path, to: owner)
                    offset += size
                }
            }
            post.ring()
        }
        sockets.flush(&out)
    }

    func mediaTurnEnded(at now: Instant) {
        pump(at: now)
    }

    func mediaStreamEnded(_ stream: UInt32, _ ending: MediaStreamEnding, at now: Instant) {
        board.lose(stream: stream, at: now)
        pump(at: now)
    }

    /// The node is reached by other addresses, or has another certificate, for those who come next.
    func replace(_ node: PlanNode) {
        self.node = node
        plans.replace(node)
    }

    // MARK: - What participants say

    func join(
        _ call: UInt64,
        _ session: SessionID,
        _ abilities: PlanEvent.Abilities,
        _ listener: @escaping Listener
    ) {
        plans.open(call, shard: shard, node: node)
        listeners[call, default: [:]][session] = listener
        tell(call, .join(session, abilities))
    }

    func tell(_ call: UInt64, _ event: PlanEvent) {
        let now = Loop.readClock()
        take(event, of: call, at: now)
        pump(at: now)
    }

    // MARK: - A turn

    /// Passes on, does what is due, and lets plans answer what the board has noticed, until there is
    /// nothing left to do now.
    private func pump(at now: Instant) {
        for _ in 0..<Self.roundsPerTurn {
            var isDone = false
            while !isDone {
                isDone = board.advance(to: now, into: &out)
                flush()
            }
            for stream in board.takeProvedStreams() { sockets.streams.prove(stream) }
            let events = board.takeEvents()
            guard !events.isEmpty else { break }
            take(events, from: shard, at: now)
        }
        advancePlans(at: now)
        if !out.isEmpty { flush() }
        leaveFigures(at: now)
        visitLater(at: now)
    }

    private func leaveFigures(at now: Instant) {
        isSnapshotStale = now < nextSnapshot
        guard !isSnapshotStale else { return }
        nextSnapshot = now + .milliseconds(500)
        var snapshot = MediaFigures.Snapshot()
        snapshot.counts = board.counts
        snapshot.peers = board.peerCount
        snapshot.calls = plans.count
        countTracks()
        snapshot.incomingTracks = incomingTracks
        snapshot.outgoingTracks = outgoingTracks
        snapshot.strays = post.handedOver
        snapshot.mailDropped = post.dropped
        figures.leave(snapshot, of: shard)
    }

    private func countTracks() {
        guard areTracksChanged else { return }
        areTracksChanged = false
        (incomingTracks, outgoingTracks) = ([:], [:])
        plans.countTracks(&incomingTracks, &outgoingTracks)
    }

    private static let roundsPerTurn = 8

    // MARK: - Between shards

    /// The shard on which a call's plan is.
    static func home(of call: UInt64, among shards: Int) -> Int { Int(call % UInt64(shards)) }

    private func take(_ events: [BoardEvent], from shard: Int, at now: Instant) {
        var others: [Int: [BoardEvent]] = [:]
        for event in events {
            let home = Self.home(of: event.call, among: shards)
            if home == self.shard {
                take(.board(event, from: shard), of: event.call, at: now)
            } else {
                others[home, default: []].append(event)
            }
        }
        for (home, events) in others { report(home, events) }
    }

    /// The board of another shard has noticed something of calls whose plans are here.
    func hear(_ events: [BoardEvent], from shard: Int) {
        let now = Loop.readClock()
        take(events, from: shard, at: now)
        pump(at: now)
    }

    /// The plan of a call, on another shard, wants something of our board.
    func perform(_ commands: [BoardCommand]) {
        let now = Loop.readClock()
        for command in commands { board.perform(command, at: now, into: &out) }
        pump(at: now)
    }

    private func take(_ event: PlanEvent, of call: UInt64, at now: Instant) {
        guard let actions = plans.receive(event, of: call, at: now, using: &random) else { return }
        perform(actions, of: call, at: now)
        // Not before the last has been told to leave: whoever comes until then is given this call's
        // number, and no name may be given twice.
        if case .leave = event, plans.isEmpty(call) {
            plans.close(call)
            listeners[call] = nil
        }
    }

    private func advancePlans(at now: Instant) {
        while let (call, actions) = plans.advance(to: now, using: &random) {
            perform(actions, of: call, at: now)
        }
    }

    private func perform(_ actions: [PlanAction], of call: UInt64, at now: Instant) {
        var others: [Int: [BoardCommand]] = [:]
        for action in actions {
            switch action {
            case .board(let place, let command):
                if command.changesTracks { areTracksChanged = true }
                if place == shard {
                    board.perform(command, at: now, into: &out)
                } else {
                    others[place, default: []].append(command)
                }
            case .measured(let measure): figures.note(measure)
            case .tell(let session, let signal):
                listeners[call]?[session]?(signal)
                if case .over = signal { listeners[call]?[session] = nil }
            }
        }
        for (place, commands) in others { command(place, commands) }
    }

    /// One visit is booked at a time; an earlier one is booked beside it.
    private func visitLater(at now: Instant) {
        var due = board.deadline
        if let next = plans.deadline { due = due.map { min($0, next) } ?? next }
        // The last turn before a rest is seen, too.
        if isSnapshotStale { due = due.map { min($0, nextSnapshot) } ?? nextSnapshot }
        guard let due, nextVisit.map({ due < $0 }) ?? true else { return }
        nextVisit = due
        sockets.schedule(at: max(due, now))
    }

    func mediaIsDue(at now: Instant) {
        // One that was overtaken by an earlier one finds nothing to do.
        guard let visit = nextVisit, visit <= now else { return }
        nextVisit = nil
        pump(at: now)
    }
}

extension BoardCommand {
    /// Whether there may be more tracks, or fewer, or others, than before.
    fileprivate var changesTracks: Bool {
        switch self {
        case .addUplink, .changeUplink, .removeUplink, .addDownlink, .removeDownlink, .removePeer:
            true
        default: false
        }
    }
}

/// What one other shard sends to a desk.
final class MediaInbox: LoopMailReceiver {
    private let desk: MediaDesk
    private let sender: Int

    init(_ desk: MediaDesk, from sender: Int) {
        self.desk = desk
        self.sender = sender
    }

    func mailArrived(_ records: inout LoopMail.Records, at now: Instant) {
        desk.take(&records, from: sender, at: now)
    }
}
