internal import Basics
internal import Glibc
internal import IO

/// The redis-server of a drill, which can be killed, brought back with or without what it knew, or stopped.
final class ChaosRedis {
    let address: SocketAddress
    private var child: Child
    private var lives = 1
    private var folder: String

    /// Started by the first thread; see ``Child``.
    init() throws {
        guard unsafe access(Self.program, X_OK) == 0 else {
            throw DrillFault("there is no redis-server here; run cluster/setup bench")
        }
        address = SocketAddress(ip: .loopback, port: try Workbench.freePort())
        folder = try Self.makeFolder(1)
        child = try Self.start(address, folder, 1)
        try waitUntilThere()
    }

    var url: String { "redis://127.0.0.1:\(address.port)/0" }
    var place: RedisPlace { RedisPlace(.plain(RedisHost(name: "127.0.0.1", port: address.port))) }
    var pid: pid_t { child.pid }

    /// Kills it and starts another in its place.
    func restart(isEmpty: Bool) throws {
        guard child.signal(SIGKILL), child.wait() == -SIGKILL else {
            throw DrillVoid("redis-server was not killed; it had ended before")
        }
        lives += 1
        if isEmpty { folder = try Self.makeFolder(lives) }
        child = try Self.start(address, folder, lives)
        try waitUntilThere()
    }

    func stop() throws {
        guard child.signal(SIGSTOP), ProcessReading.isStopped(child.pid) else {
            throw DrillVoid("redis-server did not stop")
        }
    }

    func goOn() { _ = child.signal(SIGCONT) }

    func end() {
        guard Workbench.has(child: child.pid) else { return }
        _ = child.signal(SIGKILL)
        _ = child.wait()
    }

    private func waitUntilThere() throws {
        let end = Loop.readClock() + .seconds(10)
        while Loop.readClock() < end {
            guard !child.hasEnded() else { break }
            if try child.said().contains("Ready to accept connections") { return }
            usleep(5_000)
        }
        throw DrillFault("redis-server did not begin; it said:\n\(try child.said())")
    }

    private static func makeFolder(_ life: Int) throws -> String {
        let path = try Workbench.path("redis-\(life)")
        guard unsafe mkdir(path, 0o700) == 0 else { throw SystemFault.last("make \(path)") }
        return path
    }

    private static func start(
        _ address: SocketAddress,
        _ folder: String,
        _ life: Int
    ) throws
        -> Child
    {
        // Whatever it has acknowledged it has when it comes back with its folder.
        let words = [
            "--port", "\(address.port)", "--bind", "127.0.0.1", "--save", "", "--appendonly",
            "yes", "--appendfsync", "always", "--dir", folder, "--maxmemory-policy", "noeviction",
        ]
        return try Child(program, words, name: "redis-\(life)", isBound: true)
    }

    private static let program = "/usr/bin/redis-server"
}
