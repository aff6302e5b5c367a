import Foundation
import Glibc

/// A Redis of a test's own, which can be stopped, brought back with nothing in it, or killed.
final class RunningRedis {
    let port: UInt16
    let folder: Folder
    private(set) var child: Child
    private var lives = 1
    private let options: [String]

    /// Options as on the command line of redis-server.
    init(_ options: String...) throws {
        port = try Proxy.freePort()
        folder = try Folder()
        self.options = options
        child = try Self.start(port, folder, 1, options)
    }

    var url: String { "redis://127.0.0.1:\(port)/0" }

    private static func start(
        _ port: UInt16,
        _ folder: Folder,
        _ life: Int,
        _ options: [String]
    ) throws -> Child {
        let child = try Child(
            [
                Program.redis.path, "--bind", "127.0.0.1", "--port", "\(port)", "--save", "",
                "--appendonly", "no", "--maxmemory-policy", "noeviction",
            ] + options,
            as: "redis-\(life)",
            in: folder
        )
        guard eventually(within: .seconds(10), { (try? Client(port: port)) != nil }) else {
            throw Child.Fault(description: "redis: \(child.output)\(child.complaints)")
        }
        return child
    }

    /// Brings another up in its place that remembers nothing.
    func restartEmpty() throws {
        child.signal(SIGKILL)
        _ = try child.waitUntilEnd()
        lives += 1
        child = try Self.start(port, folder, lives, options)
    }

    /// What it answers to one command, as it says it.
    func ask(_ command: String...) throws -> String { try Self.ask(port, command) }

    /// The same of any server of Redis' protocol.
    static func ask(_ port: UInt16, _ command: String...) throws -> String {
        try ask(port, command)
    }

    private static func ask(_ port: UInt16, _ command: [String]) throws -> String {
        let client = try Client(port: port)
        let words = command.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
        try client.send("*\(command.count)\r\n\(words)")
        try client.readMore()
        return String(decoding: client.received, as: UTF8.self)
    }
}

/// Some nodes that are one backend, and the Redis where they meet.
final class RunningCluster {
    let redis: RunningRedis
    private(set) var nodes: [RunningNode] = []
    private var ports: [ObjectIdentifier: UInt16] = [:]
    private var walls: [ObjectIdentifier: LinkWall] = [:]
    /// Whether links between single nodes can be cut.
    private let isWalled: Bool
    private let settings: String
    /// Lines in [redis] that say where it is.
    private let place: String
    private let secret = UUID().uuidString + UUID().uuidString

    /// Starts them and waits until each knows all others. Settings are lines for each one's file.
    init(
        _ count: Int = 3,
        _ settings: String = "",
        of redis: RunningRedis? = nil,
        at place: String? = nil,
        isWalled: Bool = false
    ) throws {
        let redis = try redis ?? RunningRedis()
        self.isWalled = isWalled
        self.redis = redis
        self.settings = settings
        self.place = place ?? "url = \"\(redis.url)\""
        for number in 1...count { nodes.append(try make("node-\(number)")) }
        try waitUntilWhole()
    }

    /// None as yet; see ``make(_:secret:own:more:)``.
    init(of redis: RunningRedis, at place: String? = nil) {
        self.redis = redis
        isWalled = false
        settings = ""
        self.place = place ?? "url = \"\(redis.url)\""
    }

    /// One more node, which is not waited for. `own` are settings of its own in [cluster].
    func make(
        _ name: String,
        secret: String? = nil,
        own: String = "",
        more: String = "",
        environment: [String: String] = [:],
        by binary: String = RunningNode.binary
    ) throws -> RunningNode {
        let port = try Proxy.freePort()
        let wall = isWalled ? try LinkWall() : nil
        wall?.stand(before: port)
        let node = try RunningNode(
            """
            [node]
            name = "\(name)"
            [redis]
            \(place)
            [limits]
            request_burst = 10000
            login_burst = 10000
            [http]
            shutdown_grace = "1s"
            max_connections_per_address = 5000
            [websocket]
            unauthenticated_per_address = 1000
            burst = 10000
            messages_per_second = 1000
            [cluster]
            listen = "127.0.0.1:\(port)"
            secret = "\(secret ?? self.secret)"
            timers = "wan"
            \(wall.map { "advertise = \"127.0.0.1:\($0.port)\"" } ?? "")
            \(own)
            \(settings)
            \(more)
            """,
            environment: environment,
            by: binary
        )
        ports[ObjectIdentifier(node)] = port
        walls[ObjectIdentifier(node)] = wall
        return node
    }

    /// Starts one more node and waits until all know it.
    func add(
        _ name: String,
        own: String = "",
        environment: [String: String] = [:],
        by binary: String = RunningNode.binary
    ) throws -> RunningNode {
        let node = try make(name, own: own, environment: environment, by: binary)
        nodes.append(node)
        try waitUntilWhole()
        return node
    }

    /// Ends a node without a word, as a power cut would.
    func kill(_ node: RunningNode) throws {
        node.child.signal(SIGKILL)
        _ = try node.child.waitUntilEnd()
        forget(node)
    }

    /// It has ended by itself.
    func forget(_ node: RunningNode) {
        nodes.removeAll { $0 === node }
    }

    /// Waits until every node is ready and has a link to each of the others.
    func waitUntilWhole(within patience: Duration = .seconds(15)) throws {
        let isWhole = try eventually(within: patience) {
            try nodes.allSatisfy {
                try $0.isReady && $0.figure("roost_cluster_links") == Double(nodes.count - 1)
            }
        }
        guard isWhole else {
            let logs = nodes.map { $0.log.suffix(3_000) }.joined(separator: "\n----\n")
            throw Child.Fault(description: "the nodes do not find each other: \(logs)")
        }
    }

    /// Two nodes can't reach each other any more; all others still reach both.
    func part(_ one: RunningNode, _ other: RunningNode) {
        walls[ObjectIdentifier(one)]?.bar(other.child.process)
        walls[ObjectIdentifier(other)]?.bar(one.child.process)
    }

    /// They can again.
    func rejoin(_ one: RunningNode, _ other: RunningNode) {
        walls[ObjectIdentifier(one)]?.admit(other.child.process)
        walls[ObjectIdentifier(other)]?.admit(one.child.process)
    }

    /// Where other nodes dial this one.
    func clusterPort(of node: RunningNode) -> UInt16? { ports[ObjectIdentifier(node)] }

    /// The node that the call of this channel is on, once one is.
    func host(of call: Int = 1) throws -> RunningNode {
        var found: RunningNode?
        let isThere = try eventually {
            found = try nodes.first { try $0.callCount == call }
            return found != nil
        }
        guard isThere, let found else { throw Child.Fault(description: "no node has a call") }
        return found
    }
}

extension RunningNode {
    var isReady: Bool { get throws { try get("/readyz").status == 200 } }

    /// How many calls roost on this node.
    var callCount: Int {
        get throws {
            let name = #"mattermost_plugin_calls_aggregate_stats{stat="total_active_calls"}"#
            return Int(try figure(name))
        }
    }
}
