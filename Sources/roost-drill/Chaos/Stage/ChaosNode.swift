internal import Basics
internal import Glibc
internal import IO

/// One machine of a drill's cluster, through all lives of its node, on ports that it keeps. Beside the node a
/// claimant runs, to which the same is done.
final class ChaosNode {
    let name: String
    let address: SocketAddress
    let spot: ChaosGround.Spot
    private let program: String
    private let settings: String
    private let claimantWords: [String]
    private let shift: ClockShift?
    private var child: Child?
    private var claimant: Child?
    private var claimants: [Child] = []
    private(set) var lives = 0
    private(set) var hasServed = false
    private var logs: [Child] = []

    init(
        _ name: String,
        program: String,
        on ground: ChaosGround,
        cluster: ClusterTerms
    ) throws {
        self.name = name
        self.program = program
        spot = try ground.spot()
        address = SocketAddress(ip: spot.address, port: try ground.port(8_065, at: spot))
        settings = try Workbench.path("\(name).toml")
        shift = cluster.hasShift ? try ClockShift(name) : nil
        let links = SocketAddress(ip: spot.address, port: try ground.port(7_946, at: spot))
        let trial = SocketAddress(ip: spot.address, port: try ground.port(7_947, at: spot))
        claimantWords = [
            "claimant", "--name", name, "--redis", cluster.claimantsRedis, "--listen", "\(trial)",
            "--secret", cluster.secret, "--timers", cluster.timers.rawValue,
        ]
        let file = """
            \(CallPasses.settings)
            [node]
            name = "\(name)"
            threads = 2
            [http]
            listen = ["\(address)"]
            shutdown_grace = "1s"
            max_connections_per_address = 5000
            trusted_proxies = [\(cluster.balancer.map { "\"\($0)\"" } ?? "")]
            [metrics]
            listen = ["127.0.0.1:0"]
            [media]
            udp_port = 0
            tcp_port = 0
            udp_address = ["\(spot.address)"]
            tcp_address = ["\(spot.address)"]
            [websocket]
            unauthenticated_per_address = 1000
            burst = 10000
            messages_per_second = 1000
            [redis]
            \(cluster.redis)
            [cluster]
            listen = "\(links)"
            secret = "\(cluster.secret)"
            timers = "\(cluster.timers.rawValue)"
            guard = \(cluster.hasGuard)
            drain_timeout = "10s"
            rebalance = \(cluster.rebalances)
            rebalance_pause = "1s"
            """
        try Workbench.write([UInt8](file.utf8), to: settings)
    }

    /// What is the same on all nodes.
    struct ClusterTerms {
        /// Lines of the table [redis].
        var redis: String
        /// The same as a URL.
        var claimantsRedis: String
        var secret: String
        var timers: DrillPlan.Timers
        var hasGuard: Bool
        var rebalances: Bool
        /// Whether its clock on the wall is to be set.
        var hasShift: Bool
        /// From where people's balancer comes, if they have one.
        var balancer: IPAddress?
    }

    /// Started by the first thread; see ``Child``.
    func start() throws {
        if child == nil {
            lives += 1
            let new = try Child(
                program,
                ["serve", "--config", settings],
                name: "\(name)-\(lives)",
                isBound: true,
                in: spot.space,
                variables: shift?.variables ?? []
            )
            child = new
            logs.append(new)
        }
        guard claimant == nil else { return }
        let new = try Child(
            try Workbench.neighbour("roost-drill"),
            claimantWords,
            name: "\(name)-claimant-\(claimants.count + 1)",
            isBound: true,
            in: spot.space,
            variables: shift?.variables ?? []
        )
        claimant = new
        claimants.append(new)
    }

    /// Sets its clock on the wall, and shows that it is.
    func set(clock forward: Duration) throws { try shift?.setAndShow(forward) }

    func isReady() -> Bool {
        guard isRunning else { return false }
        // Whoever does not answer is not ready.
        let isReady = (try? LoopbackHTTP.get("/readyz", at: address))?.status == 200
        hasServed = hasServed || isReady
        return isReady
    }

    var isRunning: Bool { child != nil }

    /// How it has ended though nobody asked it to; nil if it runs.
    func ownEnd() -> Int32? {
        guard let code = child?.ended() else { return nil }
        child = nil
        return code
    }

    /// To the node, and to the claimant unless it is asked to end, which claimants know nothing of.
    func signal(_ number: Int32) throws {
        guard let child, child.signal(number) else {
            throw DrillVoid("\(name) was not there to be struck")
        }
        guard let claimant, number != SIGTERM else { return }
        _ = claimant.signal(number)
        guard number == SIGKILL else { return }
        _ = claimant.wait()
        self.claimant = nil
    }

    /// To whatever of both was stopped and is there still.
    func goOn() throws { for child in [child, claimant] { _ = child?.signal(SIGCONT) } }

    /// Why the claimant has ended by itself; nil if it runs.
    func claimantsEnd() throws -> String? {
        guard let claimant, let code = claimant.ended() else { return nil }
        self.claimant = nil
        return "the claimant beside \(name) ended with \(code): \(try claimant.said().suffix(300))"
    }

    /// Waits for its end, and says how it ended; nil if it did not.
    func reap(within patience: Duration) -> Int32? {
        let end = Loop.readClock() + patience
        while Loop.readClock() < end {
            if let code = ownEnd() { return code }
            usleep(5_000)
        }
        return nil
    }

    func waitUntilStopped() throws {
        for child in [child, claimant].compactMap(\.self) {
            guard ProcessReading.isStopped(child.pid) else {
                throw DrillVoid("\(name) did not stop")
            }
        }
    }

    func end() {
        for child in [child, claimant].compactMap(\.self) where Workbench.has(child: child.pid) {
            _ = child.signal(SIGKILL)
            _ = child.wait()
        }
        (child, claimant) = (nil, nil)
    }

    /// What the claimants here have said in all their lives. What a killed one was about to say is missing.
    func claimantsWords() throws -> [ClaimantWord] {
        try claimants.flatMap { child in
            try child.said().split(separator: "\n").compactMap { ClaimantWord($0) }
        }
    }

    func lastWords() throws -> String { try logs.last?.said() ?? "" }

    /// What each of its lives has logged, under a name for its file.
    func said() -> [(name: String, text: [UInt8])] {
        logs.enumerated().map { life, child in
            ("\(name)-\(life + 1).log", child.saidOrWhyNot)
        }
    }
}
