import Basics
import Coordination
import Rehearsal
import Testing

/// A few nodes and a Redis that answers at once, moved on by hand: for what a rehearsal meets by chance
/// only. All clocks show the same.
struct Company {
    var nodes: [ClusterNode] = []
    var redis: SimulatedRedis
    var now = Instant(nanoseconds: 0)
    let pace: Pace
    /// Nodes whose way to Redis is barred, and pairs that don't hear each other.
    var withoutRedis: Set<Int> = []
    var apart: Set<[Int]> = []
    /// Answers that are kept back for a test to hand over later.
    var keepsAnswers = false
    var kept: [(node: Int, event: ClusterEvent)] = []
    var news: [[ClusterNews]] = []
    var answers: [UInt64: ClaimAnswer] = [:]
    var gone: Set<Int> = []
    /// Whether links come up once a member is heard of; if not, they are there already.
    var tellsOfLinks = true

    init(_ names: [String], pace: Pace = .lan, hasSentinels: Bool = false) throws {
        self.pace = pace
        redis = SimulatedRedis(run: try #require(RedisRun("ab1")))
        for (index, name) in names.enumerated() {
            try add(name, nonce: UInt64(index), hasSentinels: hasSentinels)
        }
    }

    mutating func add(_ name: String, nonce: UInt64, hasSentinels: Bool = false) throws {
        let member = MemberID(name: try #require(NodeName(name)), nonce: nonce)
        nodes.append(
            ClusterNode(
                me: member,
                card: MemberCard(cluster: "\(name):1"),
                pace: pace,
                hasSentinels: hasSentinels
            )
        )
        news.append([])
        tell(nodes.count - 1, .begin)
        tell(nodes.count - 1, .connected(redis.run))
    }

    func id(_ node: Int) -> MemberID { nodes[node].membership.me }
    func holds(_ node: Int) -> Bool { nodes[node].membership.holds(at: now) }
    func token(_ node: Int, _ channel: Channel) -> Token? {
        nodes[node].token(of: channel, at: now)
    }

    /// Hands an event to a node, and does all that follows from it.
    mutating func tell(_ node: Int, _ event: ClusterEvent) {
        var waiting = [(node, event)]
        while !waiting.isEmpty {
            let (node, event) = waiting.removeFirst()
            guard !gone.contains(node) else { continue }
            for action in nodes[node].receive(event, at: now) {
                switch action {
                case .ask(let request):
                    guard !withoutRedis.contains(node) else {
                        waiting.append((node, .failed(.unanswered, request, sentAt: now)))
                        continue
                    }
                    let answer = redis.answer(request)
                    let event = ClusterEvent.answered(answer, to: request, sentAt: now)
                    if keepsAnswers {
                        kept.append((node, event))
                    } else {
                        waiting.append((node, event))
                    }
                case .send(let message, let peer):
                    guard let other = nodes.indices.first(where: { id($0) == peer }),
                        !apart.contains([node, other]), !apart.contains([other, node])
                    else { continue }
                    waiting.append((other, .heard(message, from: id(node))))
                case .answer(let number, let answer): answers[number] = answer
                case .tell(let word):
                    news[node].append(word)
                    if tellsOfLinks, case .membership(.memberJoined(let peer, _)) = word {
                        waiting.append((node, .linked(peer)))
                    }
                }
            }
        }
    }

    /// Lets time pass, in steps shorter than any wait.
    mutating func pass(_ duration: Duration) {
        let end = now + duration
        while now < end {
            now = now + .milliseconds(5)
            for node in nodes.indices where !gone.contains(node) {
                if let due = nodes[node].deadline, due <= now { tell(node, .woke) }
            }
        }
    }

    /// What a claim comes to within as long as it may take.
    mutating func claim(_ channel: Channel, at node: Int, above: Token? = nil) -> ClaimAnswer? {
        let number = UInt64(answers.count + 1)
        tell(node, .claim(channel, above: above, number: number, chance: 7))
        for _ in 0..<500 where answers[number] == nil { pass(.milliseconds(5)) }
        return answers[number]
    }
}
