import Foundation
import Glibc

/// A primary, a replica of it, and three sentinels that watch them.
final class RunningSentinels {
    /// What the sentinels call it.
    static let name = "calls"

    private(set) var primary: RunningRedis
    private(set) var replica: RunningRedis
    let ports: [UInt16]
    private let folder: Folder
    private var sentinels: [Child] = []

    init() throws {
        primary = try RunningRedis("--repl-diskless-sync-delay", "0")
        replica = try RunningRedis(
            "--replicaof",
            "127.0.0.1",
            "\(primary.port)",
            "--repl-diskless-sync-delay",
            "0"
        )
        ports = try (0..<3).map { _ in try Proxy.freePort() }
        folder = try Folder()
        for port in ports {
            let file = "sentinel-\(port).conf"
            try folder.write(
                file,
                """
                port \(port)
                bind 127.0.0.1
                sentinel monitor \(Self.name) 127.0.0.1 \(primary.port) 2
                sentinel down-after-milliseconds \(Self.name) 500
                sentinel failover-timeout \(Self.name) 3000

                """
            )
            let words = [Program.redis.path, folder.path(file), "--sentinel"]
            sentinels.append(try Child(words, as: "sentinel-\(port)", in: folder))
        }
        // They can promote only what they have heard of, and agree only with whom they know.
        let isPrepared = try eventually(within: .seconds(30)) {
            guard try replica.ask("info", "replication").contains("master_link_status:up") else {
                return false
            }
            return try ports.allSatisfy { port in
                guard (try? Client(port: port)) != nil else { return false }
                let said = try RunningRedis.ask(port, "sentinel", "master", Self.name)
                let words = said.split(separator: "\r\n").map(String.init)
                func number(_ field: String) -> String? {
                    words.firstIndex(of: field).map { words[$0 + 2] }
                }
                return number("num-slaves") == "1" && number("num-other-sentinels") == "2"
            }
        }
        guard isPrepared else { throw Child.Fault(description: "the sentinels find nobody") }
    }

    /// Lines for the file of a node, in `[redis]`. The first of them is one that is never there.
    var settings: String {
        get throws {
            let gone = try Proxy.freePort()
            let hosts = ([gone] + ports).map { "\"127.0.0.1:\($0)\"" }.joined(separator: ", ")
            return """
                sentinels = [\(hosts)]
                sentinel_master = "\(Self.name)"
                """
        }
    }

    /// Lets the primary acknowledge from now on what its replica never hears of.
    func part() throws {
        // It has no password to give, and gives one: its primary takes no replica that does.
        _ = try replica.ask("config", "set", "masterauth", "none")
        _ = try primary.ask("client", "kill", "type", "replica")
    }

    /// Waits until the sentinels have made the replica the primary, and takes it for that.
    func waitForSwitch() throws {
        let hasSwitched = try eventually(within: .seconds(30)) {
            try ports.allSatisfy { port in
                let said = try RunningRedis.ask(port, "sentinel", "master", Self.name)
                return said.contains("\r\n\(replica.port)\r\n")
            }
        }
        guard hasSwitched else { throw Child.Fault(description: "the sentinels do not switch") }
        (primary, replica) = (replica, primary)
    }
}
