internal import Basics
internal import Glibc
internal import IO

/// The Redis of a drill: one server, which can be killed, brought back with or without what it knew, or
/// stopped; or a primary, a replica and three sentinels, each on a machine of its own.
final class ChaosRedis {
    private(set) var servers: [RedisMachine] = []
    private var sentinels: [(address: SocketAddress, child: Child)] = []
    /// The machines that have a server or a sentinel.
    private(set) var machines: [Int] = []

    /// On the first thread; see ``Child``.
    init(on ground: ChaosGround, hasSentinels: Bool, hasShift: Bool) throws {
        shift = hasShift ? try ClockShift("redis") : nil
        guard unsafe access(RedisMachine.program, X_OK) == 0 else {
            throw DrillFault("there is no redis-server here; run cluster/setup bench")
        }
        for number in 0..<(hasSentinels ? 3 : 1) {
            let spot = try ground.spot()
            if let machine = spot.machine { machines.append(machine) }
            spots.append(spot)
            // The third machine has a sentinel alone, which gives the majority to either of the others.
            guard number < 2 else { continue }
            let port = try ground.port(6_379, at: spot)
            servers.append(RedisMachine("redis-\(number + 1)", spot, port, shift?.variables ?? []))
        }
        self.hasSentinels = hasSentinels
    }

    private let hasSentinels: Bool
    private let shift: ClockShift?
    private var spots: [ChaosGround.Spot] = []

    /// Once packets are carried.
    func begin() throws {
        for server in servers { try server.start(of: server === servers[0] ? nil : servers[0]) }
        for server in servers { try server.waitUntilThere() }
        guard hasSentinels else { return }
        for (number, spot) in spots.enumerated() {
            let address = SocketAddress(ip: spot.address, port: Self.sentinelPort)
            let path = try Workbench.path("sentinel-\(number + 1).conf")
            let text = """
                port \(address.port)
                bind \(spot.address)
                protected-mode no
                dir \(try Workbench.path(""))
                sentinel monitor \(Self.primaryName) \(servers[0].spot.address) \(servers[0].port) 2
                sentinel down-after-milliseconds \(Self.primaryName) 500
                sentinel failover-timeout \(Self.primaryName) 3000
                sentinel parallel-syncs \(Self.primaryName) 1

                """
            try Workbench.write([UInt8](text.utf8), to: path)
            let child = try Child(
                RedisMachine.program,
                [path, "--sentinel"],
                name: "sentinel-\(number + 1)",
                isBound: true,
                in: spot.space
            )
            sentinels.append((address, child))
        }
        try wait("the sentinels to know each other and the replica", within: .seconds(20)) {
            isComplete
        }
    }

    /// What nodes are told.
    var settings: String {
        guard hasSentinels else { return "url = \"\(url)\"" }
        let names = sentinelHosts.map { "\"\($0)\"" }.joined(separator: ", ")
        return "sentinels = [\(names)]\nsentinel_master = \"\(Self.primaryName)\""
    }

    var url: String {
        guard hasSentinels else { return "redis://\(servers[0].address)/0" }
        return "redis+sentinel://\(sentinelHosts.joined(separator: ","))/\(Self.primaryName)/0"
    }

    private var sentinelHosts: [String] {
        spots.map { "\(SocketAddress(ip: $0.address, port: Self.sentinelPort))" }
    }

    // MARK: - Who is the primary

    /// As a majority of the sentinels say; the only one where there are none.
    func primary() throws -> RedisMachine {
        guard hasSentinels else { return servers[0] }
        var votes: [String: Int] = [:]
        for (address, _) in sentinels {
            // One that does not answer has no vote.
            guard
                let answer = try? RedisQuestion.ask(
                    ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", Self.primaryName],
                    at: address
                ), answer.count == 2, let host = answer[0], let port = answer[1]
            else { continue }
            votes["\(host):\(port)", default: 0] += 1
        }
        let name = votes.first { $0.value >= 2 }?.key
        guard let server = servers.first(where: { "\($0.address)" == name }) else {
            throw DrillVoid("the sentinels name no primary")
        }
        return server
    }

    /// Whether there is a primary with a replica that follows it, as all sentinels see it.
    var isComplete: Bool {
        guard hasSentinels else { return servers[0].isThere }
        // Whoever does not answer, or names nobody, is what makes it incomplete.
        guard let primary = try? primary(), servers.allSatisfy(\.isThere) else { return false }
        let isFollowed = servers.allSatisfy { server in
            guard server !== primary else { return true }
            let role = try? RedisQuestion.ask(["ROLE"], at: server.address)
            return role?.first == "slave" && role?.contains("connected") == true
        }
        return isFollowed
            && sentinels.allSatisfy { address, _ in
                guard
                    let facts = try? RedisQuestion.ask(
                        ["SENTINEL", "MASTER", Self.primaryName],
                        at: address
                    )
                else { return false }
                func fact(_ name: String) -> String? {
                    facts.firstIndex(of: name).flatMap { facts[$0 + 1] }
                }
                return fact("num-other-sentinels") == "2" && fact("num-slaves") == "1"
                    && fact("flags") == "master"
            }
    }

    // MARK: - Blows

    /// Kills the only server and starts another in its place.
    func restart(isEmpty: Bool) throws {
        try servers[0].kill()
        if isEmpty { servers[0].forget() }
        try servers[0].start(of: nil)
        try servers[0].waitUntilThere()
    }

    /// Sets the clock on the wall of all servers, and shows that it is.
    func set(clock forward: Duration) throws {
        try shift?.setAndShow(forward)
        let seen = try RedisQuestion.ask(["TIME"], at: try primary().address).first
        let difference =
            .seconds(
                (seen.flatMap { $0.flatMap { Int64($0) } } ?? 0) - Loop.readWallClock().seconds
            )
            - forward
        guard Duration.seconds(-3)...Duration.seconds(3) ~= difference else {
            throw DrillVoid("Redis' clock was set \(forward) forward and is \(difference) off")
        }
    }

    func place() throws -> RedisPlace { try RedisPlace(url) }

    func end() {
        for (_, child) in sentinels { child.end() }
        for server in servers { server.end() }
    }

    func logs() -> [(name: String, text: [UInt8])] {
        sentinels.enumerated().map { index, sentinel in
            ("sentinel-\(index + 1).log", sentinel.child.saidOrWhyNot)
        } + servers.flatMap { $0.logs() }
    }

    private func wait(
        _ what: String,
        within patience: Duration,
        _ isSo: () throws -> Bool
    ) throws {
        let end = Loop.readClock() + patience
        while try !isSo() {
            guard Loop.readClock() < end else {
                throw DrillVoid("waited \(patience) in vain for \(what)")
            }
            usleep(50_000)
        }
    }

    private static let sentinelPort: UInt16 = 26_379
    private static let primaryName = "drill"
}
