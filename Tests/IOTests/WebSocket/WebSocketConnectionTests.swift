import Basics
import IO
import Testing
import Wire

extension `On loopback` {
    @Suite struct `A websocket` {
        @Test func `says back what it is told`() throws {
            let server = try ServerUnderTest()
            let client = try server.client()
            let head = try client.upgrade(
                "/socket?back",
                fields: "Sec-WebSocket-Protocol: x, chat\r\n"
            )
            #expect(head.hasPrefix("HTTP/1.1 101 "))
            #expect(head.contains("sec-websocket-accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI="))
            #expect(head.contains("sec-websocket-protocol: chat"))
            try client.sendText("hello")
            #expect(try client.readFrame() == .init(opcode: 1, payload: [UInt8]("hello".utf8)))
            try client.sendFrame(2, [1, 2, 3])
            #expect(try client.readFrame() == .init(opcode: 2, payload: [1, 2, 3]))
            try client.sendFrame(9, [7])
            #expect(try client.readFrame() == .init(opcode: 10, payload: [7]))
        }

        @Test func `takes what came right behind the handshake`() throws {
            let server = try ServerUnderTest()
            let client = try server.client()
            try client.send(
                [UInt8](
                    ("GET /socket?behind HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                        + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n").utf8
                ) + [0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]
            )
            _ = try client.readResponse()
            #expect(try client.readFrame()?.text == "hi")
        }

        @Test func `answers a goodbye and lets the client close`() async throws {
            let server = try ServerUnderTest()
            let client = try server.client()
            try client.upgrade("/socket?bye")
            try client.sendFrame(8, [0x03, 0xE8] + [UInt8]("enough".utf8))
            #expect(try client.readFrame()?.closeCode == 1_000)
            #expect(try client.readFrame() == nil)
            #expect(
                await server.eventually { Echo.shared.ending(asking: "bye")?.reason == "enough" }
            )
            #expect(await server.eventually { server.server.connectionCount == 0 })
        }

        @Test func `tells a peer that breaks the rules which`() async throws {
            let server = try ServerUnderTest()
            let client = try server.client()
            try client.upgrade("/socket?unmasked")
            try client.send([0x81, 0x01, 0x61])
            let frame = try client.readFrame()
            #expect(frame?.opcode == 8)
            #expect(frame?.closeCode == 1_002)
            #expect(
                await server.eventually { Echo.shared.ending(asking: "unmasked")?.code == 1_002 }
            )
        }

        @Test func `pings a peer that is silent, and gives up on one that is dead`() async throws {
            let server = try ServerUnderTest {
                $0.webSocket.pingInterval = .milliseconds(50)
                $0.webSocket.idleTimeout = .milliseconds(220)
            }
            let client = try server.client()
            try client.upgrade("/socket?silent")
            #expect(try client.readFrame()?.opcode == 9)
            try client.sendFrame(10, [])
            #expect(try client.readFrame()?.opcode == 9)
            while let frame = try client.readFrame() { #expect(frame.opcode == 9) }
            #expect(Echo.shared.ending(asking: "silent")?.code == 1_006)
        }

        @Test func `sends one message to many, also from another thread`() async throws {
            let server = try ServerUnderTest()
            let clients = try (0..<20).map { _ in try server.client() }
            for client in clients { try client.upgrade("/socket?many") }
            #expect(await server.eventually { Echo.shared.sockets(asking: "many").count == 20 })
            let text = [UInt8](String(repeating: "again ", count: 1_000).utf8)
            let message = WebSocketMessage(text: text.span)
            WebSocketConnection.send(message, to: Echo.shared.sockets(asking: "many"))
            for client in clients { #expect(try client.readFrame()?.payload == text) }
        }

        @Test func `holds back what it may until it is told to send it, or something else goes`()
            async throws
        {
            let server = try ServerUnderTest()
            let client = try server.client()
            try client.upgrade("/socket?held")
            #expect(await server.eventually { Echo.shared.sockets(asking: "held").count == 1 })
            let socket = try #require(Echo.shared.sockets(asking: "held").first)
            func hold(_ text: String) {
                socket.send(text: Array(text.utf8), then: Array("!".utf8), isHeldBack: true)
            }
            hold("a")
            await withCheckedContinuation { done in socket.loop.execute { done.resume() } }
            // What it says back is written with everything before it.
            try client.sendText("b")
            #expect(try client.readFrame()?.text == "a!")
            #expect(try client.readFrame()?.text == "b")
            hold("c")
            hold("d")
            socket.flush()
            #expect(try client.readFrame()?.text == "c!")
            #expect(try client.readFrame()?.text == "d!")
        }

        @Test func `has a receipt once the peer has answered the last ping that asks for one`()
            async throws
        {
            let server = try ServerUnderTest()
            let client = try server.client()
            try client.upgrade("/socket?receipt")
            #expect(await server.eventually { Echo.shared.sockets(asking: "receipt").count == 1 })
            let socket = try #require(Echo.shared.sockets(asking: "receipt").first)
            socket.send(text: Array("a".utf8))
            socket.askReceipt(3)
            socket.askReceipt(70_000)
            #expect(try client.readFrame()?.text == "a")
            let first = try #require(try client.readFrame())
            let second = try #require(try client.readFrame())
            #expect(first.opcode == 9 && second.opcode == 9)
            // One that nobody asked for, and one that is no longer asked for.
            try client.sendFrame(10, [0, 0, 0, 0, 0, 0, 0, 9])
            try client.sendFrame(10, first.payload)
            try client.sendText("b")
            #expect(try client.readFrame()?.text == "b")
            #expect(Echo.shared.receipts(asking: "receipt") == [])
            try client.sendFrame(10, second.payload)
            try client.sendFrame(10, second.payload)
            try client.sendText("c")
            #expect(try client.readFrame()?.text == "c")
            #expect(Echo.shared.receipts(asking: "receipt") == [70_000])
        }

        @Test func `tells a reader who is too slow, and cuts it, while others go on`() async throws
        {
            let server = try ServerUnderTest {
                $0.webSocket.slowGrace = .milliseconds(100)
                $0.webSocket.closingTimeout = .seconds(20)
                $0.webSocket.queueBytes = 100_000
                $0.webSocket.closingTimeout = .seconds(2)
            }
            let slow = try server.client(receiveBuffer: 4_096)
            let quick = try server.client()
            try slow.upgrade("/socket?slow")
            try quick.upgrade("/socket?quick")
            for name in ["slow", "quick"] {
                #expect(await server.eventually { Echo.shared.sockets(asking: name).count == 1 })
            }
            let text = [UInt8](repeating: 0x61, count: 50_000)
            let message = WebSocketMessage(text: text.span)
            let sockets = Echo.shared.sockets(asking: "slow") + Echo.shared.sockets(asking: "quick")
            for _ in 0..<200 {
                WebSocketConnection.send(message, to: sockets)
                #expect(try quick.readFrame()?.payload == text)
            }
            #expect(await server.eventually { Echo.shared.ending(asking: "slow")?.code == 4_408 })
            var last: RawClient.Frame?
            while let frame = try slow.readFrame() { last = frame }
            #expect(last?.opcode == 8)
            #expect(last?.closeCode == 4_408)
            #expect(server.metrics.contains("reason=\"too_slow\"} 1"))
        }

        @Test func `is told to connect again when the node goes`() async throws {
            let server = try ServerUnderTest()
            let client = try server.client()
            try client.upgrade("/socket?drained")
            let drained = server.drain()
            #expect(try client.readFrame()?.closeCode == 1_012)
            try client.sendFrame(8, [0x03, 0xF4])
            #expect(try client.readFrame() == nil)
            #expect(await drained.value == 0)
        }

        @Test func `tells its listener of the end once, however soon it comes`() async throws {
            let query = "closed-at-once"
            let server = try ServerUnderTest()
            let client = try server.client()
            try client.upgrade("/socket?\(query)")
            #expect(try client.readFrame()?.closeCode == 1_013)
            #expect(await server.eventually { Echo.shared.endings(asking: query).count == 1 })
            #expect(await server.eventually { server.server.connectionCount == 0 })
            #expect(Echo.shared.endings(asking: query).count == 1)
            #expect(Echo.shared.sockets(asking: query).isEmpty)
        }

        @Test func `is refused to requests that ask wrongly, in words`() throws {
            let server = try ServerUnderTest()
            let client = try server.client()
            try client.send("GET /socket HTTP/1.1\r\nHost: a\r\n\r\n")
            let response = try client.readResponse()
            #expect(response.head.hasPrefix("HTTP/1.1 426 "))
            #expect(response.head.contains("sec-websocket-version: 13"))
            #expect(response.body.contains("send"))
        }

        @Test(
            arguments: [
                ("/socket", "Sec-WebSocket-Version: 7\r\n", "426"),
                ("/socket", "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: A\r\n", "400"),
                ("/socket", "Transfer-Encoding: chunked\r\n\r\n0\r\n", "426"),
                ("/whoami", "Transfer-Encoding: chunked\r\n\r\n0\r\n", "200"),
                ("/hello", "", "200"), ("/echo", "", "200"), ("/nowhere", "", "404"),
            ]
        )
        func `is not taken for requests where it was refused`(
            path: String,
            fields: String,
            status: String
        ) throws {
            let server = try ServerUnderTest()
            let client = try server.client()
            try client.send(
                "GET \(path) HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "\(fields)\r\nGET /whoami HTTP/1.1\r\nHost: a\r\n\r\n"
            )
            let said = try client.readUntilEnd()
            #expect(said.hasPrefix("HTTP/1.1 \(status) "))
            #expect(said.contains("connection: close"))
            #expect(said.split(separator: "HTTP/1.1 ").count == 1, "more than one answer")
        }
    }
}
