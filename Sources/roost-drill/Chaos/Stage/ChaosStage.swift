internal import Basics
internal import Crypto
internal import Glibc
internal import IO

/// A drill's own Redis, nodes and people, and what is done to them. All on the first thread, with which
/// whatever it has started ends.
final class ChaosStage {
    private let plan: DrillPlan
    private let recorder: Recorder
    private let redis: ChaosRedis
    private var nodes: [ChaosNode] = []
    private let watch: PlaceWatch
    private let party: PersonParty
    private var random: SeededRandom
    /// Which node was struck last, so that each has its turn.
    private var turn = 0
    private var isOver = false

    init(_ plan: DrillPlan, nodes count: Int, roost: String, seed: UInt64) throws {
        self.plan = plan
        random = SeededRandom(seed: seed)
        redis = try ChaosRedis()
        let secret = SecureRandom.bytes(32)
        let terms = ChaosNode.ClusterTerms(
            redis: redis.url,
            secret: Hex.encode(secret.span),
            timers: plan.timers,
            hasGuard: plan.hasGuard
        )
        for number in 1...count {
            nodes.append(try ChaosNode("node-\(number)", program: roost, cluster: terms))
        }
        let cast = try PersonCast(calls: plan.calls, perCall: plan.perCall, using: &random)
        recorder = Recorder(cast: cast.people)
        watch = try PlaceWatch(redis.place, channels: cast.channels, recorder: recorder)
        var habits = Person.Habits()
        habits.nodes = count
        habits.pace = plan.pace
        habits.patience = plan.patience
        party = try PersonParty(
            at: nodes.map(\.address),
            cast: cast,
            habits: habits,
            recorder: recorder,
            using: &random
        )
    }

    var history: DrillHistory { recorder.current }

    func logs() -> [(name: String, text: [UInt8])] { nodes.flatMap { $0.said() } }

    /// Plays the drill to its end. What it throws says that nothing is known from it.
    func play(for length: Duration) throws {
        for node in nodes { try node.start() }
        try waitUntilWhole()
        watch.begin()
        party.begin()
        try wait("everybody to be in a call", within: .seconds(20)) {
            party.standing().inside == plan.calls * plan.perCall
        }
        let end = Loop.readClock() + length
        var blows = 0
        // At least one, however short the time.
        while blows == 0 || Loop.readClock() + plan.pause < end {
            sleep(plan.pause * Double.random(in: 0.75..<1.25, using: &random))
            try strike(plan.draw(using: &random))
            blows += 1
            try waitUntilWhole()
        }
        try settle()
    }

    func end() {
        guard !isOver else { return }
        isOver = true
        party.end()
        watch.end()
        for node in nodes { node.end() }
        redis.end()
    }

    // MARK: - Blows

    private func strike(_ nemesis: DrillPlan.Nemesis) throws {
        guard nemesis.blow.isOfNode else { return try strikeRedis(nemesis) }
        switch nemesis.victim {
        case .each:
            for index in nodes.indices {
                try strikeNode(nemesis, index)
                try waitUntilWhole()
                sleep(.milliseconds(500))
            }
        case .any:
            try strikeNode(nemesis, Int.random(in: nodes.indices, using: &random))
        case .host:
            turn += 1
            let order = nodes.indices.map { ($0 + turn) % nodes.count }
            guard let host = order.first(where: { !watch.channels(at: nodes[$0].name).isEmpty })
            else { throw DrillVoid("no node hosted a call that could be struck") }
            try strikeNode(nemesis, host)
        }
    }

    private func strikeNode(_ nemesis: DrillPlan.Nemesis, _ index: Int) throws {
        let node = nodes[index]
        guard try !noteDeaths() else { return }
        let channels = watch.channels(at: node.name)
        recorder.note(.struck(nemesis.blow, node: index, channels: channels))
        switch nemesis.blow {
        case .freeze:
            try node.signal(SIGSTOP)
            try node.waitUntilStopped()
            sleep(nemesis.time)
            try node.signal(SIGCONT)
        case .drain:
            try node.signal(SIGTERM)
            switch node.reap(within: Self.drainTime) {
            case 0: break
            case nil:
                recorder.note(
                    .died(node: index, why: "did not end \(Self.drainTime) after it was asked to")
                )
                node.end()
            case let code?:
                recorder.note(.died(node: index, why: "ended with \(code) when it was asked to"))
            }
            sleep(nemesis.time)
            try node.start()
        default:
            try node.signal(SIGKILL)
            guard node.reap(within: .seconds(5)) == -SIGKILL else {
                throw DrillVoid("\(node.name) was not killed")
            }
            sleep(nemesis.time)
            try node.start()
        }
        recorder.note(.mended(nemesis.blow, node: index))
    }

    private func strikeRedis(_ nemesis: DrillPlan.Nemesis) throws {
        recorder.note(.struck(nemesis.blow, node: nil, channels: []))
        switch nemesis.blow {
        case .redisAway:
            try redis.stop()
            sleep(nemesis.time)
            redis.goOn()
        default:
            try redis.restart(isEmpty: nemesis.blow == .redisEmpty)
        }
        recorder.note(.mended(nemesis.blow, node: nil))
    }

    /// Whether a node has ended by itself. Another life begins then, so that the others have it back.
    private func noteDeaths() throws -> Bool {
        var isAny = false
        for (index, node) in nodes.enumerated() {
            guard let code = node.ownEnd() else { continue }
            isAny = true
            guard node.hasServed else {
                throw DrillFault("\(node.name) does not begin; it said:\n\(try node.lastWords())")
            }
            recorder.note(.died(node: index, why: "ended by itself with \(code)"))
        }
        return isAny
    }

    // MARK: - Waiting

    private func waitUntilWhole() throws {
        let isWhole = { [self] in
            if try noteDeaths() { return false }
            for node in nodes where !node.isRunning { try node.start() }
            return nodes.allSatisfy { $0.isReady() }
        }
        try wait("all nodes to be ready", within: .seconds(30), isWhole)
    }

    /// Lets people come to rest, be quiet for two seconds, and look once more.
    private func settle() throws {
        party.rest()
        try wait("everybody to have nothing under way", within: .seconds(15)) {
            party.standing().busy.isEmpty
        }
        sleep(.seconds(2))
        recorder.note(.quiet)
        party.look()
        // Whoever gets no answer is found by the checks.
        let end = Loop.readClock() + .seconds(6)
        while Loop.readClock() < end, !party.standing().busy.isEmpty { sleep(.milliseconds(20)) }
        _ = try noteDeaths()
        if let fault = party.standing().fault { throw DrillVoid(fault) }
    }

    private func wait(
        _ what: String,
        within patience: Duration,
        _ isSo: () throws -> Bool
    ) throws {
        let end = Loop.readClock() + patience
        while try !isSo() {
            guard Loop.readClock() < end else {
                let busy = party.standing().busy.prefix(5).joined(separator: "; ")
                throw DrillVoid("waited \(patience) in vain for \(what): \(busy)")
            }
            sleep(.milliseconds(20))
        }
    }

    private func sleep(_ time: Duration) {
        usleep(UInt32(clamping: Int(time / .microseconds(1))))
    }

    private static let drainTime = Duration.seconds(20)
}
