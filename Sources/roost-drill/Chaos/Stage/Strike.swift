internal import Basics
internal import Glibc
internal import IO

/// Something that is done in a drill, from its beginning until it is undone. On the first thread.
///
///     lasting ──its time is up──▶ over              killed, frozen, cut, slow
///     ending ──the process ended──▶ lasting         asked to end
///     ending ──all others ended──▶ beginning ──all are ready──▶ lasting      all but one asked to end
final class Strike {
    enum Stage {
        /// The node was asked to end, and has until then.
        case ending(until: Instant)
        /// What was ended is started again.
        case beginning(until: Instant)
        case lasting(until: Instant)
        case over
    }

    let nemesis: DrillPlan.Nemesis
    /// Which node it is done to, if to one.
    let node: Int?
    private let way: DrillPlan.Way
    private let scene: ChaosScene
    private(set) var stage = Stage.over
    /// The ways that are held up, from and to.
    private var ways: [(from: Int, to: Int)] = []
    private var before: [PacketPath.Counts] = []
    private var server: RedisMachine?
    private var lone: LoneHost?

    init(
        _ nemesis: DrillPlan.Nemesis,
        node: Int?,
        in scene: ChaosScene,
        using random: inout SeededRandom
    ) {
        self.nemesis = nemesis
        self.node = node
        self.scene = scene
        let ways: [DrillPlan.Way] = [.both, .out, .into]
        way = nemesis.way == .any ? ways.randomElement(using: &random) ?? .both : nemesis.way
        peer = node.map { node in
            let count = scene.nodes.count
            return (node + Int.random(in: 1..<count, using: &random)) % count
        }
    }

    /// The other node of a link.
    private let peer: Int?

    var isOver: Bool { if case .over = stage { true } else { false } }
    /// Whether that node was asked to end, or its guard is to end it, so that its end is none of its own.
    func isEnding(_ index: Int) -> Bool {
        guard (index == node) != nemesis.blow.sparesItsNode else { return false }
        if case .ending = stage { return true }
        return nemesis.blow == .freeze && !isOver
    }

    private var lasting: Stage { .lasting(until: Loop.readClock() + nemesis.time) }
    private var victim: ChaosNode? { node.map { scene.nodes[$0] } }

    // MARK: - Beginning

    func begin() throws {
        let channels =
            nemesis.blow.movesCalls ? victim.map { scene.watch.channels(at: $0.name) } : nil
        scene.recorder.note(.struck(nemesis.blow, node: node, channels: channels ?? []))
        stage = lasting
        switch nemesis.blow {
        case .kill:
            try victim?.signal(SIGKILL)
            guard let victim, victim.reap(within: .seconds(5)) == -SIGKILL else {
                throw DrillVoid("a node was not killed")
            }
        case .freeze:
            try victim?.signal(SIGSTOP)
            try victim?.waitUntilStopped()
        case .drain:
            try victim?.signal(SIGTERM)
            stage = .ending(until: Loop.readClock() + Self.drainTime)
        case .crowd:
            lone = try LoneHost(node, in: scene)
            stage = .ending(until: Loop.readClock() + Self.drainTime)
        case .clock: try victim?.set(clock: nemesis.shift)
        case .cutNodes, .cutRedis, .isolate, .cutPeople, .slowNodes, .slowRedis, .slowPeople:
            try holdUp()
        case .redisRestart, .redisEmpty:
            try scene.redis.restart(isEmpty: nemesis.blow == .redisEmpty)
            stage = .lasting(until: Loop.readClock())
        case .redisAway:
            server = try scene.redis.primary()
            try server?.stop()
        case .redisFailover:
            server = try scene.redis.primary()
            try server?.kill()
        case .redisSplit: try split()
        case .redisClock: try scene.redis.set(clock: nemesis.shift)
        }
    }

    /// Everything of a node's that is held up, and in which direction.
    private func holdUp() throws {
        guard let own = victim?.spot.machine, let people = scene.ground.peoplesMachine else {
            throw DrillVoid("machines that share the loopback can't be parted")
        }
        let others = scene.nodes.compactMap(\.spot.machine).filter { $0 != own }
        let redis = scene.redis.machines
        let far: [Int]
        switch nemesis.blow {
        case .cutNodes: far = peer.flatMap { scene.nodes[$0].spot.machine }.map { [$0] } ?? []
        case .slowNodes: far = others
        case .cutRedis, .slowRedis: far = redis
        case .isolate: far = others + redis
        default: far = [people]
        }
        for machine in far {
            if way != .into { ways.append((own, machine)) }
            if way != .out { ways.append((machine, own)) }
        }
        hold()
    }

    /// Parts the primary from its replica and from the sentinels of the other machines.
    private func split() throws {
        let primary = try scene.redis.primary()
        guard let own = primary.spot.machine else {
            throw DrillVoid("machines that share the loopback can't be parted")
        }
        server = primary
        for machine in scene.redis.machines where machine != own {
            ways += [(own, machine), (machine, own)]
        }
        hold()
        // What it acknowledges from now on it will have lost.
        let answer = try RedisQuestion.ask(
            ["SET", Self.mark, "\(Loop.readClock())"],
            at: primary.address
        )
        guard answer == ["OK"] else { throw DrillVoid("a primary that was cut off took no write") }
    }

    private func hold() {
        before = ways.map { scene.ground.yard?.counts(from: $0.from, to: $0.to) ?? .init() }
        for (from, to) in ways {
            if nemesis.path == .clear {
                scene.ground.yard?.cut(from: from, to: to, by: 1)
            } else {
                scene.ground.yard?.set(nemesis.path, from: from, to: to)
            }
        }
    }

    // MARK: - Lasting

    /// Looks whether it is time for the next thing.
    func step() throws {
        let now = Loop.readClock()
        switch stage {
        case .over: break
        case .lasting(let until):
            if nemesis.blow == .freeze { noteGuardsWork() }
            if lone?.isEven(at: now) == true || now >= until { try undo() }
        case .beginning(let until):
            guard let lone else { return }
            if try lone.isThere() {
                stage = lasting
            } else if now >= until {
                throw DrillVoid("the nodes around one were not ready again")
            }
        case .ending(let until) where nemesis.blow == .crowd:
            guard let lone else { return }
            guard try lone.hasGone() || now >= until else { return }
            lone.giveUpWaiting()
            stage = .beginning(until: now + Self.drainTime)
        case .ending(let until):
            guard let victim, let node else { return }
            if let code = victim.ownEnd() {
                if code != 0 {
                    scene.recorder.note(
                        .died(node: node, why: "ended with \(code) when it was asked to")
                    )
                }
                stage = lasting
            } else if now >= until {
                scene.recorder.note(
                    .died(node: node, why: "did not end \(Self.drainTime) after it was asked to")
                )
                victim.end()
                stage = lasting
            }
        }
    }

    /// Its guard ends a node that stands still, if it has one.
    private func noteGuardsWork() {
        guard let victim, let node, let code = victim.ownEnd(), code != -SIGKILL else { return }
        scene.recorder.note(.died(node: node, why: "ended with \(code) while it stood still"))
    }

    private func thaw() throws {
        guard let victim, let node else { return }
        if victim.isRunning, scene.hasGuard {
            scene.recorder.note(
                .died(
                    node: node,
                    why: "stood still for \(nemesis.time), and its guard did not end it"
                )
            )
        }
        try victim.goOn()
        if !victim.isRunning { try victim.start() }
    }

    private func undo() throws {
        switch nemesis.blow {
        case .kill, .drain: try victim?.start()
        case .freeze: try thaw()
        case .crowd: lone?.judge(after: nemesis.time)
        case .clock: try victim?.set(clock: .zero)
        case .cutNodes, .cutRedis, .isolate, .cutPeople, .slowNodes, .slowRedis, .slowPeople:
            try letGo()
        case .redisRestart, .redisEmpty: break
        case .redisAway: server?.goOn()
        case .redisFailover:
            // Whoever has taken over is announced; else it is not time yet.
            guard let server, (try? scene.redis.primary()) !== server else { return try wait() }
            try server.start(of: nil)
            try server.waitUntilThere()
        case .redisSplit:
            guard let server, let new = try? scene.redis.primary(), new !== server else {
                return try wait()
            }
            let lost = try RedisQuestion.ask(["GET", Self.mark], at: new.address)
            let kept = try RedisQuestion.ask(["GET", Self.mark], at: server.address)
            guard let mark = kept.first, mark != nil, lost.first != mark else {
                throw DrillVoid("a primary that was cut off lost nothing")
            }
            try letGo()
        case .redisClock: try scene.redis.set(clock: .zero)
        }
        stage = .over
        scene.recorder.note(.mended(nemesis.blow, node: node))
    }

    /// A little longer, up to twenty seconds beyond its time.
    private func wait() throws {
        waited += 1
        guard waited < 200 else { throw DrillVoid("the sentinels made nobody else the primary") }
        stage = .lasting(until: Loop.readClock() + .milliseconds(100))
    }

    private var waited = 0

    /// Ends what is held up, and shows that it was.
    private func letGo() throws {
        guard let yard = scene.ground.yard else { return }
        var affected = 0
        for (way, counts) in zip(ways, before) {
            let after = yard.counts(from: way.from, to: way.to)
            if nemesis.path == .clear {
                yard.cut(from: way.from, to: way.to, by: -1)
                affected += after.cut - counts.cut
            } else {
                yard.set(.clear, from: way.from, to: way.to)
                affected += after.late - counts.late + after.lost - counts.lost
                affected += after.overflowed - counts.overflowed
            }
        }
        guard affected > 0 else {
            throw DrillVoid("\(nemesis.blow.rawValue) held up nothing: no packet came its way")
        }
    }

    static let drainTime = Duration.seconds(20)
    private static let mark = "drill:mark"
}

/// What strikes are done to.
struct ChaosScene {
    let hasGuard: Bool
    let ground: ChaosGround
    let nodes: [ChaosNode]
    let redis: ChaosRedis
    let watch: PlaceWatch
    let recorder: Recorder
}
