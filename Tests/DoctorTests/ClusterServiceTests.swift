import Basics
import Doctor
import Foundation
import Settings
import Testing

/// Against Debian's redis-server, as a primary, a replica and a sentinel, started here on free ports.
@Suite(.serialized) struct `The doctor asks what a cluster stands on` {
    private func redis(_ port: UInt16, _ words: String...) throws -> Companion {
        try Companion("/usr/bin/redis-server") { folder in
            [
                "--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--dir",
                folder.path(""),
            ] + words
        } isReady: {
            accepts(port)
        }
    }

    @discardableResult
    private func tell(_ port: UInt16, _ words: [String]) throws -> String {
        let client = Process()
        client.executableURL = URL(filePath: "/usr/bin/redis-cli")
        client.arguments = ["-p", "\(port)"] + words
        let pipe = Pipe()
        client.standardOutput = pipe
        try client.run()
        let said = try pipe.fileHandleForReading.readToEnd() ?? Data()
        client.waitUntilExit()
        return String(decoding: said, as: UTF8.self)
    }

    @Test func `whether Redis writes to disk`() throws {
        let port = try freePort()
        let redis = try redis(port)
        let check = RedisDiskCheck(Secret("redis://127.0.0.1:\(port)"))
        let forgetful = check.look()
        #expect(forgetful.verdict == "warn" && forgetful.seen.contains("a restart forgets"))
        #expect(forgetful.remedy?.contains("redis-cli config set appendonly yes") == true)
        try tell(port, ["config", "set", "appendonly", "yes"])
        #expect(check.look() == .ok("writes each change to disk"))
        withExtendedLifetime(redis) {}
    }

    @Test func `whether Redis has room`() throws {
        let port = try freePort()
        let redis = try redis(port)
        let check = RedisCheck(Secret("redis://127.0.0.1:\(port)"))
        #expect(check.look().verdict == "ok")
        try tell(port, ["config", "set", "maxmemory", "1mb"])
        let full = check.look()
        #expect(full.verdict == "warn" && full.seen.contains("more than 80% of its memory"))
        withExtendedLifetime(redis) {}
    }

    @Test func `whether Redis is the primary, and stops when it is cut off`() throws {
        let (port, other) = (try freePort(), try freePort())
        let primary = try redis(port)
        let check = RedisReplicasCheck(Secret("redis://127.0.0.1:\(port)"))
        #expect(check.look() == .ok("none; what it keeps goes with its machine"))
        let replica = try redis(other, "--replicaof", "127.0.0.1", "\(port)")
        for _ in 0..<200 {
            if try tell(port, ["info", "replication"]).contains("state=online") { break }
            usleep(50_000)
        }
        let heedless = check.look()
        #expect(heedless.verdict == "warn" && heedless.seen.hasPrefix("1 of them"), "\(heedless)")
        #expect(heedless.remedy?.contains("min-replicas-to-write 1") == true)
        try tell(port, ["config", "set", "min-replicas-to-write", "1"])
        try tell(port, ["config", "set", "min-replicas-max-lag", "1"])
        #expect(check.look() == .ok("1 of them, needs 1 no more than 1s behind"))
        let wrong = RedisReplicasCheck(Secret("redis://127.0.0.1:\(other)")).look()
        #expect(wrong.verdict == "fail" && wrong.seen.contains("is a replica of 127.0.0.1"))
        withExtendedLifetime((primary, replica)) {}
    }

    @Test func `whether our user may do what a node does, and no more`() throws {
        let port = try freePort()
        let redis = try redis(port)
        func look(_ user: String) -> Outcome {
            let url = Secret("redis://\(user)127.0.0.1:\(port)")
            return RedisRightsCheck(url, cluster: "calls").look()
        }
        #expect(look("").seen.hasPrefix("may do everything"))
        try tell(port, ["acl", "setuser", "roost", "on", ">word", "~*", "&*", "+@all"])
        let mighty = look("roost:word@")
        #expect(mighty.verdict == "warn", "\(mighty)")
        // What the remedy says, as a shell would read it.
        let rule = try #require(mighty.remedy)
        let words = rule.replacing("\\\n", with: " ").split(whereSeparator: \.isWhitespace)
            .map { String($0).replacing("'", with: "").replacing("PASSWORD", with: "word") }
        #expect(try tell(port, Array(words.dropFirst())).contains("OK"))
        #expect(look("roost:word@") == .ok("may touch this cluster's keys alone"))
        try tell(port, ["acl", "setuser", "roost", "-@scripting"])
        let bound = look("roost:word@")
        #expect(bound.verdict == "fail" && bound.seen.hasPrefix("may not EVAL"), "\(bound)")
        withExtendedLifetime(redis) {}
    }

    @Test func `sentinels, and whether they could replace a Redis`() throws {
        let (port, place) = (try freePort(), try freePort())
        let redis = try redis(port)
        let sentinel = try Companion("/usr/bin/redis-server") { folder in
            let text = """
                port \(place)
                bind 127.0.0.1
                dir \(folder.path(""))
                sentinel monitor calls 127.0.0.1 \(port) 1
                """
            _ = Result { try folder.write("sentinel.conf", text) }
            return [folder.path("sentinel.conf"), "--sentinel"]
        } isReady: {
            accepts(place)
        }
        func look(_ master: String, _ port: UInt16) -> Outcome {
            SentinelCheck(
                Endpoint(host: "127.0.0.1", port: port),
                master: master,
                password: Secret("")
            ).look()
        }
        #expect(look("calls", place) == .ok("says 127.0.0.1:\(port), and could replace it"))
        let unknown = look("mymaster", place)
        #expect(unknown.verdict == "fail" && unknown.seen == "does not know \"mymaster\"")
        try tell(place, ["sentinel", "set", "calls", "quorum", "2"])
        let alone = look("calls", place)
        #expect(alone.verdict == "warn" && alone.seen.contains("could not replace it"), "\(alone)")
        #expect(look("calls", try freePort()).verdict == "fail")
        withExtendedLifetime((redis, sentinel)) {}
    }

    static let addresses: [(listen: String, told: String, redis: String, verdict: String)] = [
        ("127.0.0.1:8046", "127.0.0.1:8046", "127.0.0.1", "ok"),
        ("127.0.0.1:8046", "127.0.0.1:8046", "192.0.2.5", "warn"),
        ("0.0.0.0:8046", "192.0.2.1:8046", "192.0.2.5", "ok"),
        ("127.0.0.1:8046", "192.0.2.1:8046", "192.0.2.5", "warn"),
        ("0.0.0.0:8046", "no-such-host.invalid:8046", "192.0.2.5", "warn"),
    ]

    @Test(arguments: addresses)
    func `whether others can reach the node where they are told to`(
        listen: String,
        told: String,
        redis: String,
        verdict: String
    ) throws {
        let check = ClusterAddressCheck(
            listen: try SocketAddress(listen),
            told: try #require(Endpoint(told)),
            redis: redis
        )
        #expect(check.look().verdict == verdict, "\(check.look())")
    }

    @Test func `what the settings of a cluster name, and nothing of it for a node alone`() throws {
        let secret = "b1946ac92492d2347c6235b4d2611184"
        func names(_ text: String) throws -> [String] {
            let file = SettingsFile(name: "roost.toml", bytes: Array(text.utf8))
            let patient = Patient(try Settings(file: file, environment: [:]))
            return patient.checks(
                files: MachineFiles(),
                local: LocalAddresses([]),
                now: 0
            ).map(\.name)
        }
        let cluster = "[cluster]\nsecret = \"\(secret)\"\n"
        let ours = [
            "tcp port 8046", "cluster address", "redis disk", "redis replicas", "redis rights",
        ]
        let one = try names(cluster + "[redis]\nurl = \"redis://127.0.0.1\"")
        #expect(one.contains("redis") && ours.allSatisfy(one.contains))
        let watched = try names(cluster + "[redis]\nsentinels = [\"a\", \"b:1\"]")
        #expect(watched.contains("sentinel a:26379") && watched.contains("sentinel b:1"))
        #expect(!watched.contains("redis"))
        #expect(try ours.allSatisfy { !(try names(cluster).contains($0)) })
    }
}
