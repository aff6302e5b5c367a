import Glibc
import Testing
import Wire

extension `A node` {
    @Suite struct `at the door for websockets` {
        @Test(arguments: [true, false])
        func `greets whom it knows by cookie or bearer`(isBearer: Bool) throws {
            let node = try RunningNode()
            let login = try node.logIn()
            let fields = isBearer ? login.bearer : ["Cookie: \(login.cookie)"]
            let socket = try SocketClient(node.connect(), fields: fields)
            #expect(socket.answer.status == 101)
            let hello = try #require(try socket.readText())
            #expect(hello.hasPrefix(#"{"event":"hello","data":{"connection_id":""#), "\(hello)")
            #expect(hello.hasSuffix(#""seq":0}"#))
            try socket.send(#"{"action":"ping","seq":7}"#)
            let pong = try #require(try socket.readText())
            #expect(pong.contains(#""text":"pong""#))
            #expect(pong.contains(#""seq_reply":7"#))
            try socket.send(#"{"action":"fly","seq":8}"#)
            let refusal = try #require(try socket.readText())
            #expect(refusal.contains(#""status":"FAIL","seq_reply":8"#))
            #expect(refusal.contains("there is no such action"))
        }

        @Test func `lets who is unknown say who they are, once and in time`() throws {
            let node = try RunningNode("[websocket]\nauthentication_timeout = \"700ms\"\n")
            let login = try node.logIn()
            let socket = try SocketClient(node.connect())
            try socket.send(#"{"action":"ping","seq":1}"#)
            #expect(try socket.readText()?.contains("pong") == true)
            try socket.send(#"{"action":"join","seq":2}"#)
            #expect(try socket.readText()?.contains(#""status_code":401"#) == true)
            let challenge =
                #"{"action":"authentication_challenge","seq":3,"data":{"token":"TOKEN"}}"#
            try socket.send(challenge.replacing("TOKEN", with: login.token))
            #expect(try socket.readText()?.contains(#"{"status":"OK","seq_reply":3}"#) == true)
            #expect(try socket.readText()?.contains("hello") == true)

            let silent = try SocketClient(node.connect())
            let began = ContinuousClock.now
            #expect(try silent.readCloseCode() == 1008)
            let took = ContinuousClock.now - began
            #expect(took > .milliseconds(300) && took < .seconds(4), "\(took)")

            let liar = try SocketClient(node.connect())
            try liar.send(challenge.replacing("TOKEN", with: String(login.token.reversed())))
            #expect(try liar.readText()?.contains(#""status_code":401"#) == true)
            #expect(try liar.readCloseCode() == 1008)
            #expect(eventually { (try? node.figure("roost_websocket_unauthenticated")) == 0 })
        }

        @Test func `is shut to pages of other sites, unless they are named`() throws {
            let node = try RunningNode("[http]\nallowed_origins = [\"https://chat.example.org\"]\n")
            let login = try node.logIn()
            let cookie = "Cookie: \(login.cookie)"
            for (origin, status) in [
                ("https://evil.example", 403), ("null", 403),
                ("http://localhost.evil.example", 403),
                ("http://localhost:1", 403), ("https://chat.example.org.evil.example", 403),
                ("http://localhost", 101), ("https://chat.example.org", 101),
            ] {
                let socket = try SocketClient(
                    node.connect(),
                    fields: [cookie, "Origin: \(origin)"]
                )
                #expect(socket.answer.status == status, "\(origin)")
                if status == 101 { #expect(try socket.readText()?.contains("hello") == true) }
            }
        }

        @Test func `echoes no pages of other sites either`() throws {
            let node = try RunningNode("[websocket]\necho = true\n")
            for (origin, status) in [
                ("https://evil.example", 403), ("null", 403), ("http://localhost", 101),
            ] {
                let socket = try SocketClient(
                    node.connect(),
                    "/diagnostics/echo",
                    ["Origin: \(origin)"]
                )
                #expect(socket.answer.status == status, "\(origin)")
            }
            // No browser.
            #expect(try SocketClient(node.connect(), "/diagnostics/echo").answer.status == 101)
        }

        @Test func `takes no cookies from pages of anybody`() throws {
            let folder = try Folder()
            var node = try RunningNode("[http]\nallowed_origins = [\"*\"]\n", in: folder)
            let login = try node.logIn()
            for _ in 0..<2 {
                let fields = ["Cookie: \(login.cookie)", "Origin: https://evil.example"]
                let socket = try SocketClient(node.connect(), fields: fields)
                #expect(socket.answer.status == 101)
                try socket.send(#"{"action":"who","seq":1}"#)
                #expect(try socket.readText()?.contains(#""status_code":401"#) == true)
                let bearer = login.bearer + ["Origin: https://evil.example"]
                let known = try SocketClient(node.connect(), fields: bearer)
                #expect(try known.readText()?.contains("hello") == true)
                // The same for a session that only the store remembers.
                #expect(try node.end() == 0)
                node = try RunningNode("[http]\nallowed_origins = [\"*\"]\n", in: folder)
            }
        }

        @Test func `has room for so many strangers of one address`() throws {
            let node = try RunningNode("[websocket]\nunauthenticated_per_address = 3\n")
            let login = try node.logIn()
            var sockets = try (0..<3).map { _ in try SocketClient(node.connect()) }
            #expect(sockets.allSatisfy { $0.answer.status == 101 })
            #expect(try SocketClient(node.connect()).answer.status == 429)
            #expect(try SocketClient(node.connect(), fields: login.bearer).answer.status == 101)
            #expect(try SocketClient(node.connect(from: "127.0.0.9")).answer.status == 101)
            sockets.removeLast()
            #expect(try eventually { try SocketClient(node.connect()).answer.status == 101 })
        }

        @Test func `drops a flood and says so once a second`() throws {
            let node = try RunningNode("[websocket]\nburst = 10\nmessages_per_second = 1\n")
            let login = try node.logIn()
            let socket = try SocketClient(node.connect(), fields: login.bearer)
            #expect(try socket.readText()?.contains("hello") == true)
            for number in 0..<300 { try socket.send(#"{"action":"ping","seq":\#(number)}"#) }
            try socket.send(9, [42])
            var (pongs, refusals) = (0, 0)
            while let frame = try socket.read(), frame.opcode != 10 {
                if frame.text.contains("pong") { pongs += 1 }
                if frame.text.contains(#""status_code":429"#) { refusals += 1 }
            }
            #expect(pongs >= 10 && pongs < 20, "\(pongs)")
            #expect(refusals >= 1 && refusals < 6, "\(refusals)")
        }

        @Test func `takes a message of the limit and not one byte more`() throws {
            let node = try RunningNode("[websocket]\nmessage_bytes = \"4KiB\"\n")
            let login = try node.logIn()
            let socket = try SocketClient(node.connect(), fields: login.bearer)
            #expect(try socket.readText()?.contains("hello") == true)
            let ping = #"{"action":"ping"}"#
            try socket.send(ping + String(repeating: " ", count: 4_096 - ping.utf8.count))
            #expect(try socket.readText()?.contains("pong") == true)
            try socket.send(ping + String(repeating: " ", count: 4_097 - ping.utf8.count))
            #expect(try socket.readCloseCode() == 1009)
        }

        @Test func `compresses for those who ask, and is not blown up`() throws {
            let node = try RunningNode("[websocket]\necho = true\ncompression_from = \"100B\"\n")
            let wish = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"
            let socket = try SocketClient(node.connect(), "/diagnostics/echo", [wish])
            #expect(
                socket.answer.field("sec-websocket-extensions")?.hasPrefix("permessage-deflate")
                    == true
            )
            let message = [UInt8](repeating: 120, count: 5_000)
            let codec = DeflateCodec()
            let packed = codec.compress(message.span, windowBits: 15) ?? []
            try socket.send(1, packed, isCompressed: true)
            let echo = try #require(try socket.read())
            #expect(echo.isCompressed && echo.payload.count < 200)
            let echoed = echo.payload
            guard case .whole(let bytes) = codec.expand(echoed.span, limit: 5_000) else {
                Issue.record("the echo can't be expanded")
                return
            }
            #expect(bytes == message)
            let before = node.child.residentKiB
            let bomb = [UInt8](repeating: 0, count: 8 << 20)
            let small = codec.compress(bomb.span, windowBits: 15) ?? []
            #expect(!small.isEmpty && small.count < 64 << 10)
            try socket.send(2, small, isCompressed: true)
            #expect(try socket.readCloseCode() == 1009)
            #expect(Child.isSanitized || node.child.residentKiB - before < 8 << 10)
        }

        @Test func `answers what is no handshake as HTTP`() throws {
            let node = try RunningNode()
            #expect([400, 426].contains(try node.get("/api/v4/websocket").status))
            #expect(try node.post("/api/v4/websocket").status == 405)
            #expect(try node.get("/diagnostics/echo").status == 404)
            let upgrade = SocketClient.upgrade.map { $0.replacing("13", with: "12") }
            let old = try node.get("/api/v4/websocket", upgrade)
            #expect(old.status == 426)
            #expect(old.field("sec-websocket-version") == "13")
        }

        @Test func `cuts off who never reads`() throws {
            let node = try RunningNode(
                "[websocket]\necho = true\nqueue_bytes = \"64KiB\"\nslow_grace = \"500ms\"\n"
            )
            let deaf = try Client(port: node.port, receiveBuffer: 4_096, patience: .seconds(2))
            let socket = try SocketClient(deaf, "/diagnostics/echo")
            let before = node.child.residentKiB
            let message = [UInt8](repeating: 97, count: 32_000)
            #expect(throws: (any Error).self) {
                for _ in 0..<4_000 { try socket.send(2, message) }
            }
            #expect(eventually { (try? node.figure("roost_http_connections")) == 0 })
            #expect(try node.get("/healthz").status == 200)
            #expect(Child.isSanitized || node.child.residentKiB - before < 16 << 10)
        }
    }
}
