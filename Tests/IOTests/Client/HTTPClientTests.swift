import Basics
import Crypto
import IO
import Testing
import Wire

/// A client on a loop of its own.
final class ClientUnderTest: Sendable {
    let loop: Loop
    let client: HTTPClient

    init(
        trusting tls: TLSContext? = nil,
        rules change: (inout HTTPClientRules) -> Void = { _ in },
        lookUp: @escaping NameResolver.LookUp = { _ in [.loopback] }
    ) throws {
        var rules = HTTPClientRules()
        change(&rules)
        loop = try Loop()
        client = HTTPClient(
            loop: loop,
            resolver: try NameResolver(threads: 1, lookUp: lookUp),
            tls: try tls ?? .client(trust: .only(pem: TestIdentity().certificatePEM)),
            rules: rules
        )
    }

    deinit {
        loop.stop()
    }

    func get(_ url: String) async throws -> IncomingResponse {
        try await client.send(OutgoingRequest(.get, HTTPLocation(url)))
    }

    /// Why getting it fails; nil if it does not.
    func fault(_ url: String, _ method: HTTPMethod = .get) async throws -> HTTPClientFault? {
        let location = try HTTPLocation(url)
        do throws(HTTPClientFault) {
            _ = try await client.send(OutgoingRequest(method, location))
            return nil
        } catch {
            return error
        }
    }

    func eventuallyHasNoConnection() async -> Bool {
        for _ in 0..<2_000 {
            if await client.connectionCount == 0, await client.waitingCount == 0 { return true }
            await loop.sleep(for: .milliseconds(5))
        }
        return false
    }
}

extension `On loopback` {
    @Suite struct `An HTTP client` {
        /// The names of the fault's cases, which its description does not tell.
        private static func kind(_ fault: HTTPClientFault?) -> String {
            var text = ""
            dump(fault, to: &text)
            return text
        }

        @Test func `asks and is answered over a connection that it keeps`() async throws {
            let server = try ServerUnderTest()
            let ours = try ClientUnderTest { $0.connectionsPerOrigin = 4 }
            let url = "http://localhost:\(server.port)/hello"
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        for _ in 0..<50 {
                            let answer = try await ours.get(url)
                            #expect(answer.status == .ok)
                            #expect(answer.body == [UInt8]("hello".utf8))
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(server.server.connectionCount <= 4)
            #expect(await ours.client.connectionCount <= 4)
            await ours.client.close()
            #expect(await server.eventually { server.server.connectionCount == 0 })
        }

        @Test func `sends content and hears chunks, heads and refusals`() async throws {
            let server = try ServerUnderTest()
            let ours = try ClientUnderTest { $0.limits.bodyBytes = 2_000_000 }
            let base = "http://127.0.0.1:\(server.port)"
            let body = [UInt8](repeating: 7, count: 99_999)
            let echo = try await ours.client.send(
                OutgoingRequest(.post, HTTPLocation(base + "/echo"), body: body)
            )
            #expect(echo.body == body)
            #expect(try await ours.get(base + "/stream").body.count == 1_000_000)
            let head = try await ours.client.send(
                OutgoingRequest(.head, HTTPLocation(base + "/long"))
            )
            #expect(head.status == .ok && head.body.isEmpty)
            #expect(try await ours.get(base + "/nowhere").status == .notFound)
            await ours.client.close()
        }

        @Test func `gives each kind of silence its own fault`() async throws {
            let mute = try RawServer { descriptor, _ in RawServer.waitForEnd(descriptor) }
            defer { mute.stop() }
            let ours = try ClientUnderTest(
                rules: {
                    $0.resolveTimeout = .milliseconds(50)
                    $0.handshakeTimeout = .milliseconds(60)
                    $0.exchangeTimeout = .milliseconds(200)
                },
                lookUp: { name in
                    if name == "slow" { _ = Loop.blockBriefly() }
                    return [.loopback]
                }
            )
            let plain = "http://a:\(mute.port)"
            #expect(
                try await ours.fault(plain)
                    == .exchangeTimedOut(origin: plain, after: .milliseconds(200))
            )
            let secure = "https://a:\(mute.port)"
            #expect(
                try await ours.fault(secure)
                    == .handshakeTimedOut(origin: secure, after: .milliseconds(60))
            )
            #expect(
                try await ours.fault("http://slow")
                    == .resolveTimedOut(origin: "http://slow", after: .milliseconds(50))
            )
            #expect(await ours.eventuallyHasNoConnection())
        }

        @Test(arguments: [
            ("SSH-2.0-OpenSSH\r\n", "malformed"), ("HTTP/1.1 200 OK\r\nContent-Le", "cutOff"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "cutOff"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n", "bodyTooLarge"),
            ("HTTP/1.1 200 OK\r\na: " + String(repeating: "a", count: 20_000), "headTooLarge"),
            ("", "cutOff"),
        ])
        func `believes no server that misbehaves`(says: String, kind: String) async throws {
            let server = try RawServer { descriptor, _ in
                if RawServer.readHead(descriptor) { RawServer.say(descriptor, says) }
            }
            defer { server.stop() }
            let ours = try ClientUnderTest()
            let fault = try await ours.fault("http://a:\(server.port)/")
            #expect(Self.kind(fault).contains(kind))
            #expect(await ours.eventuallyHasNoConnection())
            #expect(server.connections == 1)
        }

        @Test func `ends a drip that takes longer than allowed`() async throws {
            let server = try RawServer { descriptor, _ in
                guard RawServer.readHead(descriptor) else { return }
                RawServer.say(descriptor, "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
                while RawServer.say(descriptor, "a") { _ = Loop.blockBriefly() }
            }
            defer { server.stop() }
            let ours = try ClientUnderTest { $0.exchangeTimeout = .milliseconds(400) }
            let origin = "http://a:\(server.port)"
            #expect(
                try await ours.fault(origin)
                    == .exchangeTimedOut(origin: origin, after: .milliseconds(400))
            )
        }

        /// The second request on a connection finds it closed. What may be repeated is.
        @Test func `tries once more when a kept connection was closed`() async throws {
            let server = try RawServer { descriptor, number in
                guard RawServer.readHead(descriptor) else { return }
                RawServer.say(descriptor, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(number)")
                _ = RawServer.readHead(descriptor)
            }
            defer { server.stop() }
            let ours = try ClientUnderTest()
            let url = "http://a:\(server.port)/"
            #expect(try await ours.get(url).body == [UInt8(ascii: "0")])
            #expect(try await ours.get(url).body == [UInt8(ascii: "1")])
            let fault = try await ours.fault(url, .post)
            #expect(Self.kind(fault).contains("cutOff"))
            #expect(server.connections == 2)
            await ours.client.close()
        }

        @Test func `verifies whom it speaks to`() async throws {
            let identity = try TestIdentity()
            let server = try ServerUnderTest { $0.tls = identity.server }
            let ours = try ClientUnderTest(trusting: identity.client)
            let answer = try await ours.get("https://localhost:\(server.port)/whoami")
            #expect(String(decoding: answer.body, as: UTF8.self).hasSuffix("true"))
            let other = try await ours.fault("https://other:\(server.port)/hello")
            #expect(Self.kind(other).contains("wrongName"))
            let wary = try ClientUnderTest()
            let stranger = try await wary.fault("https://localhost:\(server.port)/hello")
            #expect(Self.kind(stranger).contains("untrusted"))
            #expect(await wary.eventuallyHasNoConnection())
            await ours.client.close()
        }

        @Test func `bounds connections and those who wait for them`() async throws {
            let server = try RawServer { descriptor, _ in RawServer.waitForEnd(descriptor) }
            defer { server.stop() }
            let ours = try ClientUnderTest {
                $0.connectionsPerOrigin = 2
                $0.waiting = 3
            }
            let url = "http://a:\(server.port)"
            let tasks = (0..<5).map { _ in Task { try await ours.fault(url) } }
            while await ours.client.waitingCount < 3 {
                await ours.loop.sleep(for: .milliseconds(1))
            }
            #expect(await ours.client.connectionCount == 2)
            #expect(try await ours.fault(url) == .tooManyWaiting(origin: url, limit: 3))
            for task in tasks { task.cancel() }
            for task in tasks { #expect(try await task.value == .cancelled) }
            #expect(await ours.eventuallyHasNoConnection())
        }

        @Test func `says when nobody listens, after trying every address`() async throws {
            let server = try ServerUnderTest()
            let ours = try ClientUnderTest(lookUp: { _ in [.loopbackV6, .loopback] })
            #expect(try await ours.get("http://a:\(server.port)/hello").status == .ok)
            let fault = try await ours.fault("http://a:1/")
            #expect(Self.kind(fault).contains("unreachable"))
            await ours.client.close()
        }
    }
}

extension Loop {
    /// Holds up the calling thread for a fifth of a second, as a silent name server does.
    static func blockBriefly() -> Instant {
        let end = readClock() + .milliseconds(200)
        while readClock() < end {}
        return end
    }
}
