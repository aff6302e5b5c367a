internal import Basics
internal import Crypto
internal import Glibc
internal import IO

/// A `roost serve` of our own, on free ports of the loopback, with a store that goes when it ends.
struct RoostServer {
    let address: SocketAddress
    private let child: Child

    var pid: pid_t { child.pid }

    func end() { child.end() }

    /// Starts it; ``waitUntilReady()`` says when it serves.
    ///
    /// - Parameters:
    ///   - others: Settings besides the usual ones, as `--set` takes them.
    ///   - cpus: The processors it is kept on, as taskset(1) has them; all if nil.
    ///   - file: Those that can only stand in a file.
    init(
        _ program: String,
        threads: Int = 0,
        isSecure: Bool = false,
        settings others: [String] = [],
        cpus: String? = nil,
        file: String = ""
    ) throws {
        let port = try Workbench.freePort()
        address = SocketAddress(ip: .loopback, port: port)
        let metrics = SocketAddress(ip: .loopback, port: try Workbench.freePort())
        let settings = try Workbench.path("roost-\(port).toml")
        try Workbench.write([UInt8](file.utf8), to: settings)
        var sets = [
            "http.listen=\(address)", "metrics.listen=\(metrics)", "node.threads=\(threads)",
            "media.udp_port=0", "media.tcp_port=0",
            "store.path=\(try Workbench.path("roost-\(port).db"))", "websocket.echo=true",
            "http.max_connections=1000000", "http.max_connections_per_address=1000000",
            // The crowd must not be sent away for saying nothing while it is counted.
            "websocket.ping_interval=1h", "websocket.idle_timeout=2h",
        ]
        sets += others
        if isSecure {
            let identity = try Self.identity()
            sets += [
                "http.tls_certificate=\(identity.certificate)", "http.tls_key=\(identity.key)",
            ]
        }
        var command = [program, "serve", "--config", settings] + sets.flatMap { ["--set", $0] }
        if let cpus { command = ["/usr/bin/taskset", "--cpu-list", cpus] + command }
        child = try Child(command[0], Array(command.dropFirst()), name: "roost-\(port)")
    }

    /// Asks /readyz until it says yes.
    func waitUntilReady() throws {
        let end = Loop.readClock() + .seconds(20)
        while Loop.readClock() < end {
            if let answer = try? LoopbackHTTP.get("/readyz", at: address), answer.status == 200 {
                return
            }
            guard !child.hasEnded() else { break }
            usleep(200)
        }
        throw DrillFault("roost serve did not become ready; it said:\n\(try child.said())")
    }

    /// Waits until it listens, where /readyz can't be asked in the clear.
    func waitUntilListening() throws {
        let end = Loop.readClock() + .seconds(20)
        while Loop.readClock() < end {
            if (try? child.said())?.contains("Roost is ready") == true { return }
            guard !child.hasEnded() else { break }
            usleep(1_000)
        }
        throw DrillFault("roost serve did not become ready; it said:\n\(try child.said())")
    }

    /// A certificate that vouches for itself, ECDSA P-256, made once a run.
    private static func identity() throws -> (certificate: String, key: String) {
        let certificate = try Workbench.path("certificate.pem")
        let key = try Workbench.path("key.pem")
        let now = Loop.readWallClock().seconds
        var random = SecureRandom()
        let made = try SelfSigned(
            names: ["localhost", "127.0.0.1"],
            notBefore: now - 3_600,
            notAfter: now + 86_400,
            using: &random
        )
        try Workbench.write(made.certificatePEM, to: certificate)
        try Workbench.write(made.keyPEM, to: key)
        return (certificate, key)
    }
}
