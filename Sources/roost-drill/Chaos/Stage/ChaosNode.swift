internal import Basics
internal import Glibc
internal import IO

/// One node of a drill's cluster, through all its lives, on ports that it keeps.
final class ChaosNode {
    let name: String
    let address: SocketAddress
    private let program: String
    private let settings: String
    private var child: Child?
    private(set) var lives = 0
    private(set) var hasServed = false
    private var logs: [Child] = []

    init(_ name: String, program: String, cluster: ClusterTerms) throws {
        self.name = name
        self.program = program
        address = SocketAddress(ip: .loopback, port: try Workbench.freePort())
        settings = try Workbench.path("\(name).toml")
        let port = try Workbench.freePort()
        let file = """
            \(CallPasses.settings)
            [node]
            name = "\(name)"
            threads = 2
            [http]
            listen = ["\(address)"]
            shutdown_grace = "1s"
            max_connections_per_address = 5000
            [metrics]
            listen = ["127.0.0.1:0"]
            [media]
            udp_port = 0
            tcp_port = 0
            [websocket]
            unauthenticated_per_address = 1000
            burst = 10000
            messages_per_second = 1000
            [redis]
            url = "\(cluster.redis)"
            [cluster]
            listen = "127.0.0.1:\(port)"
            secret = "\(cluster.secret)"
            timers = "\(cluster.timers.rawValue)"
            guard = \(cluster.hasGuard)
            drain_timeout = "10s"
            """
        try Workbench.write([UInt8](file.utf8), to: settings)
    }

    /// What is the same on all nodes.
    struct ClusterTerms {
        var redis: String
        var secret: String
        var timers: DrillPlan.Timers
        var hasGuard: Bool
    }

    /// Started by the first thread; see ``Child``.
    func start() throws {
        lives += 1
        let new = try Child(
            program,
            ["serve", "--config", settings],
            name: "\(name)-\(lives)",
            isBound: true
        )
        child = new
        logs.append(new)
    }

    func isReady() -> Bool {
        guard isRunning else { return false }
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

    func signal(_ number: Int32) throws {
        guard let child, child.signal(number) else {
            throw DrillVoid("\(name) was not there to be struck")
        }
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
        guard let child, ProcessReading.isStopped(child.pid) else {
            throw DrillVoid("\(name) did not stop")
        }
    }

    func end() {
        guard let child, Workbench.has(child: child.pid) else { return }
        _ = child.signal(SIGKILL)
        _ = child.wait()
        self.child = nil
    }

    func lastWords() throws -> String { try logs.last?.said() ?? "" }

    /// What each of its lives has logged, under a name for its file.
    func said() -> [(name: String, text: [UInt8])] {
        logs.enumerated().map { life, child in
            ("\(name)-\(life + 1).log", [UInt8](((try? child.said()) ?? "unreadable").utf8))
        }
    }
}
