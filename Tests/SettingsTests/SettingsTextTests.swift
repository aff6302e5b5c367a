import Settings
import Testing
import Wire

@Suite struct `The text of settings` {
    @Test func `shows every value and where it came from`() throws {
        let settings = try Settings(
            file: SettingsFile(name: "my.toml", bytes: Array("[http]\nhead_fields = 9".utf8)),
            environment: ["ROOST_NODE_NAME": "owl"]
        )
        let lines = settings.text.split(separator: "\n").map(words)
        #expect(lines.contains(["head_fields", "=", "9", "#", "my.toml", "line", "2"]))
        #expect(lines.contains(["name", "=", "\"owl\"", "#", "ROOST_NODE_NAME"]))
        #expect(lines.contains(["head_bytes", "=", "\"16KiB\"", "#", "built", "in"]))
        #expect(lines.filter { $0.contains("=") }.count == Settings.keys.count)
    }

    @Test func `is itself a file that gives the same settings`() throws {
        let settings = try read(
            """
            [http]
            listen = ["[::1]:8065", "127.0.0.1:80"]
            body_timeout = "90s"
            public_url = "https://calls.example.org/a"
            [log]
            levels = { http = "debug", "odd room" = "error" }
            [media]
            ice_servers = [{ urls = "stun:x" }]
            host_override = "a\\"b\\\\c"
            """
        )
        let again = try read(settings.text)
        #expect(settings.changes(to: again) == [])
        #expect(
            again.text.split(separator: "\n").count == settings.text.split(separator: "\n").count
        )
    }

    @Test func `never shows a secret`() throws {
        let secret = "hunter2hunter2hunter2hunter2hunter2"
        let settings = try read(
            """
            [redis]
            url = "rediss://user:\(secret)@redis.example:6379/1"
            sentinel_password = "\(secret)"
            [cluster]
            secret = "\(secret)-first"
            previous_secret = "\(secret)-second"
            [media]
            turn_secret = "\(secret)"
            ice_servers = [{ urls = "turn:x", username = "u", credential = "\(secret)" }]
            [[identity.keys]]
            id = "k"
            algorithm = "HS256"
            secret = "\(secret)"
            """
        )
        let texts = [
            settings.text, settings.report, "\(settings)", String(reflecting: settings),
            "\(settings.changes(to: Settings()))", "\(Settings().changes(to: settings))",
        ]
        for text in texts { #expect(!text.contains(secret)) }
        #expect(settings.text.contains("rediss://********@redis.example:6379/1"))
        #expect(settings.text.contains("secret = \"********\""))
    }

    @Test func `tells what changed, and what a reload can't change`() throws {
        let old = try read(
            "[http]\nhead_fields = 9\n[store]\npath = \"a\"\n[media]\nturn_secret = \"a\""
        )
        let new = try read(
            "[http]\nhead_fields = 10\n[store]\npath = \"b\"\n[media]\nturn_secret = \"b\""
        )
        #expect(
            old.changes(to: new).map(\.description) == [
                "http.head_fields changed from 9 to 10",
                "store.path changed from \"a\" to \"b\"; restart to let it count",
                "media.turn_secret changed; restart to let it count",
            ]
        )
        #expect(old.changes(to: old).isEmpty)
    }

    @Test func `keeps what a reload can't change, and where it came from`() throws {
        let old = try read("[store]\npath = \"a\"\n[media]\ntcp_port = 1")
        let new = try read("[http]\nhead_fields = 10\n[store]\npath = \"b\"")
        let next = old.following(new)
        #expect(next.http.headFields == 10)
        #expect(next.store.path == "a")
        #expect(next.media.tcpPort == 1)
        #expect(next.text.contains(/path = "a" +# roost.toml line 2/))
        let waiting = ["media.tcp_port", "store.path"]
        #expect(next.changes(to: new).map(\.path).sorted() == waiting)
        #expect(next.changes(to: old).map(\.path) == ["http.head_fields"])
    }

    @Test func `reports how much was given, and what was passed over`() throws {
        let settings = try Settings(
            file: nil,
            environment: ["ROOST_NODE_NAME": "owl", "MM_CALLS_RTCD_CLIENT_ID": "true"]
        )
        let builtIn = Settings.keys.count - 1
        #expect(
            settings.report == """
                settings are fine: 1 given, \(builtIn) built in
                ignored MM_CALLS_RTCD_CLIENT_ID: the Calls plugin's, not used here

                """
        )
    }

    @Test func `reports faults one a line`() {
        let error = #expect(throws: SettingsFaults.self) { try read("[a]\n[b]") }
        #expect(error?.description.split(separator: "\n").count == 2)
    }
}

private func words(_ line: Substring) -> [String] {
    line.split(separator: " ").map(String.init)
}
