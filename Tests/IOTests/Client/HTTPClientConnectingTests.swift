import Basics
import IO
import Testing
import Wire

extension `On loopback` {
    /// Whom it believes, and which address it tries.
    @Suite struct `An HTTP client that connects` {
        @Test(arguments: [(-48, -24, "it expired on "), (24, 48, "it is not valid before ")])
        func `believes no certificate out of its time`(
            from first: Int64,
            to last: Int64,
            word: String
        ) async throws {
            let identity = try TestIdentity(from: first, to: last)
            let server = try ServerUnderTest { $0.tls = identity.server }
            let ours = try ClientUnderTest(trusting: identity.client)
            let origin = "https://localhost:\(server.port)"
            let fault = try #require(try await ours.fault("\(origin)/hello"))
            #expect("\(fault)".hasPrefix("\(origin): the peer's certificate is not believed"))
            #expect("\(fault)".contains(word))
            #expect("\(fault)".contains("this machine's clock"))
            #expect(await ours.eventuallyHasNoConnection())
            #expect(server.metrics.contains("roost_tls_failures_total{"))
        }

        @Test func `believes no certificate of another name or address`() async throws {
            let identity = try TestIdentity(names: ["hooks.example", "127.0.0.9"])
            let server = try ServerUnderTest { $0.tls = identity.server }
            let ours = try ClientUnderTest(trusting: identity.client)
            for host in ["127.0.0.1", "localhost", "evil.hooks.example"] {
                let fault = try #require(try await ours.fault("https://\(host):\(server.port)/"))
                #expect("\(fault)".contains("is not for \(host) but for hooks.example, 127.0.0.9"))
            }
            let known = try await ours.get("https://hooks.example:\(server.port)/hello")
            #expect(known.status == .ok)
            await ours.client.close()
        }

        @Test func `goes on to the next address when one is silent, or refuses`() async throws {
            let server = try ServerUnderTest()
            let hole = try BlackHole("127.0.0.2", port: server.port)
            defer { withExtendedLifetime(hole) {} }
            let addresses = try ["127.0.0.2", "127.0.0.3", "127.0.0.1"].map { try IPAddress($0) }
            let ours = try ClientUnderTest(
                rules: { $0.connectTimeout = .seconds(6) },
                lookUp: { _ in addresses }
            )
            let began = ContinuousClock.now
            #expect(try await ours.get("http://a:\(server.port)/hello").status == .ok)
            // A third of the time for the one that is silent, none for the one that refuses.
            let took = ContinuousClock.now - began
            #expect(took >= .milliseconds(1_950) && took < .milliseconds(5_900), "it took \(took)")
            await ours.client.close()
        }

        @Test func `gives up in time, however many addresses are silent`() async throws {
            let server = try ServerUnderTest()
            let names = (2..<18).map { "127.0.0.\($0)" }
            let holes = try names.map { try BlackHole($0, port: server.port) }
            defer { withExtendedLifetime(holes) {} }
            let addresses = try names.map { try IPAddress($0) }
            let ours = try ClientUnderTest(
                rules: { $0.connectTimeout = .milliseconds(400) },
                lookUp: { _ in addresses }
            )
            let origin = "http://a:\(server.port)"
            let began = ContinuousClock.now
            #expect(
                try await ours.fault(origin)
                    == .connectTimedOut(origin: origin, after: .milliseconds(400))
            )
            let took = ContinuousClock.now - began
            #expect(took >= .milliseconds(390) && took < .seconds(2), "it took \(took)")
            #expect(await ours.eventuallyHasNoConnection())
            #expect(server.server.connectionCount == 0)
        }
    }
}
