import Basics
import IO
import Synchronization
import Testing
import Wire

extension `On loopback` {
    /// Connections that the server or time ends between two requests. Where the server's own side fails, the
    /// client has gone, and what it was told is judged there.
    @Suite struct `An HTTP client that keeps connections` {
        private static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"

        @Test(arguments: [false, true])
        func `lets one go that has rested long enough`(isSecure: Bool) async throws {
            let identity = try TestIdentity()
            let server = try ServerUnderTest { if isSecure { $0.tls = identity.server } }
            let ours = try ClientUnderTest(trusting: identity.client) {
                $0.idleTimeout = .seconds(1)
            }
            let url = "\(isSecure ? "https" : "http")://localhost:\(server.port)/hello"
            #expect(try await ours.get(url).status == .ok)
            let began = ContinuousClock.now
            #expect(try await ours.get(url).status == .ok)
            #expect(await ours.eventuallyHasNoConnection())
            #expect(ContinuousClock.now - began >= .milliseconds(999))
            #expect(await server.eventually { server.server.connectionCount == 0 })
            #expect(try await ours.get(url).status == .ok)
            await ours.client.close()
        }

        /// Each connection is closed after one answer, though it was said to be kept. The client is
        /// told, forgets it, and what may not be repeated is said on a new one.
        @Test(arguments: [false, true])
        func `forgets one that the server has closed`(isSecure: Bool) async throws {
            let identity = try TestIdentity()
            let server = try RawServer { descriptor, number in
                if isSecure {
                    guard let end = try? RawTLSEnd(descriptor, as: identity), end.readHead() else {
                        return
                    }
                    try? end.say(Self.answer + "\(number)")
                    try? end.sayGoodbye()
                } else if RawServer.readHead(descriptor) {
                    RawServer.say(descriptor, Self.answer + "\(number)")
                }
            }
            defer { server.stop() }
            let ours = try ClientUnderTest(trusting: identity.client)
            let url = "\(isSecure ? "https" : "http")://localhost:\(server.port)/"
            for number in 0..<3 {
                let answer = try await ours.client.send(OutgoingRequest(.post, HTTPLocation(url)))
                #expect(answer.body == [UInt8("\(number)".utf8.first ?? 0)])
                #expect(await ours.eventuallyHasNoConnection())
            }
            #expect(server.connections == 3)
        }

        /// The server closes while the client's loop is busy, so that the loop comes to the request
        /// before it comes to the news.
        @Test func `does not say to a closed one what may not be repeated`() async throws {
            let mayClose = Atomic<Bool>(false)
            let hasClosed = Atomic<Bool>(false)
            let server = try RawServer { descriptor, number in
                guard RawServer.readHead(descriptor) else { return }
                RawServer.say(descriptor, Self.answer + "\(number)")
                guard number == 0 else { return RawServer.waitForEnd(descriptor) }
                while !mayClose.load(ordering: .acquiring) { letOthersRun() }
                RawServer.hangUp(descriptor)
                hasClosed.store(true, ordering: .releasing)
            }
            defer { server.stop() }
            let ours = try ClientUnderTest()
            let url = "http://localhost:\(server.port)/"
            #expect(try await ours.get(url).body == [UInt8(ascii: "0")])
            let isBusy = Atomic<Bool>(false)
            ours.loop.execute {
                isBusy.store(true, ordering: .releasing)
                _ = Loop.blockBriefly()
            }
            while !isBusy.load(ordering: .acquiring) { letOthersRun() }
            ours.loop.execute {
                mayClose.store(true, ordering: .releasing)
                while !hasClosed.load(ordering: .acquiring) { letOthersRun() }
            }
            let answer = try await ours.client.send(OutgoingRequest(.post, HTTPLocation(url)))
            #expect(answer.body == [UInt8(ascii: "1")])
            await ours.client.close()
        }

        /// The second request on a connection finds it closed, under TLS with and without a goodbye.
        @Test(arguments: [false, true])
        func `tries once more under TLS what may be repeated`(saysGoodbye: Bool) async throws {
            let identity = try TestIdentity()
            let server = try RawServer { descriptor, number in
                guard let end = try? RawTLSEnd(descriptor, as: identity), end.readHead() else {
                    return
                }
                try? end.say(Self.answer + "\(number)")
                guard end.readHead() else { return }
                if saysGoodbye { try? end.sayGoodbye() }
            }
            defer { server.stop() }
            let ours = try ClientUnderTest(trusting: identity.client)
            let url = "https://localhost:\(server.port)/"
            #expect(try await ours.get(url).body == [UInt8(ascii: "0")])
            #expect(try await ours.get(url).body == [UInt8(ascii: "1")])
            let fault = try #require(try await ours.fault(url, .post))
            #expect("\(fault)".contains("the connection ended before the answer did"))
            #expect(server.connections == 2)
            await ours.client.close()
        }

        /// Without a length the end of the answer is that of the connection, which anybody between
        /// could bring about, were it not for the goodbye.
        @Test(arguments: [false, true])
        func `takes an answer for whole only after a goodbye`(saysGoodbye: Bool) async throws {
            let identity = try TestIdentity()
            let server = try RawServer { descriptor, _ in
                guard let end = try? RawTLSEnd(descriptor, as: identity), end.readHead() else {
                    return
                }
                try? end.say("HTTP/1.1 200 OK\r\n\r\nall of it?")
                if saysGoodbye { try? end.sayGoodbye() }
            }
            defer { server.stop() }
            let ours = try ClientUnderTest(trusting: identity.client)
            let url = "https://localhost:\(server.port)/"
            if saysGoodbye {
                #expect(try await ours.get(url).body == [UInt8]("all of it?".utf8))
            } else {
                let fault = try #require(try await ours.fault(url))
                #expect("\(fault)".contains("it was cut without a goodbye"))
            }
            #expect(await ours.eventuallyHasNoConnection())
        }

        @Test func `follows no redirect`() async throws {
            let asked = Atomic<Int>(0)
            let server = try RawServer { descriptor, _ in
                while RawServer.readHead(descriptor) {
                    asked.add(1, ordering: .relaxed)
                    RawServer.say(
                        descriptor,
                        "HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\n"
                            + "Content-Length: 0\r\n\r\n"
                    )
                }
            }
            defer { server.stop() }
            let ours = try ClientUnderTest()
            let answer = try await ours.get("http://localhost:\(server.port)/")
            #expect(answer.status == .temporaryRedirect)
            #expect(answer.head.fields.string("location") == "/elsewhere")
            #expect(asked.load(ordering: .relaxed) == 1)
            await ours.client.close()
        }
    }
}
