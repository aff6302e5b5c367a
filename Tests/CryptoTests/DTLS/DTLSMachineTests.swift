import Basics
import Crypto
import Testing

@Suite struct `A DTLS session` {
    @Test(arguments: DTLSContext.Profile.allCases)
    func `gives both ends the same keys`(profile: DTLSContext.Profile) throws {
        var pair = try DTLSPair.honest(server: DTLSRoom.context([profile]))
        pair.connect()
        #expect(pair.eventsOfClient == pair.eventsOfServer)
        guard case .established(let number, let keys) = pair.eventsOfClient.first else {
            Issue.record("\(pair.eventsOfClient)")
            return
        }
        #expect(number == profile.rawValue)
        let sizes: [DTLSContext.Profile: Int] = [
            .aes128CMHMACSHA1_80: 60, .aeadAES128GCM: 56, .aeadAES256GCM: 88,
        ]
        #expect(keys.count == sizes[profile])
        #expect(Set(keys).count > 20, "keys look random")
    }

    @Test func `takes the server's first profile that the client has`() throws {
        var pair = try DTLSPair.honest(
            client: DTLSRoom.context([.aes128CMHMACSHA1_80, .aeadAES256GCM, .aeadAES128GCM])
        )
        pair.connect()
        #expect(pair.profiles == [7, 7])
    }

    @Test func `without a common profile carries messages only`() throws {
        var pair = try DTLSPair.honest(client: DTLSRoom.context([]))
        pair.connect()
        let expected = DTLSMachine.Event.established(profile: 0, keyMaterial: [])
        #expect(pair.eventsOfServer == [expected])
        #expect(pair.eventsOfClient == [expected])
    }

    @Test func `makes new keys each time`() throws {
        var first = try DTLSPair.honest()
        var second = try DTLSPair.honest()
        first.connect()
        second.connect()
        #expect(first.eventsOfServer.count == 1)
        #expect(first.eventsOfServer != second.eventsOfServer)
    }

    @Test func `carries messages both ways, each as it was`() throws {
        var pair = try DTLSPair.honest()
        pair.connect()
        let messages = [1, 100, 1_200, DTLSMachine.largestMessage].map {
            [UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: $0)
        }
        for message in messages {
            let isSent = pair.client.send(message.span) && pair.server.send(message.span)
            #expect(isSent)
        }
        pair.run()
        #expect(pair.messages(pair.eventsOfServer) == messages)
        #expect(pair.messages(pair.eventsOfClient) == messages)
        #expect(pair.sentByServer.allSatisfy { $0.count <= 1_450 })
    }

    @Test func `refuses to send what it can't carry`() throws {
        var pair = try DTLSPair.honest()
        let early = pair.client.send([1].span)
        #expect(!early)
        pair.connect()
        let large = [UInt8](repeating: 0, count: DTLSMachine.largestMessage + 1)
        let isLargeSent = pair.client.send(large.span)
        #expect(!isLargeSent)
        let isEmptySent = pair.client.send([UInt8]().span)
        #expect(!isEmptySent)
        var sent = 0
        while sent < 1_000, pair.client.send([7].span) { sent += 1 }
        #expect(sent == 64, "what nobody takes is bounded")
        pair.run()
        #expect(pair.messages(pair.eventsOfServer).count == 64)
        let isSent = pair.client.send([8].span)
        #expect(isSent)
    }

    @Test func `keeps a bounded number of messages that nobody takes`() throws {
        var pair = try DTLSPair.honest()
        pair.connect()
        var buffer = [UInt8](repeating: 0, count: 1_500)
        for _ in 0..<DTLSMachine.mostMessages + 20 {
            _ = pair.client.send([1].span)
            var room = buffer.mutableSpan
            guard let count = pair.client.nextDatagram(into: &room) else { continue }
            pair.server.receive(room.span.extracting(0..<count), at: pair.now)
        }
        pair.collect()
        #expect(pair.messages(pair.eventsOfServer).count == DTLSMachine.mostMessages)
    }

    @Test func `ends when either says goodbye`() throws {
        for closesClient in [true, false] {
            var pair = try DTLSPair.honest()
            pair.connect()
            if closesClient { pair.client.close() } else { pair.server.close() }
            pair.run()
            let other = closesClient ? pair.eventsOfServer : pair.eventsOfClient
            #expect(other.last == .closed)
            #expect(pair.deadlineOfClient == nil)
            let isSent = pair.client.send([1].span) || pair.server.send([1].span)
            #expect(!isSent)
        }
    }

    @Test func `wants to be advanced as long as it is not done, and no longer`() throws {
        var pair = try DTLSPair.honest()
        #expect(pair.deadlineOfClient == pair.now, "a client begins at once")
        #expect(pair.deadlineOfServer == pair.now + DTLSMachine.patience)
        pair.connect()
        #expect(pair.deadlineOfClient == nil)
        #expect(pair.deadlineOfServer == nil)
    }

    @Test func `sends flights of few and small datagrams`() throws {
        var pair = try DTLSPair.honest(pace: DTLSPair.calmPace)
        pair.connect()
        #expect(pair.sentByServer.count <= 4)
        #expect(pair.sentByClient.count <= 4)
        #expect((pair.sentByServer + pair.sentByClient).allSatisfy { $0.count <= 1_200 })
    }

    @Test func `with a peer that has an RSA certificate works in both roles`() throws {
        let rsa = try DTLSContext(
            DTLSCertificate(
                certificatePEM: Array(RSAIdentity.certificate.utf8).span,
                keyPEM: Array(RSAIdentity.key.utf8).span
            )
        )
        var asClient = try DTLSPair.honest(client: rsa)
        asClient.connect()
        #expect(asClient.profiles == [7, 7])
        var asServer = try DTLSPair.honest(server: rsa)
        asServer.connect()
        #expect(asServer.profiles == [7, 7])
    }

    @Test func `takes a hello in pieces that overtake each other`() throws {
        var pair = try DTLSPair.honest()
        pair.weather.lossPercent = 100
        pair.client.advance(to: pair.now)
        pair.collect()
        pair.weather.lossPercent = 0
        let hello = try #require(pair.sentByClient.first)
        for piece in fragments(of: hello, size: 50).reversed() {
            pair.server.receive(piece.span, at: pair.now)
        }
        pair.connect()
        #expect(pair.profiles == [7, 7])
    }

    @Test(arguments: UInt64(1)...40)
    func `survives loss, doubling and overtaking`(seed: UInt64) throws {
        var pair = try DTLSPair.honest()
        pair.random = SeededRandom(seed: seed)
        pair.weather = DTLSPair.Weather(
            lossPercent: Int(seed % 4) * 10,
            duplicatePercent: 20,
            delay: 1...8
        )
        pair.connect()
        #expect(pair.profiles == [7, 7])
        #expect(pair.eventsOfClient == pair.eventsOfServer)
    }

    /// The client says its flight again, to a server that has finished and has no timer any more.
    @Test func `says its last flight again to a peer that has not heard it`() throws {
        var pair = try DTLSPair.honest()
        pair.losesLastFlight = true
        pair.connect()
        #expect(pair.profiles == [7, 7])
        #expect(pair.sentByServer.count { $0[0] == 20 } >= 2)
    }

    @Test func `gives up when nobody answers`() throws {
        var pair = try DTLSPair.honest()
        pair.weather.lossPercent = 100
        pair.run(for: .seconds(31))
        #expect(pair.eventsOfServer == [.failed(.timedOut(after: DTLSMachine.patience))])
        guard case .failed(.timedOut) = pair.eventsOfClient.first else {
            Issue.record("\(pair.eventsOfClient)")
            return
        }
        #expect(pair.sentByClient.count <= 14, "a hello goes out twelve times again at most")
    }
}

extension DTLSPair {
    var deadlineOfClient: Instant? { client.deadline }
    var deadlineOfServer: Instant? { server.deadline }

    /// What each end has agreed to.
    var profiles: [UInt16] {
        [eventsOfClient, eventsOfServer].compactMap { events in
            if case .established(let profile, _) = events.first { profile } else { nil }
        }
    }

    func messages(_ events: [DTLSMachine.Event]) -> [[UInt8]] {
        events.compactMap { event in
            if case .message(let bytes) = event { bytes } else { nil }
        }
    }
}

/// Cuts a datagram that is one handshake message into records that hold a piece each.
func fragments(of datagram: [UInt8], size: Int) -> [[UInt8]] {
    let header = Array(datagram[..<13])
    let message = Array(datagram[13..<25])
    let body = Array(datagram[25...])
    return stride(from: 0, to: body.count, by: size).enumerated().map { number, start in
        let piece = body[start..<min(start + size, body.count)]
        let length = 12 + piece.count
        var record = Array(header[..<10])
        record += [UInt8(number), UInt8(length >> 8), UInt8(length & 255)]
        record += message[..<6]
        record += [0, UInt8(start >> 8), UInt8(start & 255)]
        record += [0, UInt8(piece.count >> 8), UInt8(piece.count & 255)]
        return record + piece
    }
}
