import Basics
import Glibc
import IO
import Synchronization
import Testing
import Wire

extension `On loopback` {
    @Suite struct `An HTTP server` {
        @Test func `answers request after request on one connection`() throws {
            let server = try ServerUnderTest()
            let client = try server.client()
            for _ in 0..<3 {
                try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
                let response = try client.readResponse()
                #expect(response.head.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(response.body == "hello")
            }
        }

        @Test func `answers pipelined requests in order`() throws {
            let server = try ServerUnderTest()
            let client = try server.client()
            try client.send(
                "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
                    + "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            )
            #expect(try client.readResponse().body == "at last")
            #expect(try client.readResponse().body == "abc")
            let last = try client.readResponse()
            #expect(last.body == "hello")
            #expect(last.head.lowercased().contains("connection: close"))
            #expect(try client.readUntilEnd().isEmpty)
        }

        @Test func `runs what is answered later on the connection's loop`() throws {
            let server = try ServerUnderTest()
            let client = try server.client()
            try client.send("GET /where HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse().body == "true true")
        }

        /// A continuation resumes on the pool unless its task prefers another executor.
        @Test func `answers while every thread of the shared pool is busy`() throws {
            let server = try ServerUnderTest()
            let client = try server.client()
            let mayEnd = Flag()
            defer { mayEnd.isSet.store(true, ordering: .relaxed) }
            for _ in 0..<64 {
                Task.detached { while !mayEnd.isSet.load(ordering: .relaxed) { usleep(1_000) } }
            }
            try client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse().body == "at last")
        }

        @Test func `answers HEAD as GET, without the body`() throws {
            let server = try ServerUnderTest()
            let client = try server.client()
            try client.send("HEAD /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let all = try client.readUntilEnd()
            #expect(all.lowercased().contains("content-length: 5\r\n"))
            #expect(all.hasSuffix("\r\n\r\n"))
        }

        @Test func `gathers a chunked body`() throws {
            let server = try ServerUnderTest()
            let client = try server.client()
            try client.send(
                "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab"
            )
            try client.send("c\r\n2\r\nde\r\n0\r\n\r\n")
            #expect(try client.readResponse().body == "abcde")
        }

        @Test func `refuses a body over the route's limit and says so`() throws {
            let server = try ServerUnderTest()
            let client = try server.client()
            try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100001\r\n\r\n")
            #expect(try client.readUntilEnd().hasPrefix("HTTP/1.1 413 "))
            let other = try server.client()
            try other.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
            try other.send([UInt8](repeating: 0x61, count: 100_000))
            #expect(try other.readResponse().body.utf8.count == 100_000)
        }

        @Test func `invites a body that waits to be invited`() throws {
            let server = try ServerUnderTest()
            let client = try server.client()
            try client.send(
                "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
            )
            #expect(try client.readResponse().head == "HTTP/1.1 100 Continue")
            try client.send("ok")
            #expect(try client.readResponse().body == "ok")
        }

        @Test func `sends a response bit by bit`() throws {
            let server = try ServerUnderTest()
            let client = try server.client()
            try client.send("GET /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            while try client.readMore() {}
            #expect(client.received.count > 1_000_000)
            #expect(client.received.suffix(7) == [UInt8]("\r\n0\r\n\r\n".utf8)[...])
            #expect(client.text.lowercased().contains("transfer-encoding: chunked"))
        }

        @Test func `holds a writer back when the client does not read`() async throws {
            let server = try ServerUnderTest()
            let client = try server.client(receiveBuffer: 4_096)
            try client.send("GET /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            await server.loops[0].sleep(for: .milliseconds(200))
            while try client.readMore() {}
            #expect(client.received.count > 1_000_000)
        }

        @Test func `cuts the connection when a response falls short of its length`() throws {
            let server = try ServerUnderTest()
            let client = try server.client()
            try client.send("GET /short HTTP/1.1\r\nHost: a\r\n\r\n")
            while try client.readMore() {}
            #expect(!client.text.contains("200 OK") || client.text.hasSuffix("\u{1}\u{2}\u{3}"))
        }

        /// All of it has come by the time the reader begins, and no byte more will wake the connection.
        @Test func `tells a late reader where the body ends`() throws {
            let server = try ServerUnderTest()
            let client = try server.client()
            try client.send(
                "POST /count-later HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n"
            )
            try client.send([UInt8](repeating: 7, count: 70_000))
            #expect(try client.readResponse().body == "70000")
        }

        @Test func `reads a body at the pace of its reader`() throws {
            let server = try ServerUnderTest()
            let client = try server.client()
            try client.send("POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n")
            try client.send([UInt8](repeating: 7, count: 5_000_000))
            #expect(try client.readResponse().body == "5000000")
        }

        @Test func `closes a connection that is too slow with its head`() throws {
            let server = try ServerUnderTest { $0.headTimeout = .milliseconds(100) }
            let client = try server.client()
            try client.send("GET /hello HTTP/1.1\r\nHos")
            #expect(try client.readUntilEnd().hasPrefix("HTTP/1.1 408 "))
            #expect(server.metrics.contains("rule=\"slow_head\"} 1"))
        }

        @Test func `closes a connection that drips its body`() throws {
            let server = try ServerUnderTest { $0.bodyTimeout = .milliseconds(100) }
            let client = try server.client()
            try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
            #expect(try client.readUntilEnd().hasPrefix("HTTP/1.1 408 "))
        }

        @Test func `closes an idle connection without a word`() throws {
            let server = try ServerUnderTest { $0.keepAlive = .milliseconds(100) }
            let client = try server.client()
            try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse().body == "hello")
            #expect(try client.readUntilEnd().isEmpty)
        }

        @Test func `refuses what could be read in two ways, and counts it`() throws {
            let server = try ServerUnderTest()
            let client = try server.client()
            try client.send(
                "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /hello HTTP/1.1\r\n\r\n"
            )
            let all = try client.readUntilEnd()
            #expect(all.hasPrefix("HTTP/1.1 400 "))
            #expect(!all.contains("hello"))
            #expect(server.metrics.contains("roost_http_smuggling_total 1"))
        }

        @Test func `lets nobody take more than their share of connections`() async throws {
            let server = try ServerUnderTest(connectionLimitPerAddress: 2)
            let held = [try server.client(), try server.client()]
            #expect(await server.eventually { server.server.connectionCount == 2 })
            let refused = try server.client()
            #expect(try refused.readUntilEnd().isEmpty)
            #expect(server.metrics.contains("reason=\"address_full\"} 1"))
            let neighbour = try RawClient(port: server.port, from: "127.0.0.2")
            try neighbour.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try neighbour.readResponse().body == "hello")
            for client in held {
                try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try client.readResponse().body == "hello")
            }
        }

        @Test func `forgets connections that have gone`() async throws {
            let server = try ServerUnderTest()
            for _ in 0..<50 {
                let client = try server.client()
                try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try client.readResponse()
            }
            #expect(await server.eventually { server.server.connectionCount == 0 })
        }

        @Test func `finishes what is in flight before it goes`() async throws {
            let server = try ServerUnderTest()
            let busy = try server.client()
            let idle = try server.client()
            try busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            try idle.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try idle.readResponse()
            await server.loops[0].sleep(for: .milliseconds(50))
            #expect(await server.server.drain(within: .seconds(5)) == 0)
            #expect(try busy.readResponse().body == "at last")
            #expect(try idle.readUntilEnd().isEmpty)
            #expect(throws: RawClient.Fault.self) { try server.client() }
        }

        @Test func `survives a client that goes away in the middle of a response`() async throws {
            let server = try ServerUnderTest()
            for _ in 0..<20 {
                let client = try server.client(receiveBuffer: 4_096)
                try client.send(
                    "GET /long HTTP/1.1\r\nHost: a\r\n\r\nGET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
                )
                try client.readMore()
            }
            #expect(await server.eventually { server.server.connectionCount == 0 })
            let client = try server.client()
            try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse().body == "hello")
        }
    }
}

private final class Flag: Sendable {
    let isSet = Atomic<Bool>(false)
}
