import Settings
import Testing

@Suite struct `A fault in the settings` {
    static let sentences: [(text: String, sentences: [String])] = [
        (
            "[calls]\nenable_live_captions = true",
            [
                "roost.toml line 2: calls.enable_live_captions needs calls.enable_transcriptions "
                    + "to be true too"
            ]
        ),
        (
            "[calls]\nlive_captions_language = \"EN\"",
            [
                "roost.toml line 2: calls.live_captions_language must be empty or two small "
                    + "letters, such as en, got \"EN\"; did you mean \"en\"?"
            ]
        ),
        (
            "[calls]\napi_keys = [\"short\"]",
            [
                "roost.toml line 2: calls.api_keys[0] must be 24 to 256 letters, digits, - or _; "
                    + "`openssl rand -hex 32` makes one, got ********"
            ]
        ),
        (
            "[calls]\nwebhook_urls = [\"ftp://app.example\"]",
            [
                "roost.toml line 2: calls.webhook_urls[0] must be a URL such as "
                    + "https://app.example.org/calls, got \"ftp://app.example\""
            ]
        ),
        (
            "[calls]\nwebhook_urls = [\"https://app.example\"]",
            [
                "roost.toml line 2: calls.webhook_urls needs calls.webhook_secret of at least 16 "
                    + "bytes to sign with; `openssl rand -hex 32` makes one"
            ]
        ),
        (
            "\n[media]\nudp_port = \"80a\"",
            ["roost.toml line 3: media.udp_port must be 0 to 65535, got \"80a\""]
        ),
        (
            "[http]\nlisten = \":80\"",
            [
                "roost.toml line 2: http.listen must be a list of at most 16, got \":80\"; "
                    + "did you mean [\":80\"]?"
            ]
        ),
        (
            "[http]\nlisten = \"localhost\"",
            [
                "roost.toml line 2: http.listen must be a list of at most 16, got \"localhost\"",
                "roost.toml line 2: http.listen must be an address and port, such as "
                    + "127.0.0.1:8065, [::1]:8065 or :8065 for all, got \"localhost\"",
            ]
        ),
        (
            "[http]\nlisen = [\":80\"]",
            ["roost.toml line 2: http.lisen is not a setting; did you mean http.listen?"]
        ),
        (
            "[htp]\n",
            ["roost.toml line 1: htp is not a setting; did you mean http?"]
        ),
        (
            "[http]\nudp_port = 1",
            ["roost.toml line 2: http.udp_port is not a setting; did you mean media.udp_port?"]
        ),
        (
            "udp_port = 1",
            ["roost.toml line 1: udp_port is not a setting; did you mean media.udp_port?"]
        ),
        (
            "http = 1",
            ["roost.toml line 1: http is a section; write [http] above its settings"]
        ),
        (
            "[log]\nlevel = \"wraning\"",
            [
                "roost.toml line 2: log.level must be one of trace, debug, info, warning, error, "
                    + "got \"wraning\"; did you mean warning?"
            ]
        ),
        (
            "[http]\nhead_bytes = \"64KB\"",
            [
                "roost.toml line 2: http.head_bytes must be 1KiB to 1MiB, got \"64KB\"; "
                    + "did you mean 64KiB?"
            ]
        ),
        (
            "[http]\nhead_bytes = \"17GiB\"\nkeep_alive = 9999",
            [
                "roost.toml line 2: http.head_bytes must be 1KiB to 1MiB, got \"17GiB\"",
                "roost.toml line 3: http.keep_alive must be a time from 1s to 1h, such as 5s, "
                    + "got 9999",
            ]
        ),
        (
            "[http]\nhead_timeout = 5",
            [
                "roost.toml line 2: http.head_timeout must be a time from 100ms to 5m, such as 5s, "
                    + "got 5; did you mean \"5s\"?"
            ]
        ),
        (
            "[http]\ntrusted_proxies = [\n\"10.0.0.0/8\",\n\"x\",\n\"y\"]",
            [
                "roost.toml line 4: http.trusted_proxies[1] must be an IP address or network, "
                    + "such as 10.0.0.0/8, got \"x\"",
                "roost.toml line 5: http.trusted_proxies[2] must be an IP address or network, "
                    + "such as 10.0.0.0/8, got \"y\"",
            ]
        ),
        (
            "[log]\nlevels = { http = \"loud\" }",
            [
                "roost.toml line 2: log.levels.http must be one of trace, debug, info, warning, "
                    + "error, got \"loud\""
            ]
        ),
        (
            "[websocket]\ncompression = yes",
            [
                "roost.toml line 2: column 15: a value must be a number, true, false, a date, or "
                    + "text in quotes"
            ]
        ),
        (
            "[websocket]\ncompression = \"yes\"",
            [
                "roost.toml line 2: websocket.compression must be true or false, got \"yes\"; "
                    + "did you mean true?"
            ]
        ),
        (
            "[http]\ntls_key = \"/k.pem\"",
            [
                "roost.toml line 2: http.tls_key needs http.tls_certificate too; "
                    + "set both or neither"
            ]
        ),
        (
            "[identity]\nprovider = \"tokens\"",
            [
                "roost.toml line 2: identity.provider \"tokens\" needs at least one key to check "
                    + "them with; add [[identity.keys]]"
            ]
        ),
        (
            "[websocket]\nunauthenticated_total = 10",
            [
                "roost.toml line 2: websocket.unauthenticated_total must be at least "
                    + "websocket.unauthenticated_per_address (20), got 10"
            ]
        ),
        (
            "[http]\nproxy_protocol = \"trusted\"",
            [
                "roost.toml line 2: http.proxy_protocol \"trusted\" needs http.trusted_proxies to "
                    + "say who is"
            ]
        ),
        (
            "[http]\nlisten = []",
            ["roost.toml line 2: http.listen must have at least one address"]
        ),
        (
            "[media]\nice_servers = [{ url = \"stun:x\" }, { urls = \"http://x\" }]",
            [
                "roost.toml line 2: media.ice_servers[0].urls is missing; it must be a list of at "
                    + "most 16, each of which must be a URL that begins with stun:, stuns:, turn: "
                    + "or turns:",
                "roost.toml line 2: media.ice_servers[0].url is not known here; "
                    + "did you mean urls?",
                "roost.toml line 2: media.ice_servers[1].urls must be a URL that begins with "
                    + "stun:, stuns:, turn: or turns:, got ********",
            ]
        ),
    ]

    @Test(arguments: sentences)
    func `says where it is, what must be, what is, and what may be meant`(
        text: String,
        sentences: [String]
    ) {
        #expect(faults(text).map(\.description) == sentences)
    }

    @Test func `names the variable if it came from the environment`() {
        #expect(throws: SettingsFaults.self) {
            try Settings(file: nil, environment: ["ROOST_MEDIA_UDP_PORT": "80a"])
        }
        let sentences = faults(
            "",
            environment: [
                "ROOST_HTTP_LISTN": "x", "ROOST_MEDIA_UDP_PORT": "80a",
                "MM_CALLS_TCP_SERVER_PORT": "65536",
            ]
        )
        .map(\.description)
        #expect(
            sentences == [
                "MM_CALLS_TCP_SERVER_PORT: media.tcp_port must be 0 to 65535, got \"65536\"",
                "ROOST_HTTP_LISTN: is not a setting; unset it; did you mean ROOST_HTTP_LISTEN?",
                "ROOST_MEDIA_UDP_PORT: media.udp_port must be 0 to 65535, got \"80a\"",
            ]
        )
    }

    @Test func `names the command line if it came from there`() {
        let sentences = faults("", overrides: [("http.lisen", "x"), ("node.threads", "-1")])
            .map(\.description)
        #expect(
            sentences == [
                "command line: http.lisen is not a setting; did you mean http.listen?",
                "command line: node.threads must be 0 to 256, got \"-1\"",
            ]
        )
    }

    @Test func `says what to do when the dev provider would answer everyone`() throws {
        let sentence = try #require(faults("[http]\nlisten = [\":8065\"]").first?.description)
        #expect(sentence.hasPrefix("roost.toml line 2: http.listen must be loopback only"))
        #expect(sentence.contains("identity.insecure_dev to true"))
        let text = "[http]\nlisten = [\":8065\"]\n[identity]\ninsecure_dev = true"
        #expect(faults(text).isEmpty)
    }

    static let slips: [(word: String, meant: String?)] = [
        ("lsiten", "http.listen"),
        ("listten", "http.listen"),
        ("liste", "http.listen"),
        ("LISTEN", "http.listen"),
        ("head_timeuot", "http.head_timeout"),
        ("max_conections_per_adress", "http.max_connections_per_address"),
        ("entirely_something_else", nil),
        (String(repeating: "x", count: 10_000), nil),
    ]

    @Test(arguments: slips)
    func `guesses what was meant from a slip of the finger, and nothing from more`(
        word: String,
        meant: String?
    ) {
        #expect(faults("[http]\n\(word) = 1").map(\.suggestion) == [meant])
    }

    @Test func `is no longer than a line that anyone reads, whatever was given`() {
        let long = String(repeating: "x", count: 10_000)
        let texts = [
            "[http]\n\(long) = 1", "[log]\nlevel = \"\(long)\"", "\"a\\n\u{1B}[31mb\" = 1",
            "[log]\nlevel = \"\\u001b[31m\"",
        ]
        for text in texts {
            for fault in faults(text) {
                #expect(fault.description.count < 500)
                #expect(!fault.description.utf8.contains { $0 < 0x20 })
            }
        }
    }

    @Test func `stands beside all the others, up to two hundred`() {
        let lines = (0..<300).map { "key\($0) = 1" }
        let all = faults("[http]\n" + lines.joined(separator: "\n"))
        #expect(all.count == 201)
        #expect(all.last?.description == "there are more faults than these; correct them first")
    }

    @Test func `stands beside all the others`() {
        for count in [1, 2, 7, 40] {
            let lines = (0..<count).map { "key\($0) = \($0 % 2 == 0 ? "1" : "bad")" }
            #expect(faults("[http]\n" + lines.joined(separator: "\n")).count == count)
        }
    }

    @Test func `is there for every key that is given something wild`() {
        var sections: [String: [String]] = [:]
        for key in Settings.keys {
            let parts = key.path.split(separator: ".").map(String.init)
            sections[parts[0], default: []].append("\(parts[1]) = 1979-05-27")
        }
        let text = sections.map { "[\($0.key)]\n" + $0.value.joined(separator: "\n") + "\n" }
        let faulty = Set(faults(text.joined()).map(\.key))
        #expect(faulty == Set(Settings.keys.map(\.path)))
    }

    @Test func `never shows a secret`() {
        let secret = "hunter2hunter2"
        let texts = [
            "[redis]\nurl = \"http://u:\(secret)@h\"",
            "[redis]\nurl = \"redis://u:\(secret)@h\"",
            "[redis]\nsentinel_password = [\"\(secret)\"]",
            "[cluster]\nsecret = \"\(secret)\"",
            "[cluster]\nprevious_secret = \"\(secret)\"",
            "[media]\nturn_secret = [\"\(secret)\"]",
            "[media]\nice_servers = [{ urls = \"stun:x\", credential = \"\(secret)\" }]",
            "[media]\nice_servers = \"\(secret)\"",
            "[media]\nturn_secret = \"\(secret)",
            "[media]\nturn_secret = \(secret)",
            "[media]\nturn_secret = \"a\"\nturn_secret = \"\(secret)\"",
            "[[identity.keys]]\nid = \"a\"\nalgorithm = \"\(secret)\"\nsecret = \"\(secret)\"",
            "[[identity.keys]]\nid = \"a\"\nalgorithm = \"HS256\"\nsecret = \"\(secret)\"",
            "[[identity.keys]]\nid = \"a\"\nalgorithm = \"ES256\"\nsecret = \"\(secret)\"",
            "[identity]\nkeys = [\"\(secret)\"]",
        ]
        for text in texts {
            let all = faults(text)
            #expect(!all.isEmpty, "no fault in \(text)")
            #expect(!SettingsFaults(all: all).description.contains(secret), "shown from \(text)")
        }
        for name in ["ROOST_REDIS_URL", "ROOST_IDENTITY_KEYS", "MM_CALLS_ICE_SERVERS_CONFIGS"] {
            let all = faults("", environment: [name: "[{\"\(secret)"])
            #expect(all.count == 1)
            #expect(!all.description.contains(secret))
        }
    }

    @Test func `tells keys for tokens of one id apart`() {
        let key = "[[identity.keys]]\nid = \"a\"\nalgorithm = \"ES256\"\npublic_key_file = \"/p\"\n"
        #expect(
            faults(key + key).map(\.description) == [
                "roost.toml line 5: identity.keys[1].id is \"a\", as another key's is; "
                    + "ids must differ"
            ]
        )
    }
}

private func faults(
    _ text: String,
    environment: [String: String] = [:],
    overrides: [(path: String, text: String)] = []
) -> [SettingsFault] {
    do {
        let file = SettingsFile(name: "roost.toml", bytes: Array(text.utf8))
        _ = try Settings(file: file, environment: environment, overrides: overrides)
        return []
    } catch {
        return error.all
    }
}
