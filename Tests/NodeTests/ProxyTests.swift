import Foundation
import Testing

extension `A node` {
    @Suite struct `behind a proxy` {
        static let settings = """
            [http]
            trusted_proxies = ["127.0.0.1"]
            [log]
            level = "debug"

            """

        private func check(_ proxy: Proxy, _ node: RunningNode) throws {
            let client = try Client(port: proxy.port, from: "127.0.0.7")
            let liar = ["X-Forwarded-For: 203.0.113.9"]
            #expect(try client.get("/healthz", liar).status == 200)
            #expect(node.logs(#""client":"127.0.0.7""#))
            #expect(!node.log.contains("203.0.113.9"))
            let login = try node.logIn()
            let socket = try SocketClient(Client(port: proxy.port), fields: login.bearer)
            #expect(socket.answer.status == 101)
            #expect(try socket.readText()?.contains("hello") == true)
            try socket.send(#"{"action":"ping","seq":1}"#)
            #expect(try socket.readText()?.contains("pong") == true)
        }

        @Test(.enabled(if: Program.nginx.isThere))
        func `knows people's addresses and sockets through nginx`() throws {
            let node = try RunningNode(Self.settings)
            try check(.nginx(before: node), node)
        }

        @Test(.enabled(if: Program.haproxy.isThere))
        func `knows people's addresses and sockets through HAProxy`() throws {
            let node = try RunningNode(Self.settings)
            try check(.haproxy(before: node, speaking: .http), node)
        }

        @Test(.enabled(if: Program.haproxy.isThere), arguments: [Proxy.Speech.proxyV1, .proxyV2])
        func `knows people's addresses from PROXY headers`(speech: Proxy.Speech) throws {
            let node = try RunningNode(
                Self.settings.replacing("[log]", with: "proxy_protocol = \"trusted\"\n[log]")
            )
            let proxy = try Proxy.haproxy(before: node, speaking: speech)
            let client = try Client(port: proxy.port, from: "127.0.0.7")
            #expect(try client.get("/healthz", ["X-Forwarded-For: 203.0.113.9"]).status == 200)
            #expect(node.logs(#""client":"127.0.0.7""#))
            #expect(!node.log.contains("203.0.113.9"))
            // Who is no proxy is believed nothing, and needs no header.
            let stranger = try node.connect(from: "127.0.0.8")
            #expect(try stranger.get("/healthz").status == 200)
        }

        @Test func `believes no header of somebody who is no proxy`() throws {
            let node = try RunningNode("[log]\nlevel = \"debug\"\n")
            let lie = ["X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https"]
            #expect(try node.get("/healthz", lie).status == 200)
            let login = try node.post("/api/v4/users/login", #"{"login_id":"ada"}"#, lie)
            #expect(login.all("set-cookie").allSatisfy { !$0.contains("Secure") })
            #expect(!node.log.contains("203.0.113.9"))
            let proxy = try node.connect()
            try proxy.send("PROXY TCP4 203.0.113.9 127.0.0.1 1 2\r\n" + Client.head("GET", "/", []))
            #expect(try proxy.readResponse().status == 400)
        }

        // MARK: - Smuggling

        /// Requests that one reader may take for one and another for two.
        static let ambiguous: [String] = {
            let hidden = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
            let start = "POST /healthz HTTP/1.1\r\nHost: localhost\r\n"
            let codings = [
                "Transfer-Encoding: chunked", "Transfer-Encoding : chunked",
                " Transfer-Encoding: chunked", "Transfer-Encoding:\tchunked",
                "Transfer-Encoding: xchunked", "Transfer-Encoding: chunked, identity",
                "Transfer-Encoding: identity, chunked", "Transfer-Encoding: gzip, chunked",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: x",
                "Transfer-Encoding: x\r\nTransfer-Encoding: chunked",
                "Transfer-Encoding:\u{b}chunked", "Transfer-Encoding: \"chunked\"",
                "X: y\nTransfer-Encoding: chunked", "X: y\rTransfer-Encoding: chunked",
                "Transfer-Encoding\n: chunked", "Transfer-Encoding:\r\n chunked",
                "Transfer_Encoding: chunked", "transfer-encoding: CHUNKED",
                "Transfer-Encoding: chunked;a=b", "Transfer-Encoding: ,chunked",
                "Transfer-Encoding: chunked\0",
            ]
            var cases: [String] = []
            for coding in codings {
                let body = "0\r\n\r\n" + hidden
                for length in [4, body.utf8.count] {
                    cases.append(start + "Content-Length: \(length)\r\n\(coding)\r\n\r\n" + body)
                }
            }
            let count = hidden.utf8.count
            for lengths in [
                "Content-Length: 0\r\nContent-Length: \(count)",
                "Content-Length: \(count)\r\nContent-Length: 0", "Content-Length: +0",
                "Content-Length: 0x0", "Content-Length: 0, \(count)", "Content-Length: -1",
                "Content-Length: 0 \(count)", "Content-Length:\r\n \(count)",
                "Content-Length : \(count)",
                "Content-Length: \(count)\nX: y",
            ] { cases.append(start + lengths + "\r\n\r\n" + hidden) }
            for chunks in [
                "0x0\r\n\r\n", "00000000000000000\r\n\r\n", "0;a=\n\r\n\r\n", " 0\r\n\r\n",
                "-0\r\n\r\n",
                "0\n\n", "1\r\nab\r\n0\r\n\r\n", "0\r\nContent-Length: 5\r\n\r\n",
                "ffffffffffffffff1\r\n\r\n", "0\r\r\n\r\n",
            ] { cases.append(start + "Transfer-Encoding: chunked\r\n\r\n" + chunks + hidden) }
            return cases
        }()

        private func checkSmuggling(_ node: RunningNode, _ proxy: Proxy) throws {
            func taken() throws -> Int {
                try ["2xx", "3xx", "4xx", "5xx"].reduce(0) { sum, digit in
                    sum + Int(try node.figure("roost_http_requests_total{class=\"\(digit)\"}"))
                }
            }
            for (index, text) in Self.ambiguous.enumerated() {
                let before = (node: try taken(), proxy: proxy.requestCount)
                let client = try Client(port: proxy.port, patience: .milliseconds(150))
                try client.send(text)
                // A proxy that waits for more is not worth waiting for.
                while (try? client.readMore()) == true {}
                let isFair = try eventually(within: .seconds(2)) {
                    try taken() - before.node <= proxy.requestCount - before.proxy
                }
                #expect(isFair, "case \(index): \(text.debugDescription)")
            }
            #expect(Self.ambiguous.count > 60)
            #expect(proxy.requestCount > 60)
            #expect(try taken() > 0)
        }

        @Test(.enabled(if: Program.nginx.isThere))
        func `sees no request that nginx does not see`() throws {
            let node = try RunningNode(Self.settings)
            try checkSmuggling(node, .nginx(before: node))
        }

        @Test(.enabled(if: Program.haproxy.isThere))
        func `sees no request that HAProxy does not see`() throws {
            let node = try RunningNode(Self.settings)
            try checkSmuggling(node, .haproxy(before: node, speaking: .http))
        }
    }
}
