import Glibc
import Testing

extension `A node` {
    @Suite struct `told to stop` {
        @Test(arguments: [SIGTERM, SIGINT])
        func `goes at once if nobody is there`(signal: Int32) throws {
            let node = try RunningNode()
            let began = ContinuousClock.now
            node.child.signal(signal)
            #expect(try node.child.waitUntilEnd() == 0, "\(node.child.complaints)")
            #expect(ContinuousClock.now - began < .seconds(2))
            #expect(node.log.contains(#""message":"ended","connections_cut":0"#))
        }

        @Test func `takes nobody new, finishes what is in flight, and sends sockets elsewhere`()
            throws
        {
            let node = try RunningNode("[http]\nshutdown_grace = \"15s\"\n")
            let login = try node.logIn()
            let socket = try SocketClient(node.connect(), fields: login.bearer)
            #expect(try socket.readText()?.contains("hello") == true)
            let slow = try node.connect()
            let body = #"{"login_id":"slow"}"#
            try slow.send(
                Client.head("POST", "/api/v4/users/login", ["Content-Length: \(body.utf8.count)"])
                    + body.prefix(5)
            )
            let idle = try node.connect()
            #expect(try idle.get("/readyz").status == 200)
            let watcher = try Client(port: node.metricsPort)
            #expect(try watcher.get("/readyz").status == 200)
            node.child.signal(SIGTERM)
            #expect(try socket.readCloseCode() == 1012)
            try socket.send(8, [3, 244])
            #expect(
                try eventually { try Client(port: node.metricsPort).get("/readyz").status == 503 }
            )
            #expect(try Client(port: node.metricsPort).get("/healthz").status == 200)
            #expect(throws: (any Error).self) { try node.connect().get("/healthz") }
            #expect(try idle.readUntilEnd() == "")
            try slow.send(String(body.dropFirst(5)))
            let answer = try slow.readResponse()
            #expect(answer.status == 200)
            #expect(answer.field("connection") == "close")
            #expect(try node.child.waitUntilEnd(.seconds(10)) == 0, "\(node.child.complaints)")
            #expect(node.log.contains(#""message":"draining""#))
        }

        @Test func `cuts off those who take longer than the grace`() throws {
            let node = try RunningNode("[http]\nshutdown_grace = \"500ms\"\n")
            let slow = try node.connect()
            try slow.send(Client.head("POST", "/api/v4/users/login", ["Content-Length: 9"]))
            #expect(eventually { (try? node.figure("roost_http_connections")) == 1 })
            let began = ContinuousClock.now
            node.child.signal(SIGTERM)
            #expect(try node.child.waitUntilEnd() == 0, "\(node.child.complaints)")
            let took = ContinuousClock.now - began
            #expect(took > .milliseconds(400) && took < .seconds(5), "\(took)")
            #expect(node.log.contains(#""connections_cut":1"#))
        }

        @Test func `ends at once when it is told twice`() throws {
            let node = try RunningNode()
            let slow = try node.connect()
            try slow.send(Client.head("POST", "/api/v4/users/login", ["Content-Length: 9"]))
            #expect(eventually { (try? node.figure("roost_http_connections")) == 1 })
            node.child.signal(SIGTERM)
            #expect(node.logs("draining"))
            node.child.signal(SIGTERM)
            #expect(try node.child.waitUntilEnd(.seconds(3)) == 1)
            #expect(node.log.contains("told twice"))
        }
    }
}
