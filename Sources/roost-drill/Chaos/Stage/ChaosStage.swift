internal import Basics
internal import Crypto
internal import Glibc
internal import IO

/// A drill's own Redis, nodes and people, and what is done to them. All on the first thread, with which
/// whatever it has started ends.
///
/// A drill is rounds: people do what they do, then one thing is done, or several that overlap; once all is as
/// before, everybody is quiet for two seconds and looks.
final class ChaosStage {
    private let plan: DrillPlan
    private let recorder: Recorder
    private let scene: ChaosScene
    private let party: PersonParty
    private let balancer: ChaosBalancer?
    private var random: SeededRandom
    /// Which node was struck last, so that each has its turn.
    private var turn = 0
    private var strikes: [Strike] = []
    private var isOver = false
    private var nodes: [ChaosNode] { scene.nodes }

    /// - Parameter folder: Where the drill's file is, and what it names.
    init(
        _ plan: DrillPlan,
        in folder: String,
        nodes count: Int,
        roost: String,
        seed: UInt64
    ) throws {
        self.plan = plan
        random = SeededRandom(seed: seed)
        let ground = try ChaosGround(isApart: plan.needsNetworks, seed: random.next())
        let redis = try ChaosRedis(
            on: ground,
            hasSentinels: plan.hasSentinels,
            hasShift: plan.shiftsClocks
        )
        let secret = SecureRandom.bytes(32)
        let terms = ChaosNode.ClusterTerms(
            redis: redis.settings,
            claimantsRedis: redis.url,
            secret: Hex.encode(secret.span),
            timers: plan.timers,
            hasGuard: plan.hasGuard,
            rebalances: plan.rebalances,
            hasShift: plan.shiftsClocks,
            balancer: plan.balancer == nil ? nil : ground.people
        )
        let nodes = try (1...count).map { number in
            try ChaosNode("node-\(number)", program: roost, on: ground, cluster: terms)
        }
        try ground.begin()
        balancer = try plan.balancer.map {
            try ChaosBalancer("\(folder)/\($0)", before: nodes, at: ground.people)
        }
        let cast = try PersonCast(
            calls: plan.calls,
            perCall: plan.perCall,
            speaking: plan.speaking,
            using: &random
        )
        recorder = Recorder(cast: cast.people)
        let watch = try PlaceWatch(redis.place(), channels: cast.channels, recorder: recorder)
        var habits = Person.Habits()
        habits.nodes = count
        habits.pace = plan.pace
        habits.patience = plan.patience
        habits.answer = plan.bounds.answered
        // HAProxy looks elsewhere after 300 ms.
        if balancer != nil { habits.opening = .milliseconds(500) }
        party = try PersonParty(
            at: PersonParty.Doors(
                nodes: nodes.map { ($0.name, $0.address) },
                balancer: balancer?.address
            ),
            from: ground.people,
            cast: cast,
            habits: habits,
            recorder: recorder,
            using: &random
        )
        scene = ChaosScene(
            hasGuard: plan.hasGuard,
            ground: ground,
            nodes: nodes,
            redis: redis,
            watch: watch,
            recorder: recorder
        )
    }

    /// With what the claimants have said, in the order of time. Once everything has ended.
    func history() throws -> DrillHistory {
        var history = recorder.current
        for (index, node) in nodes.enumerated() {
            for word in try node.claimantsWords() {
                history.entries.append(
                    DrillHistory.Entry(at: word.at, .held(claimant: index, word.hold))
                )
            }
        }
        history.entries.sort { $0.at < $1.at }
        return history
    }

    /// For how long all packets, or all people, have waited for the tool, at worst.
    var longestStall: Duration { max(scene.ground.yard?.longestStall ?? .zero, peoplesStall) }
    private var peoplesStall = Duration.zero

    func logs() -> [(name: String, text: [UInt8])] {
        nodes.flatMap { $0.said() } + scene.redis.logs() + (balancer?.logs() ?? [])
    }

    /// Plays the drill to its end. What it throws says that nothing is known from it.
    func play(for length: Duration) throws {
        try scene.redis.begin()
        for node in nodes { try node.start() }
        try waitUntilWhole()
        try balancer?.begin()
        scene.watch.begin()
        party.begin()
        try wait("everybody to be in a call", within: .seconds(20)) {
            party.standing().inside == plan.calls * plan.perCall
        }
        let end = Loop.readClock() + length
        var rounds = 0
        // At least one, however short the time.
        while rounds == 0 || Loop.readClock() + plan.pause < end {
            sleep(plan.pause * Double.random(in: 0.75..<1.25, using: &random))
            try playRound()
            rounds += 1
            try waitUntilWhole()
            // Whatever is amiss shows when people do things, not while they are still.
            sleep(.milliseconds(500))
            try settle()
        }
    }

    func end() {
        guard !isOver else { return }
        isOver = true
        peoplesStall = party.longestStall
        party.end()
        balancer?.end()
        scene.watch.end()
        for node in nodes { node.end() }
        scene.redis.end()
        scene.ground.end()
    }

    // MARK: - Blows

    /// One thing, or as many as may be at a time, each beginning while the one before lasts.
    private func playRound() throws {
        let count = Int.random(in: 1...plan.atOnce, using: &random)
        for number in 0..<count {
            let nemesis = plan.draw(using: &random)
            if nemesis.victim == .each, nemesis.blow.isOfNode {
                try strikeEach(nemesis)
            } else if let strike = try pick(nemesis) {
                strikes.append(strike)
                try strike.begin()
            }
            guard number + 1 < count else { break }
            try step(for: .milliseconds(Int.random(in: 100...900, using: &random)))
        }
        while !strikes.isEmpty { try step(for: .milliseconds(5)) }
    }

    /// One after the other, when the one before is whole again.
    private func strikeEach(_ nemesis: DrillPlan.Nemesis) throws {
        for index in nodes.indices {
            let strike = Strike(nemesis, node: index, in: scene, using: &random)
            strikes.append(strike)
            try strike.begin()
            while !strike.isOver { try step(for: .milliseconds(5)) }
            try waitUntilWhole()
            try step(for: .milliseconds(500))
        }
    }

    /// To whom it is done; nil if something is being done already that forbids it.
    private func pick(_ nemesis: DrillPlan.Nemesis) throws -> Strike? {
        guard try !noteDeaths() else { return nil }
        guard nemesis.blow.isOfNode else {
            guard !strikes.contains(where: { !$0.nemesis.blow.isOfNode }) else { return nil }
            return Strike(nemesis, node: nil, in: scene, using: &random)
        }
        turn += 1
        let start = nemesis.victim == .any ? Int.random(in: nodes.indices, using: &random) : turn
        let order = nodes.indices.map { ($0 + start) % nodes.count }.filter {
            isFree($0, for: nemesis)
        }
        let isHost = { [self] (index: Int) in
            !scene.watch.channels(at: nodes[index].name).isEmpty
        }
        guard let index = nemesis.victim == .any ? order.first : order.first(where: isHost) else {
            guard strikes.isEmpty else { return nil }
            throw DrillVoid("no node hosted a call that could be struck")
        }
        return Strike(nemesis, node: index, in: scene, using: &random)
    }

    /// Nothing is done to a process that something is done to, and no way is slow in two manners.
    private func isFree(_ node: Int, for nemesis: DrillPlan.Nemesis) -> Bool {
        !strikes.contains { strike in
            if strike.nemesis.blow.sparesItsNode || nemesis.blow.sparesItsNode { return true }
            guard strike.node == node else {
                // A way between two nodes belongs to both.
                return nemesis.path != .clear && strike.nemesis.path != .clear
            }
            return strike.nemesis.blow.isOfProcess || nemesis.blow.isOfProcess
                || strike.nemesis.blow == nemesis.blow
        }
    }

    /// Lets time pass for what lasts.
    private func step(for time: Duration) throws {
        let end = Loop.readClock() + time
        repeat {
            for strike in strikes { try strike.step() }
            strikes.removeAll(where: \.isOver)
            _ = try noteDeaths()
            sleep(.milliseconds(5))
        } while Loop.readClock() < end
    }

    /// Whether a node has ended by itself. Another life begins then, so that the others have it back.
    private func noteDeaths() throws -> Bool {
        var isAny = false
        try balancer?.judge()
        for (index, node) in nodes.enumerated() {
            if let why = try node.claimantsEnd() { throw DrillVoid(why) }
            let isAsked = strikes.contains { $0.isEnding(index) }
            guard !isAsked, let code = node.ownEnd() else { continue }
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
            return nodes.allSatisfy { $0.isReady() } && scene.redis.isComplete
        }
        try wait("all nodes and Redis to be ready", within: .seconds(30), isWhole)
    }

    /// Lets people come to rest, be quiet for two seconds, look, and go on.
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
        recorder.note(.stirred)
        party.goOn()
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
}
