import Basics
import Settings
import Testing

@Suite struct `What an operator sets` {
    @Test func `is its default if nothing is given`() throws {
        let settings = try Settings(file: nil)
        #expect(settings.http.listen == [SocketAddress(ip: .loopback, port: 8065)])
        #expect(settings.http.headBytes == 16_384)
        #expect(settings.websocket.slowGrace == .seconds(5))
        #expect(settings.identity.provider == .dev)
        #expect(settings.log.level == .info)
        #expect(Settings.keys.allSatisfy { settings.origin(of: $0) == .builtIn })
    }

    @Test func `is read from a file, with the line each came from`() throws {
        let settings = try read(
            """
            [http]
            listen = ["127.0.0.1:80", "[::1]:80"]
            head_timeout = "1500ms"
            body_bytes = "2MiB"
            trusted_proxies = ["10.0.0.0/8"]
            proxy_protocol = "trusted"

            [log]
            level = "debug"
            levels.http = "trace"

            [media]
            enable_ipv6 = true
            ice_servers = [{ urls = "stun:stun.example.org" },
              { urls = ["turn:t.example.org:3478"], username = "u", credential = "c" }]
            """
        )
        #expect(settings.http.listen.map(\.description) == ["127.0.0.1:80", "[::1]:80"])
        #expect(settings.http.headTimeout == .milliseconds(1_500))
        #expect(settings.http.bodyBytes == 2 << 20)
        #expect(settings.http.trustedProxies.map(\.description) == ["10.0.0.0/8"])
        #expect(settings.http.proxyProtocol == .trusted)
        #expect(settings.log.level == .debug)
        #expect(settings.log.levels == ["http": .trace])
        #expect(settings.media.enableIPv6)
        #expect(
            settings.media.iceServers.map(\.urls) == [
                ["stun:stun.example.org"], ["turn:t.example.org:3478"],
            ]
        )
        #expect(settings.origin(of: HTTPSettings.all.headTimeout) == .file(line: 3))
        #expect(settings.origin(of: LogSettings.all.levels) == .file(line: 10))
    }

    @Test func `may be keys for tokens in tables of their own`() throws {
        let secret = String(repeating: "s", count: 32)
        let settings = try read(
            """
            [identity]
            provider = "tokens"
            [[identity.keys]]
            id = "2026"
            algorithm = "HS256"
            secret = "\(secret)"
            [[identity.keys]]
            id = "2027"
            algorithm = "EdDSA"
            public_key_file = "/etc/roost/2027.pem"
            private_key_file = "/etc/roost/2027.key"
            """
        )
        #expect(
            settings.identity.keys == [
                TokenKey(id: "2026", algorithm: .hs256, material: .secret(Secret(secret))),
                TokenKey(
                    id: "2027",
                    algorithm: .edDSA,
                    material: .publicKeyFile("/etc/roost/2027.pem"),
                    privateKeyFile: "/etc/roost/2027.key"
                ),
            ]
        )
    }

    @Test func `is read from the environment in its own spelling`() throws {
        let settings = try Settings(
            file: nil,
            environment: [
                "ROOST_HTTP_LISTEN": "127.0.0.1:1, 127.0.0.1:2",
                "ROOST_HTTP_ALLOWED_ORIGINS": #"["https://a.example", "https://b.example"]"#,
                "ROOST_WEBSOCKET_COMPRESSION": "false",
                "ROOST_WEBSOCKET_SLOW_GRACE": "2m",
                "ROOST_LOG_LEVELS": "http=debug, store=error",
                "ROOST_IDENTITY_KEYS":
                    #"[{"id":"a","algorithm":"ES256","public_key_file":"/a.pem"}]"#,
                "ROOST_IDENTITY_PROVIDER": "tokens",
                "HOME": "/root",
            ]
        )
        #expect(settings.http.listen.map(\.port) == [1, 2])
        #expect(settings.http.allowedOrigins == ["https://a.example", "https://b.example"])
        #expect(!settings.websocket.compression)
        #expect(settings.websocket.slowGrace == .seconds(120))
        #expect(settings.log.levels == ["http": .debug, "store": .error])
        #expect(settings.identity.keys.map(\.id) == ["a"])
        let origin = settings.origin(of: WebSocketSettings.all.slowGrace)
        #expect(origin == .environment(name: "ROOST_WEBSOCKET_SLOW_GRACE"))
    }

    @Test func `counts from the command line before ROOST_, MM_CALLS_ and the file`() throws {
        let file = SettingsFile(name: "f", bytes: Array("[media]\nudp_port = 1001".utf8))
        var environment: [String: String] = [:]
        #expect(try Settings(file: file, environment: environment).media.udpPort == 1_001)
        environment["MM_CALLS_UDP_SERVER_PORT"] = "1002"
        #expect(try Settings(file: file, environment: environment).media.udpPort == 1_002)
        environment["ROOST_MEDIA_UDP_PORT"] = "1003"
        #expect(try Settings(file: file, environment: environment).media.udpPort == 1_003)
        let settings = try Settings(
            file: file,
            environment: environment,
            overrides: [("media.udp_port", "1004")]
        )
        #expect(settings.media.udpPort == 1_004)
        #expect(settings.origin(of: MediaSettings.all.udpPort) == .commandLine)
    }

    @Test func `may come in the Calls plugin's variables, JSON and odd names too`() throws {
        let settings = try Settings(
            file: nil,
            environment: [
                "MM_CALLS_ENABLE_I_PV6": "true",
                "MM_CALLS_ICE_HOST_OVERRIDE": "203.0.113.7",
                "MM_CALLS_ICE_SERVERS_CONFIGS": #"[{"urls":["stun:s.example:3478"]}]"#,
                "MM_CALLS_UDP_SERVER_ADDRESS": "10.0.0.1,10.0.0.2",
            ]
        )
        #expect(settings.media.enableIPv6)
        #expect(settings.media.hostOverride == "203.0.113.7")
        #expect(settings.media.iceServers.map(\.urls) == [["stun:s.example:3478"]])
        #expect(settings.media.udpAddress.map(\.description) == ["10.0.0.1", "10.0.0.2"])
        #expect(settings.ignored == [])
    }

    @Test func `is not what the plugin or Kubernetes has put there besides`() throws {
        let settings = try Settings(
            file: nil,
            environment: [
                "MM_CALLS_RTCD_SERVICE_URL": "true",
                "MM_CALLS_TRANSCRIBER_SITE_URL": "x",
                "MM_CALLS_SOMETHING": "x",
                "ROOST_PORT": "tcp://10.0.0.1:8065",
                "ROOST_PORT_8065_TCP": "tcp://10.0.0.1:8065",
                "ROOST_PORT_8065_TCP_ADDR": "10.0.0.1",
                "ROOST_SERVICE_HOST": "10.0.0.1",
                "ROOST_SERVICE_PORT_HTTP": "8065",
                "ROOST_MEDIA_UDP_PORT": "udp://10.0.0.1:8443",
                "ROOST_CONFIG": "/etc/roost.toml",
            ]
        )
        #expect(settings.media.udpPort == 8_443)
        #expect(settings.ignored.count == 9)
        let known = settings.ignored.filter { $0.reason.hasPrefix("the Calls plugin's") }
        #expect(
            known.map(\.name) == ["MM_CALLS_RTCD_SERVICE_URL", "MM_CALLS_TRANSCRIBER_SITE_URL"]
        )
    }

    @Test func `can be changed one by one, for those who make their own`() {
        var settings = Settings()
        settings.http.maxConnections = 3
        settings.identity.insecureDev = true
        #expect(settings.http.maxConnections == 3)
        #expect(settings.identity.insecureDev)
        #expect(settings.http.headFields == 64)
    }
}

func read(_ text: String) throws(SettingsFaults) -> Settings {
    try Settings(file: SettingsFile(name: "roost.toml", bytes: Array(text.utf8)))
}
