import Foundation
import Testing

extension `A node` {
    @Suite struct `looked at from outside` {
        @Test func `shows figures that move`() throws {
            let node = try RunningNode()
            let before = try node.figure(#"roost_http_requests_total{class="2xx"}"#)
            let client = try node.connect()
            for _ in 0..<10 { #expect(try client.get("/healthz").status == 200) }
            #expect(try client.get("/missing/page").status == 404)
            #expect(try node.figure(#"roost_http_requests_total{class="2xx"}"#) == before + 10)
            #expect(try node.figure(#"roost_http_requests_total{class="4xx"}"#) == 1)
            #expect(try node.figure("roost_http_connections") == 1)
            let login = try node.logIn()
            let socket = try SocketClient(node.connect(), fields: login.bearer)
            #expect(try socket.readText()?.contains("hello") == true)
            #expect(try node.figure("roost_websocket_connections") == 1)
            #expect(try node.figure(#"roost_logins_total{outcome="accepted"}"#) == 1)
            for name in [
                "cpu_seconds_total", "open_fds", "max_fds", "resident_memory_bytes",
                "virtual_memory_bytes", "start_time_seconds",
            ] {
                for prefix in ["", "mattermost_plugin_calls_"] {
                    #expect(try node.figure("\(prefix)process_\(name)") > 0, "\(prefix)\(name)")
                }
            }
            let uptime =
                try Date().timeIntervalSince1970 - node.figure("process_start_time_seconds")
            #expect(uptime > -2 && uptime < 60)
        }

        @Test(.enabled(if: Program.promtool.isThere))
        func `shows figures that promtool finds nothing wrong with`() throws {
            let node = try RunningNode()
            _ = try node.get("/missing/page")
            _ = try node.logIn()
            let page = try Client(port: node.metricsPort).get("/metrics")
            let plugins = "/plugins/com.mattermost.calls/metrics"
            #expect(try Client(port: node.metricsPort).get(plugins).status == 200)
            #expect(page.field("content-type") == "text/plain; version=0.0.4; charset=utf-8")
            try node.folder.write("page", page.body)
            let child = try Child(
                ["sh", "-c", "promtool check metrics < page"],
                as: "promtool",
                in: node.folder
            )
            #expect(try child.waitUntilEnd() == 0)
            #expect(child.output + child.complaints == "")
        }

        @Test(.enabled(if: Program.promtool.isThere))
        func `shows figures of a call of which promtool dislikes the plugin's names alone`() throws
        {
            let node = try RunningNode()
            let ada = try Caller(node, as: "ada")
            try ada.join("nightowls00000000000000001")
            _ = try ada.hear("call_state")
            for word in ["unmute", "raise_hand", "nonsense", "mute"] { try ada.say(word) }
            try ada.sayOffer(Caller.offer)
            _ = try ada.hear("signal")
            let page = try Client(port: node.metricsPort).get("/metrics")
            #expect(page.text.contains("mattermost_plugin_calls_rtc_sessions_total{groupID="))
            try node.folder.write("page", page.body)
            let child = try Child(
                ["sh", "-c", "promtool check metrics < page"],
                as: "promtool",
                in: node.folder
            )
            _ = try child.waitUntilEnd()
            let complaints = (child.output + child.complaints).split(separator: "\n")
            // Dashboards ask for that label by this name.
            let others = complaints.filter {
                !$0.contains("_rtc_") || !$0.hasSuffix("'snake_case' not 'camelCase'")
            }
            #expect(others.isEmpty, "\(others)")
        }

        @Test func `keeps its figures from the public door`() throws {
            let node = try RunningNode()
            #expect(try node.get("/metrics").status == 404)
            #expect(try Client(port: node.metricsPort).get("/api/v4/users/me").status == 404)
        }
    }
}

/// A program that some tests run beside roost, if the machine has it.
struct Program {
    let path: String

    var isThere: Bool { FileManager.default.isExecutableFile(atPath: path) }

    static let promtool = Program(path: "/usr/bin/promtool")
    static let nginx = Program(path: "/usr/sbin/nginx")
    static let haproxy = Program(path: "/usr/sbin/haproxy")
    static let prlimit = Program(path: "/usr/bin/prlimit")
    static let redis = Program(path: "/usr/bin/redis-server")
    static let systemdAnalyze = Program(path: "/usr/bin/systemd-analyze")
    static let dockerCompose = Program(path: "/usr/bin/docker-compose")
}
