internal import Basics
internal import Glibc
internal import IO

/// One redis-server of a drill, through all its lives.
final class RedisMachine {
    let name: String
    let spot: ChaosGround.Spot
    let port: UInt16
    private var child: Child?
    private var lives = 0
    private var folders = 0
    private var said: [Child] = []

    init(_ name: String, _ spot: ChaosGround.Spot, _ port: UInt16, _ variables: [String]) {
        (self.name, self.spot, self.port, self.variables) = (name, spot, port, variables)
    }

    private let variables: [String]

    var address: SocketAddress { SocketAddress(ip: spot.address, port: port) }
    /// Whether it answers.
    var isThere: Bool {
        child != nil && (try? RedisQuestion.ask(["PING"], at: address)) == ["PONG"]
    }

    /// With whatever it knew; as a replica of that one, if any.
    func start(of primary: RedisMachine?) throws {
        lives += 1
        let folder = try Workbench.memoryPath("\(name)-data-\(folders)")
        if unsafe mkdir(folder, 0o700) != 0, errno != EEXIST {
            throw SystemFault.last("make \(folder)")
        }
        // Whatever it has acknowledged it has when it comes back with its folder. It waits for that each time; on a disk
        // that compilers write to, for seconds, in which it would be away though nobody has ordered that.
        var words = [
            "--port", "\(port)", "--bind", "\(spot.address)", "--protected-mode", "no", "--save",
            "", "--appendonly", "yes", "--appendfsync", "always", "--dir", folder,
            "--maxmemory-policy", "noeviction", "--repl-diskless-sync-delay", "0",
        ]
        if let primary { words += ["--replicaof", "\(primary.spot.address)", "\(primary.port)"] }
        let new = try Child(
            Self.program,
            words,
            name: "\(name)-\(lives)",
            isBound: true,
            in: spot.space,
            variables: variables
        )
        child = new
        said.append(new)
    }

    func waitUntilThere() throws {
        let end = Loop.readClock() + .seconds(10)
        while Loop.readClock() < end {
            guard let child, !child.hasEnded() else { break }
            if isThere { return }
            usleep(5_000)
        }
        throw DrillFault("redis-server did not begin; it said:\n\(try child?.said() ?? "nothing")")
    }

    /// The next life begins with nothing.
    func forget() { folders += 1 }

    func kill() throws {
        guard let child, child.signal(SIGKILL), child.wait() == -SIGKILL else {
            throw DrillVoid("\(name) was not killed; it had ended before")
        }
        self.child = nil
    }

    func stop() throws {
        guard let child, child.signal(SIGSTOP), ProcessReading.isStopped(child.pid) else {
            throw DrillVoid("\(name) did not stop")
        }
    }

    func goOn() { _ = child?.signal(SIGCONT) }

    func end() {
        guard let child, Workbench.has(child: child.pid) else { return }
        _ = child.signal(SIGKILL)
        _ = child.wait()
        self.child = nil
    }

    func logs() -> [(name: String, text: [UInt8])] {
        said.enumerated().map { life, child in
            ("\(name)-\(life + 1).log", child.saidOrWhyNot)
        }
    }

    static let program = "/usr/bin/redis-server"
}
