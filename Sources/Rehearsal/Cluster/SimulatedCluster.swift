internal import Basics
internal import Coordination

/// Nodes, their clocks, the network between them, and Redis, all in one value and in virtual time.
///
/// The same seed and scenario give the same run, on every machine: nothing here depends on the order
/// of a hash table.
package struct SimulatedCluster: Sendable {
    enum Item: Sendable {
        case wake(Int, boot: Int)
        case toNode(Int, boot: Int, ClusterEvent, from: Int?)
        indirect case toRedis(Errand)
        case fromRedis(Int, connection: Int, boot: Int, request: UInt64, RegistryAnswer)
        case timeout(Int, connection: Int, boot: Int, request: UInt64)
        case reconnect(Int, boot: Int)
        case askSentinels(Int, boot: Int)
        case sentinelsSay(Int, boot: Int, epoch: UInt64, server: Int, sent: Instant)
        case lookAtLinks
        case begin(Int)
        case mend(Int)
        case start(Int)
        case thaw(Int)
        case client(Int)
        case probe
        case glance(Int, boot: Int)
        case offer(BalanceOffer, from: Int, boot: Int, to: MemberID)
        case wanted(BalanceOffer, from: Int, boot: Int, to: MemberID, isWanted: Bool)
        case giftLost(Int, boot: Int, Channel, number: UInt64)
    }

    /// A request under way to Redis.
    struct Errand: Sendable {
        var node: Int
        var server: Int
        var connection: Int
        var boot: Int
        var number: UInt64
        var request: RegistryRequest
    }

    struct Link: Sendable {
        var one: MemberID
        var other: MemberID
        var brokenSince: Int64?
    }

    let scenario: Scenario
    let flaws: Set<PlantedFault>
    var random: SeededRandom
    var now: Int64 = 0
    var agenda = Agenda<Item>()
    var nodes: [SimulatedNode] = []
    var servers: [SimulatedRedis] = []
    var silences: [Int] = []
    var master = 0
    /// As of Sentinels that have never failed over.
    var epoch: UInt64 = 0
    var lastRun: UInt64 = 0
    var history: [(time: Int64, redis: SimulatedRedis)] = []
    var cuts: [[Int]]
    var redisCuts: [Int]
    var sentinelCuts: [Int]
    var slow: [Int]
    /// By pair, as ``pair(_:_:)`` counts them.
    var links: [Link?]
    let capacity: Int
    let moments: Moments

    let channels: [Channel]
    var over: [Token?]
    /// Since when a channel has lacked its host.
    var vacant: [Int64?]
    var issued: [Channel: [Token: Place]] = [:]
    /// Of each channel the highest token under which it was hosted, and by whom.
    var latest: [(token: Token, node: Int)?]
    /// Whose process each node is, if it runs.
    var running: [MemberID?] = []
    /// Per node, when its right ends and what it hosts, as of its last step.
    var holds: [Int64] = []
    var hosting: [[Token?]] = []
    var claims: [UInt64: (channel: Int, node: Int, isProbe: Bool)] = [:]
    var lastClaim: UInt64 = 0
    var answers: [(channel: Int, node: Int, answer: ClaimAnswer)] = []
    var isDisturbed = false
    package internal(set) var report = Report()

    package init(_ scenario: Scenario, seed: UInt64, flaws: Set<PlantedFault> = []) {
        self.scenario = scenario
        self.flaws = flaws
        random = SeededRandom(seed: seed)
        capacity = scenario.nodes + scenario.mishaps.count
        moments = Moments(scenario)
        links = Array(repeating: nil, count: capacity * capacity)
        cuts = Array(repeating: Array(repeating: 0, count: capacity), count: capacity)
        redisCuts = Array(repeating: 0, count: capacity)
        sentinelCuts = Array(repeating: 0, count: capacity)
        slow = Array(repeating: 0, count: capacity)
        channels = (0..<scenario.channels).compactMap { Channel("room\($0)") }
        over = Array(repeating: nil, count: scenario.channels)
        vacant = Array(repeating: nil, count: scenario.channels)
        latest = Array(repeating: nil, count: scenario.channels)
        var redis = SimulatedRedis(run: nextRun())
        redis.flaws = flaws
        servers = [redis]
        silences = [0]
        for node in 0..<scenario.nodes { add(node) }
        for (index, mishap) in scenario.mishaps.enumerated() {
            agenda.note(.begin(index), at: Moments.nanoseconds(mishap.begin))
        }
        for channel in 0..<scenario.channels {
            agenda.note(.client(channel), at: milliseconds(1_500...2_000))
        }
        agenda.note(.lookAtLinks, at: 0)
        // Twice: what was on its way for long may have misled the first.
        agenda.note(.probe, at: moments.end - 900_000_000)
        agenda.note(.probe, at: moments.end - 500_000_000)
    }

    /// Plays it to its end, or to the first violation.
    package mutating func run() -> Report {
        while let time = agenda.nextTime, time < moments.end, report.violations.isEmpty {
            guard let (time, item) = agenda.next() else { break }
            now = time
            report.steps += 1
            report.follow(time)
            perform(item)
        }
        now = moments.end
        if report.violations.isEmpty { judge() }
        return report
    }

    private mutating func perform(_ item: consuming Item) {
        switch consume item {
        case .wake(let node, let boot):
            guard nodes[node].boot == boot, nodes[node].wakeTime <= now else { return }
            nodes[node].wakeTime = .max
            deliver(.woke, to: node)
        case .toNode(let node, let boot, let event, let from):
            if let from, cuts[from][node] > 0 { return }
            guard nodes[node].boot == boot else { return }
            deliver(event, to: node)
        case .toRedis(let errand): serve(errand)
        case .fromRedis(let node, let connection, let boot, let request, let answer):
            receive(answer, node, connection, boot, request)
        case .timeout(let node, let connection, let boot, let request):
            guard nodes[node].boot == boot, nodes[node].connection == connection,
                nodes[node].isWaiting(for: request)
            else { return }
            guard now >= nodes[node].frozenUntil else {
                // Its clock goes on, but it does not look.
                return agenda.note(
                    .timeout(node, connection: connection, boot: boot, request: request),
                    at: nodes[node].frozenUntil + 1_000_000
                )
            }
            breakConnection(of: node)
        case .reconnect(let node, let boot):
            if nodes[node].boot == boot { connect(node) }
        case .askSentinels(let node, let boot): askSentinels(node, boot)
        case .sentinelsSay(let node, let boot, let epoch, let server, let sent):
            hearSentinels(node, boot, epoch, server, sent)
        case .lookAtLinks: lookAtLinks()
        case .begin(let index): begin(scenario.mishaps[index], index)
        case .mend(let index): mend(scenario.mishaps[index])
        case .start(let node): start(node)
        case .thaw(let node): thaw(node)
        case .client(let channel): act(asClientOf: channel)
        case .probe: probe()
        case .glance(let node, let boot): glance(node, boot)
        case .offer(let offer, let from, let boot, let to): ask(offer, from, boot, to)
        case .wanted(let offer, let from, let boot, let to, let isWanted):
            answer(offer, from, boot, to, isWanted)
        case .giftLost(let node, let boot, let channel, let number):
            loseGift(node, boot, channel, number)
        }
    }

    // MARK: - Nodes

    /// Hands an event to a node, does what it answers, and checks everything.
    mutating func deliver(_ event: ClusterEvent, to index: Int) {
        guard nodes[index].isRunning else { return }
        guard now >= nodes[index].frozenUntil else {
            nodes[index].backlog.append(event)
            return
        }
        if flaws.contains(.promisesAreBroken),
            case .heard(.voteRequest(let who, let life, let inc), let by) = event
        {
            send(.vote(who, life, inc), from: index, to: by)
        }
        let clock = nodes[index].clock(at: now)
        let turn = nodes[index].take(spoilt(event, clock), at: clock)
        report.follow(Int64(index) << 32 | Int64(turn.actions.count))
        report.follow(turn.deadline?.nanoseconds ?? 0)
        report.follow(turn.holdsUntil?.nanoseconds ?? 0)
        note(index, until: turn.holdsUntil)
        check(index)
        for action in turn.actions { perform(action, of: index) }
        setAlarm(of: index, turn.deadline)
    }

    private func spoilt(_ event: ClusterEvent, _ clock: Instant) -> ClusterEvent {
        guard flaws.contains(.deadlinesFromAnswers),
            case .answered(let answer, let request, _) = event
        else { return event }
        return .answered(answer, to: request, sentAt: clock)
    }

    private mutating func perform(_ action: ClusterAction, of index: Int) {
        switch action {
        case .ask(let request): ask(request, from: index)
        case .send(let message, let peer): send(message, from: index, to: peer)
        case .answer(let number, let answer): hear(answer, to: number)
        case .tell(.membership(let news)): hear(news, from: index)
        case .tell(.placement(let news)): hear(news, from: index)
        }
    }

    private mutating func hear(_ news: MembershipNews, from index: Int) {
        switch news {
        case .fenced:
            nodes[index].fences += 1
            report.fences += 1
            if !isDisturbed, scenario.lateThousandths == 0 {
                report.violations.append(.needlessFence(nodes[index].name))
            }
        case .memberJoined(let member, _): nodes[index].knows.insert(member)
        case .memberDied(let member, _), .memberLeft(let member):
            nodes[index].knows.remove(member)
        case .refused: nodes[index].refusals += 1
        case .generation: report.generations += 1
        case .joined, .left: break
        }
    }

    private mutating func hear(_ news: PlacementNews, from index: Int) {
        switch news {
        case .takenOver(let places):
            report.takenOver += places.count
            for place in places { balance(index, .came(place.channel)) }
        case .moveBegun(let place, _): deliver(.finishMove(place), to: index)
        case .moved(let place, _, _): settleGift(of: index, place.channel, .moved)
        case .moveRefused(let place): settleGift(of: index, place.channel, .failed)
        case .lost(let channel, _): settleGift(of: index, channel, .failed)
        case .saveRefused: break
        }
    }

    private mutating func setAlarm(of index: Int, _ deadline: Instant?) {
        guard let deadline, deadline.nanoseconds < .max / 2 else { return }
        let time = max(nodes[index].time(of: deadline), now) + milliseconds(0...1) + 20_000
        guard time < nodes[index].wakeTime else { return }
        nodes[index].wakeTime = time
        agenda.note(.wake(index, boot: nodes[index].boot), at: time)
    }

    mutating func add(_ index: Int) {
        guard let name = NodeName("n\(index)") else { return }
        let id = MemberID(name: name, nonce: random.next())
        nodes.append(
            SimulatedNode(
                name: name,
                id: id,
                node: newNode(id),
                drift: Int64.random(in: -10_000...10_000, using: &random),
                offset: Int64.random(in: 0...1_000_000_000_000, using: &random)
            )
        )
        nodes[index].isRunning = false
        running.append(nil)
        holds.append(0)
        hosting.append(Array(repeating: nil, count: channels.count))
        agenda.note(.start(index), at: now + milliseconds(0...200))
    }

    private func newNode(_ id: MemberID) -> ClusterNode {
        let card = MemberCard(cluster: "\(id.name):1")
        return ClusterNode(
            me: id,
            card: card,
            pace: scenario.pace,
            hasSentinels: scenario.hasSentinels && !flaws.contains(.deposedMasterIsBelieved),
            floor: Generation(UInt64(now / 100_000_000))
        )
    }

    private mutating func start(_ index: Int) {
        guard !nodes[index].isRunning else { return }
        let id = MemberID(name: nodes[index].name, nonce: random.next())
        nodes[index].id = id
        running[index] = id
        nodes[index].node = newNode(id)
        nodes[index].seen = nil
        nodes[index].boot += 1
        nodes[index].isRunning = true
        nodes[index].isConnected = false
        nodes[index].connection += 1
        nodes[index].pending = []
        nodes[index].knows = []
        nodes[index].hasHeld = false
        nodes[index].backlog = []
        nodes[index].frozenUntil = 0
        nodes[index].wakeTime = .max
        nodes[index].server = master
        beginBalancing(index)
        deliver(.begin, to: index)
        agenda.note(.reconnect(index, boot: nodes[index].boot), at: now + milliseconds(1...5))
        if scenario.hasSentinels {
            agenda.note(.askSentinels(index, boot: nodes[index].boot), at: now)
        }
    }

    mutating func kill(_ index: Int, isSeen: Bool) {
        guard nodes[index].isRunning else { return }
        let dead = nodes[index].id
        let life = nodes[index].node.membership.life
        nodes[index].isRunning = false
        running[index] = nil
        nodes[index].boot += 1
        for channel in channels.indices where hosting[index][channel] != nil && now < holds[index] {
            vacant[channel] = now
        }
        holds[index] = 0
        hosting[index] = Array(repeating: nil, count: channels.count)
        for other in nodes.indices where other != index && nodes[other].isRunning {
            let isReached = cuts[index][other] == 0
            if links[pair(index, other)].take() != nil {
                let delay = isReached ? milliseconds(0...4) : 1_000_000_000
                agenda.note(
                    .toNode(other, boot: nodes[other].boot, .unlinked(dead), from: nil),
                    at: now + delay
                )
            }
            if isSeen, isReached {
                agenda.note(
                    .toNode(other, boot: nodes[other].boot, .certified(dead, life), from: index),
                    at: now + milliseconds(1...4)
                )
            }
        }
    }

    private mutating func thaw(_ index: Int) {
        guard nodes[index].isRunning, now >= nodes[index].frozenUntil else { return }
        let waiting = nodes[index].backlog
        nodes[index].backlog = []
        for event in waiting { deliver(event, to: index) }
        deliver(.woke, to: index)
    }

    // MARK: - Numbers

    mutating func nextRun() -> RedisRun {
        lastRun += 1
        let digits = String(lastRun, radix: 16)
        guard let run = RedisRun("ab" + digits) else { preconditionFailure("not hexadecimal") }
        return run
    }

    mutating func milliseconds(_ range: ClosedRange<Int64>) -> Int64 {
        Int64.random(
            in: range.lowerBound * 1_000_000...range.upperBound * 1_000_000,
            using: &random
        )
    }

    func pair(_ one: Int, _ other: Int) -> Int {
        min(one, other) * capacity + max(one, other)
    }
}
