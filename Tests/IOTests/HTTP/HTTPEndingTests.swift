import Basics
import IO
import Testing
import Wire

extension `On loopback` {
    @Suite struct `The end of an HTTP connection` {
        @Test func `brings the answer to whoever has said all it will say`() throws {
            let server = try ServerUnderTest()
            for _ in 0..<20 {
                let client = try server.client()
                try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
                client.finish()
                let all = try client.readUntilEnd()
                #expect(all.hasSuffix("hello"))
                #expect(all.split(separator: "HTTP/1.1").count == 1)
            }
        }

        @Test func `brings a long answer whole to whoever has said all`() async throws {
            let server = try ServerUnderTest()
            let client = try server.client(receiveBuffer: 4_096)
            try client.send("GET /long HTTP/1.1\r\nHost: a\r\n\r\n")
            client.finish()
            await server.loops[0].sleep(for: .milliseconds(100))
            #expect(try client.readUntilEnd().utf8.count > 800_000)
        }

        @Test func `waits for what a going node has still to send`() async throws {
            let server = try ServerUnderTest()
            let client = try server.client(receiveBuffer: 4_096)
            try client.send("GET /long HTTP/1.1\r\nHost: a\r\n\r\n")
            await server.loops[0].sleep(for: .milliseconds(100))
            let drained = server.drain()
            await server.loops[0].sleep(for: .milliseconds(100))
            #expect(try client.readUntilEnd().utf8.count > 800_000)
            #expect(await drained.value == 0)
        }

        @Test(arguments: ["keep-alive", "close"])
        func `leaves a reader all the time it needs at the least pace`(
            connection: String
        ) async throws {
            let server = try ServerUnderTest {
                $0.bodyTimeout = .milliseconds(200)
                $0.keepAlive = .milliseconds(200)
                $0.lingering = .milliseconds(200)
            }
            let client = try server.client(receiveBuffer: 4_096)
            try client.send(
                "GET /long HTTP/1.1\r\nHost: a\r\nConnection: \(connection)\r\n\r\n"
            )
            let end = Loop.readClock() + .milliseconds(700)
            while Loop.readClock() < end {
                try client.readMore()
                await server.loops[0].sleep(for: .milliseconds(10))
            }
            #expect(try client.readUntilEnd().utf8.count > 800_000)
        }

        @Test func `cuts off a reader who takes nothing`() async throws {
            let server = try ServerUnderTest { $0.bodyTimeout = .milliseconds(100) }
            let client = try server.client(receiveBuffer: 4_096)
            try client.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(await server.eventually { server.server.connectionCount == 0 })
            #expect(await server.eventually { server.routes.running == 0 })
            try client.readMore()
        }

        @Test func `breaks off the answer when the request turns out to be broken`() async throws {
            let server = try ServerUnderTest()
            let client = try server.client(receiveBuffer: 4_096)
            try client.send(
                "POST /endless HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            try client.readMore()
            try client.send("z\r\n")
            let all = try client.readUntilEnd()
            #expect(all.split(separator: "HTTP/1.1 ").count == 1)
            #expect(await server.eventually { server.routes.running == 0 })
        }

        @Test func `comes when an answer is written before the content was read`() async throws {
            let server = try ServerUnderTest()
            let client = try server.client()
            try client.send(
                "POST /uninterested HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n"
            )
            try client.send([UInt8](repeating: 1, count: 300_000))
            #expect(try client.readUntilEnd().contains("never mind"))
            #expect(await server.eventually { server.server.connectionCount == 0 })
        }

        @Test func `comes at once when nobody is left to answer`() async throws {
            let server = try ServerUnderTest()
            do {
                let client = try server.client(receiveBuffer: 4_096)
                try client.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
                try client.readMore()
                #expect(await server.eventually { server.routes.running == 1 })
            }
            #expect(await server.eventually { server.routes.running == 0 })
            #expect(await server.eventually { server.server.connectionCount == 0 })
        }

        @Test func `does not come for HEAD where GET has no end`() throws {
            let server = try ServerUnderTest()
            let client = try server.client()
            try client.send("HEAD /endless HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse().head.contains("transfer-encoding: chunked"))
            try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse().body == "hello")
        }
    }

    @Suite struct `Content that waits to be invited` {
        @Test func `is refused without an invitation when it is too long`() throws {
            let server = try ServerUnderTest()
            let client = try server.client()
            try client.send(
                "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                    + "Content-Length: 100001\r\n\r\n"
            )
            #expect(try client.readUntilEnd().hasPrefix("HTTP/1.1 413 "))
        }

        @Test func `is not waited for when the answer is there without it`() throws {
            let server = try ServerUnderTest()
            let client = try server.client()
            try client.send(
                "POST /hello HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                    + "Content-Length: 10\r\n\r\n"
            )
            let all = try client.readUntilEnd()
            #expect(all.hasPrefix("HTTP/1.1 200 "))
            #expect(all.contains("connection: close"))
        }
    }

    @Suite struct `Content in many tiny pieces` {
        @Test func `is read as one with larger ones`() throws {
            let server = try ServerUnderTest()
            let client = try server.client()
            try client.send(
                "POST /count-late HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            try client.send((0..<60_000).flatMap { _ in [UInt8]("1\r\nx\r\n".utf8) })
            try client.send("0\r\n\r\n")
            let answer = try client.readResponse().body.split(separator: " ")
            #expect(answer.first == "60000")
            #expect((Int(answer.last ?? "") ?? .max) < 1_000)
        }
    }
}
