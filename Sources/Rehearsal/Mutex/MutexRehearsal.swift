internal import Basics
internal import Coordination

/// Nodes that want one mutex, their clocks, the network to Redis, and Redis, in virtual time.
///
/// What befalls them is drawn from the seed: messages late or lost, nodes that stand still or die, Redis
/// gone, or back without its last moments. The same seed gives the same run.
package struct MutexRehearsal: Sendable {
    package struct Weather: Sendable {
        /// How often, of a thousand messages, one is lost.
        package var losses = 5
        package var lateOnes = 20
        package var freezes = 3
        package var deaths = 2
        package var restarts = 2
        /// How much of its last moments Redis may lose.
        package var mayForget = true

        package init() {}

        package static let calm: Weather = {
            var weather = Weather()
            (weather.losses, weather.lateOnes, weather.freezes) = (0, 0, 0)
            (weather.deaths, weather.restarts) = (0, 0)
            return weather
        }()
    }

    /// What was seen.
    package struct Report: Sendable {
        package var violations: [String] = []
        package var grabs = 0
        package var losses = 0
        package var seizures = 0
        /// Who began, by node, in order.
        package var order: [Int] = []
        /// Those who came before everything was mended, and are still waiting at the end.
        package var starved = 0
    }

    private enum Item: Sendable {
        case wake(Int, boot: Int)
        case enter(Int)
        case leave(Int, boot: Int, MutexTicket)
        case toRedis(Question)
        /// Nil where no answer has come in time.
        case settle(Question, MutexAnswer?)
        case learn(Int, boot: Int, MutexEra?, news: Int)
        case notice(MemberID)
        case freeze(Int, until: Int64)
        case die(Int)
        case restart
        case raise
    }

    private struct Node: Sendable {
        var claim: MutexClaim
        var member: MemberID
        var boot: Int
        /// How fast its clock runs, in parts of a million, and what it showed at the beginning.
        var rate: Int64
        var offset: Int64
        var lastNews = 0
        var frozenUntil: Int64 = 0
        var wants: [MutexTicket] = []
    }

    private static let name = MutexName.ensureBot
    private static let end: Int64 = 30_000_000_000
    private static let mended: Int64 = 20_000_000_000

    private let terms: MutexTerms
    private let flaw: MutexFlaw?
    private let weather: Weather
    private var random: SeededRandom
    private var agenda = Agenda<Item>()
    private var now: Int64 = 0
    private var nodes: [Node] = []
    private var redis: SimulatedMutexes
    private var isRedisUp = true
    private var history: [(time: Int64, redis: SimulatedMutexes)] = []
    private var lastTicket: UInt64 = 0
    private var lastNonce: UInt64 = 0
    private var latestFence: Token?
    private var report = Report()

    package init(nodes count: Int, _ weather: Weather, seed: UInt64, flaw: MutexFlaw? = nil) {
        terms = MutexTerms(
            ttl: .milliseconds(1_000),
            guardTime: .milliseconds(60),
            beat: .milliseconds(120)
        )
        self.flaw = flaw
        self.weather = weather
        random = SeededRandom(seed: seed)
        let era = MutexEra(generation: Generation(1), run: Self.run(1))
        redis = SimulatedMutexes(era: era, terms: terms)
        redis.flaw = flaw
        for _ in 0..<count { nodes.append(boot(0)) }
    }

    private static func run(_ number: UInt64) -> RedisRun {
        guard let run = RedisRun(String(number, radix: 16)) else {
            preconditionFailure("every number in hexadecimal digits names a run")
        }
        return run
    }

    private mutating func boot(_ boot: Int) -> Node {
        lastNonce += 1
        guard let name = NodeName("node") else { preconditionFailure("it is a name") }
        let member = MemberID(name: name, nonce: lastNonce)
        var ours = terms
        if flaw == .noGuardTime { ours.guardTime = .zero }
        return Node(
            claim: MutexClaim(Self.name, me: member, terms: ours, seed: random.next()),
            member: member,
            boot: boot,
            rate: .random(in: -10_000...10_000, using: &random),
            offset: .random(in: 0...1_000_000_000_000, using: &random)
        )
    }

    private func clock(_ node: Int) -> Instant {
        let node = nodes[node]
        return Instant(nanoseconds: node.offset + now + now / 1_000_000 * node.rate)
    }

    /// When the node's clock will show this instant.
    private func time(_ instant: Instant, of node: Int) -> Int64 {
        let node = nodes[node]
        let shown = instant.nanoseconds - node.offset
        return shown - shown / (1_000_000 + node.rate) * node.rate + 1_000
    }

    // MARK: - The run

    package mutating func run() -> Report {
        for node in nodes.indices {
            tell(node, .era(redis.era, since: clock(node)))
            note(.enter(node), in: 0...200)
        }
        drawMishaps()
        while let time = agenda.nextTime, time < Self.end, report.violations.isEmpty {
            guard let (time, item) = agenda.next() else { break }
            now = time
            perform(item)
            checkExclusion()
        }
        for node in nodes {
            report.starved += node.wants.count { $0.number <= mendedTicket ?? 0 }
        }
        return report
    }

    private var mendedTicket: UInt64?

    private mutating func drawMishaps() {
        func times(_ count: Int) -> [Int64] {
            (0..<count).map { _ in .random(in: 1_500_000_000...Self.mended, using: &random) }
        }
        for time in times(weather.freezes) {
            let node = Int.random(in: nodes.indices, using: &random)
            let length = Int64.random(in: 50_000_000...2_500_000_000, using: &random)
            agenda.note(.freeze(node, until: time + length), at: time)
        }
        for time in times(weather.deaths) {
            agenda.note(.die(Int.random(in: nodes.indices, using: &random)), at: time)
        }
        for time in times(weather.restarts) { agenda.note(.restart, at: time) }
    }

    private mutating func note(_ item: Item, in milliseconds: ClosedRange<Int64>) {
        let wait = Int64.random(
            in: milliseconds.lowerBound * 1_000_000...milliseconds.upperBound * 1_000_000,
            using: &random
        )
        agenda.note(item, at: now + wait)
    }

    /// How long a message takes; nil if it is lost.
    private mutating func travel() -> ClosedRange<Int64>? {
        guard now < Self.mended else { return 0...2 }
        let die = Int.random(in: 0..<1_000, using: &random)
        if die < weather.losses { return nil }
        if die < weather.losses + weather.lateOnes { return 20...1_500 }
        return 0...3
    }

    private mutating func perform(_ item: Item) {
        switch item {
        case .wake(let node, let boot):
            guard isHere(node, boot, item) else { return }
            guard let deadline = nodes[node].claim.deadline, deadline <= clock(node) else { return }
            tell(node, .woke)
        case .enter(let node):
            guard isHere(node, nodes[node].boot, item) else { return }
            note(.enter(node), in: now < Self.mended ? 5...400 : 200...400)
            guard nodes[node].wants.count < 4 else { return }
            lastTicket += 1
            if now < Self.mended { mendedTicket = lastTicket }
            let ticket = MutexTicket(number: lastTicket)
            nodes[node].wants.append(ticket)
            tell(node, .enter(ticket))
            if Int.random(in: 0..<20, using: &random) == 0 {
                note(.leave(node, boot: nodes[node].boot, ticket), in: 1...100)
            }
        case .leave(let node, let boot, let ticket):
            guard isHere(node, boot, item) else { return }
            nodes[node].wants.removeAll { $0 == ticket }
            tell(node, .leave(ticket))
        case .toRedis(let question):
            serve(question)
        case .settle(let question, let answer):
            guard isHere(question.node, question.boot, item) else { return }
            // The first that comes counts: an answer, or that none has come.
            guard pending.remove(question) != nil else { return }
            settle(question, answer)
        case .learn(let node, let boot, let era, let news):
            guard isHere(node, boot, item) else { return }
            // News may come in the wrong order; a node believes what is later.
            guard news > nodes[node].lastNews else { return }
            nodes[node].lastNews = news
            let isSettled = flaw == .nothingSettles
            tell(node, .era(era, since: isSettled ? Instant(nanoseconds: 0) : clock(node)))
        case .notice(let member):
            guard let node = nodes.firstIndex(where: { $0.member == member }),
                isHere(node, nodes[node].boot, item)
            else { return }
            tell(node, .noticed)
        case .freeze(let node, let end):
            nodes[node].frozenUntil = max(nodes[node].frozenUntil, end)
        case .die(let node):
            nodes[node] = boot(nodes[node].boot + 1)
            tell(node, .era(isRedisUp ? redis.era : nil, since: clock(node)))
        case .restart:
            restart()
        case .raise:
            raise()
        }
    }

    /// Whether the node can take it now. One that stands still takes it when it moves again.
    private mutating func isHere(_ node: Int, _ boot: Int, _ item: Item) -> Bool {
        guard nodes[node].boot == boot else { return false }
        guard nodes[node].frozenUntil <= now else {
            agenda.note(item, at: nodes[node].frozenUntil)
            return false
        }
        return true
    }

    // MARK: - Nodes

    private mutating func tell(_ node: Int, _ event: MutexEvent) {
        for action in nodes[node].claim.receive(event, at: clock(node)) { perform(action, node) }
        let boot = nodes[node].boot
        guard let deadline = nodes[node].claim.deadline else { return }
        let lateness = Int64.random(in: 0...3_000_000, using: &random)
        agenda.note(.wake(node, boot: boot), at: max(time(deadline, of: node), now) + lateness)
    }

    private mutating func perform(_ action: MutexAction, _ node: Int) {
        let boot = nodes[node].boot
        switch action {
        case .ask(let request):
            if case .lock(seizing: .some, _) = request.order { report.seizures += 1 }
            lastQuestion += 1
            let question = Question(
                number: lastQuestion,
                node: node,
                boot: boot,
                request: request,
                sentAt: clock(node)
            )
            pending.insert(question)
            if let way = travel() { note(.toRedis(question), in: way) }
            // What was on its way may still arrive.
            note(.settle(question, nil), in: 300...300)
        case .begin(let ticket, let fence):
            report.grabs += 1
            report.order.append(node)
            if let latestFence, fence <= latestFence {
                violate("fence \(fence) began after \(latestFence)")
            }
            latestFence = fence
            let isLong = now < Self.mended && Int.random(in: 0..<15, using: &random) == 0
            note(.leave(node, boot: boot, ticket), in: isLong ? 500...3_000 : 0...30)
        case .lose(let ticket, _):
            report.losses += 1
            nodes[node].wants.removeAll { $0 == ticket }
        case .refuse:
            violate("the queue is full")
        }
    }

    private struct Question: Hashable, Sendable {
        var number: UInt64
        var node: Int
        var boot: Int
        var request: MutexRequest
        var sentAt: Instant
    }

    /// Those that have neither been answered nor given up.
    private var pending: Set<Question> = []
    private var lastQuestion: UInt64 = 0

    private mutating func settle(_ question: Question, _ answer: MutexAnswer?) {
        guard let answer else {
            tell(question.node, .failed(question.request))
            return
        }
        let isFlawed = flaw == .deadlinesFromAnswers
        let sentAt = isFlawed ? clock(question.node) : question.sentAt
        tell(question.node, .answered(answer, to: question.request, sentAt: sentAt))
    }

    // MARK: - Redis

    private mutating func serve(_ question: Question) {
        let request = question.request
        // A connection is to one run: what was sent to another one's never arrives.
        guard isRedisUp, request.era.run == redis.era.run else { return }
        let (answer, notices) = redis.answer(request, at: now / 1_000_000)
        history.append((now, redis))
        if history.count > 400 { history.removeFirst(200) }
        for notice in notices {
            if let way = travel() { note(.notice(notice.member), in: way) }
        }
        if let way = travel() { note(.settle(question, answer), in: way) }
    }

    private mutating func restart() {
        guard isRedisUp else { return }
        isRedisUp = false
        if weather.mayForget {
            let lost = Int64.random(in: 0...1_200_000_000, using: &random)
            let kept = history.last { $0.time <= now - lost } ?? history.first
            if let kept { redis = kept.redis }
            if Bool.random(using: &random) {
                let era = redis.era
                redis = SimulatedMutexes(era: era, terms: terms)
                redis.flaw = flaw
            }
        }
        history = []
        spread(nil, in: 0...20)
        note(.raise, in: 50...1_500)
    }

    /// The nodes have agreed that a new generation begins.
    private mutating func raise() {
        lastGeneration += 1
        isRedisUp = true
        redis.era = MutexEra(generation: Generation(lastGeneration), run: Self.run(lastGeneration))
        spread(redis.era, in: 0...300)
    }

    private mutating func spread(_ era: MutexEra?, in milliseconds: ClosedRange<Int64>) {
        lastNews += 1
        for node in nodes.indices {
            note(.learn(node, boot: nodes[node].boot, era, news: lastNews), in: milliseconds)
        }
    }

    private var lastNews = 0
    private var lastGeneration: UInt64 = 1

    // MARK: - Checks

    private mutating func violate(_ what: String) {
        report.violations.append("at \(now / 1_000_000) ms: \(what)")
    }

    private mutating func checkExclusion() {
        let holders = nodes.indices.filter { node in
            guard let until = nodes[node].claim.holdsUntil else { return false }
            return until > clock(node)
        }
        if holders.count > 1 { violate("nodes \(holders) hold at once") }
    }
}
