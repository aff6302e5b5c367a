import Basics
import Settings
import Testing

@Suite struct `The settings of a cluster` {
    static let secret = "b1946ac92492d2347c6235b4d2611184b1946ac92492d2347c6235b4d2611184"
    static let trusted = "[cluster]\nsecret = \"\(secret)\"\n"

    @Test func `leave a node alone unless they say where nodes meet`() throws {
        #expect(!Settings().isClustered)
        #expect(try !read(Self.trusted).isClustered)
        #expect(try read(Self.trusted + "[redis]\nurl = \"redis://10.0.0.5\"").isClustered)
        #expect(try read(Self.trusted + "[redis]\nsentinels = [\"10.0.0.5\"]").isClustered)
    }

    @Test func `are believed from a file`() throws {
        let settings = try read(
            """
            [cluster]
            name = "calls-2"
            listen = "10.0.0.1:8046"
            advertise = "node-1.internal:9046"
            secret = "\(Self.secret)"
            previous_secret = "\(Self.secret.uppercased())"
            timers = "wan"
            takes_calls = false
            max_calls = 100
            max_sessions = 2_000
            rebalance = true
            rebalance_above = 50
            rebalance_moves = 2
            rebalance_pause = "1m"
            drain_timeout = "5m"
            [redis]
            sentinels = ["10.0.0.5", "sentinel-2:26380", "[fd00::5]:26379"]
            sentinel_master = "calls.primary"
            ca = "/etc/roost/redis.pem"
            timeout = "1s"
            """
        )
        let cluster = settings.cluster
        #expect(cluster.name == "calls-2")
        #expect(cluster.secret == Secret(Self.secret))
        #expect(cluster.previousSecret == Secret(Self.secret.uppercased()))
        #expect(cluster.timers == .wan)
        #expect(!cluster.takesCalls)
        #expect(cluster.maxCalls == 100 && cluster.maxSessions == 2_000)
        #expect(cluster.rebalance && cluster.rebalanceAbove == 50 && cluster.rebalanceMoves == 2)
        #expect(cluster.rebalancePause == .seconds(60))
        #expect(cluster.drainTimeout == .seconds(300))
        #expect(settings.clusterEndpoint == Endpoint(host: "node-1.internal", port: 9_046))
        #expect(
            settings.redis.sentinels == [
                Endpoint(host: "10.0.0.5", port: 26_379),
                Endpoint(host: "sentinel-2", port: 26_380),
                Endpoint(host: "fd00::5", port: 26_379),
            ]
        )
        #expect(settings.redis.sentinelMaster == "calls.primary")
        #expect(settings.redis.timeout == .seconds(1))
    }

    @Test func `leave calls where they are unless they say otherwise`() {
        #expect(!Settings().cluster.rebalance)
        for line in ["rebalance_above = 4", "rebalance_moves = 0", "rebalance_pause = \"900ms\""] {
            #expect(throws: SettingsFaults.self) { try read("[cluster]\n\(line)") }
        }
    }

    @Test func `tell others the address that is listened on, if no other is set`() throws {
        let settings = try read("[cluster]\nlisten = \"[fd00::1]:8046\"")
        #expect(settings.clusterEndpoint.description == "[fd00::1]:8046")
    }

    @Test func `take certificates in place of a secret`() throws {
        let files = "[cluster]\nca = \"ca.pem\"\ncertificate = \"a.pem\"\nkey = \"a.key\"\n"
        let settings = try read(files + "[redis]\nurl = \"redis://10.0.0.5\"")
        #expect(settings.cluster.ca == "ca.pem")
        #expect(settings.cluster.secret.isEmpty)
    }

    static let faulty: [(text: String, sentence: String)] = [
        (
            "[redis]\nurl = \"redis://10.0.0.5\"",
            "roost.toml line 2: redis.url makes this node one of a cluster, whose nodes must know "
                + "each other; set cluster.secret (`openssl rand -hex 32` makes one), or cluster.ca, "
                + "cluster.certificate and cluster.key (`roost cluster init` makes them)"
        ),
        (
            "[redis]\nsentinels = [\"10.0.0.5\"]",
            "roost.toml line 2: redis.sentinels makes this node one of a cluster, whose nodes must "
                + "know each other; set cluster.secret (`openssl rand -hex 32` makes one), or "
                + "cluster.ca, cluster.certificate and cluster.key (`roost cluster init` makes them)"
        ),
        (
            trusted + "listen = \":8046\"\n[redis]\nurl = \"redis://10.0.0.5\"",
            "roost.toml line 3: cluster.listen is all addresses of this machine, of which others "
                + "need to know one; set cluster.advertise to the address or name by which they "
                + "reach it"
        ),
        (
            "[cluster]\nca = \"ca.pem\"",
            "roost.toml line 2: cluster.ca needs cluster.certificate and cluster.key too; "
                + "`roost cluster init` makes all three"
        ),
        (
            "[cluster]\nca = \"ca.pem\"\nkey = \"a.key\"",
            "roost.toml line 2: cluster.ca needs cluster.certificate too; "
                + "`roost cluster init` makes all three"
        ),
        (
            "[cluster]\nprevious_secret = \"\(secret)\"",
            "roost.toml line 2: cluster.previous_secret needs cluster.secret too, which is to "
                + "follow it"
        ),
        (
            "[cluster]\nname = \"My Calls\"",
            "roost.toml line 2: cluster.name must be 1 to 32 small letters, digits and -, "
                + "got \"My Calls\"; did you mean \"my-calls\"?"
        ),
        (
            "[cluster]\nname = \"\"",
            "roost.toml line 2: cluster.name must be 1 to 32 small letters, digits and -, got \"\""
        ),
        (
            "[cluster]\nadvertise = \"node-1\"",
            "roost.toml line 2: cluster.advertise must be empty or a host and port, such as "
                + "10.0.0.5:8046 or node-1.internal:8046, got \"node-1\"; did you mean "
                + "\"node-1:8046\"?"
        ),
        (
            "[cluster]\nadvertise = \"a b:1\"",
            "roost.toml line 2: cluster.advertise must be empty or a host and port, such as "
                + "10.0.0.5:8046 or node-1.internal:8046, got \"a b:1\""
        ),
        (
            "[cluster]\ntimers = \"man\"",
            "roost.toml line 2: cluster.timers must be one of lan, wan, got \"man\"; did you mean "
                + "lan?"
        ),
        (
            "[cluster]\nsecret = \"0123456789012345678901234567890\"",
            "roost.toml line 2: cluster.secret must be empty or 32 to 1024 bytes of chance; "
                + "`openssl rand -hex 32` makes them, got ********"
        ),
        (
            "[redis]\nsentinel_master = \"my master\"",
            "roost.toml line 2: redis.sentinel_master must be 1 to 128 letters, digits, ., - or _, "
                + "got \"my master\""
        ),
        (
            "[redis]\nsentinels = [\"10.0.0.5:99999\"]",
            "roost.toml line 2: redis.sentinels[0] must be a host and perhaps a port, such as "
                + "10.0.0.5:26379, got \"10.0.0.5:99999\""
        ),
    ]

    @Test(arguments: faulty)
    func `are refused with what to do about it`(text: String, sentence: String) throws {
        let faults = try #require(throws: SettingsFaults.self) { try read(text) }
        #expect(faults.all.map(\.description) == [sentence])
    }

    static let samples = [
        "changeme-changeme-changeme-changeme", "CHANGE_ME_CHANGE_ME_CHANGE_ME_CHANGE_ME",
        "this-is-an-example-of-a-long-secret-0123", "correct horse battery staple Password 1",
        "00000000000000000000000000000000", "abcabcabcabcabcabcabcabcabcabcabcabcabc",
    ]

    @Test(arguments: samples)
    func `refuse a secret that stands in manuals`(sample: String) throws {
        let faults = try #require(throws: SettingsFaults.self) {
            try read("[cluster]\nsecret = \"\(sample)\"")
        }
        #expect(
            faults.all.map(\.description) == [
                "roost.toml line 2: cluster.secret is a sample that anybody may know; "
                    + "`openssl rand -hex 32` makes a secret, got ********"
            ]
        )
    }

    @Test func `say which of them a running node follows`() {
        let reloaded = Settings.keys.filter { $0.path.hasPrefix("cluster.") && $0.isReloadable }
        #expect(
            reloaded.map(\.path) == [
                "cluster.takes_calls", "cluster.max_calls", "cluster.max_sessions",
                "cluster.rebalance", "cluster.rebalance_above", "cluster.rebalance_moves",
                "cluster.rebalance_pause", "cluster.drain_timeout",
            ]
        )
    }
}
