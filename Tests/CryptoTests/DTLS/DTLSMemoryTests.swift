import Basics
import Crypto
import Testing

/// Each in a process of its own, for OpenSSL asks only once where its memory shall come from.
@Suite struct `The memory of DTLS sessions` {
    @Test func `holds nothing of the handshake once that is done`() async {
        await #expect(processExitsWith: .success) {
            #expect(OpenSSLMemory.arrange())
            var pair = try DTLSPair.honest(pace: DTLSPair.calmPace)
            pair.client.advance(to: pair.now)
            let during = pair.client.handshakeBuffer
            #expect((during?.resident ?? 0) >= 4_096, "a hello has been written there")
            pair.connect()
            #expect(pair.profiles == [7, 7])
            for buffer in [pair.client.handshakeBuffer, pair.server.handshakeBuffer] {
                #expect((buffer?.size ?? 0) >= 16_384)
                #expect(buffer?.resident == 0)
            }
        }
    }

    @Test func `is there again for a last flight that was lost`() async {
        await #expect(processExitsWith: .success) {
            #expect(OpenSSLMemory.arrange())
            var pair = try DTLSPair.honest()
            // The client says its own again, and the server answers once more.
            pair.losesLastFlight = true
            pair.connect()
            #expect(pair.profiles == [7, 7])
            #expect(pair.sentByServer.count { $0[0] == 20 } >= 2)
            #expect((pair.server.handshakeBuffer?.resident ?? 0) >= 4_096, "it was written there")
            let isSent = pair.client.send([1, 2].span) && pair.server.send([3].span)
            #expect(isSent)
            pair.run()
            #expect(pair.messages(pair.eventsOfServer) == [[1, 2]])
            #expect(pair.messages(pair.eventsOfClient) == [[3]])
        }
    }

    @Test(arguments: [true, false])
    func `is there for who wants to shake hands again, and is refused`(isArranged: Bool) async {
        await #expect(processExitsWith: .success) { [isArranged] in
            if isArranged { #expect(OpenSSLMemory.arrange()) }
            let start = Instant(nanoseconds: 0)
            var server = try DTLSMachine(.server, DTLSRoom.server, expecting: [], at: start)
            let client = try #require(EagerClient())
            for _ in 0..<4 where !client.isDone {
                Self.pass(client.shakeHands(), to: &server, and: client)
            }
            #expect(client.isDone)
            #expect((server.handshakeBuffer?.resident ?? 0) == 0)
            // The answer is an alert, a warning that nothing is negotiated anew.
            let hello = client.shakeHandsAgain()
            #expect(hello.count == 1)
            let alerts = Self.pass(hello, to: &server, and: client)
            #expect(alerts.map(\.first) == [21])
            // The client gives up on that; what it said before it did is heard.
            _ = client.shakeHands()
            let isDone = server.nextEvent() == nil
            #expect(isDone, "no description has come")
        }
    }

    /// Lets the server have the datagrams and the client the answers, which are returned.
    @discardableResult
    private static func pass(
        _ datagrams: [[UInt8]],
        to server: inout DTLSMachine,
        and client: EagerClient
    ) -> [[UInt8]] {
        for datagram in datagrams { server.receive(datagram.span, at: Instant(nanoseconds: 1)) }
        var buffer = [UInt8](repeating: 0, count: 1_500)
        var room = buffer.mutableSpan
        var answers: [[UInt8]] = []
        while let count = server.nextDatagram(into: &room) {
            answers.append(room.span.extracting(0..<count).list)
        }
        for answer in answers { client.receive(answer) }
        return answers
    }

    @Test func `is there for all weather, goodbyes and broken handshakes`() async {
        await #expect(processExitsWith: .success) {
            #expect(OpenSSLMemory.arrange())
            for seed in UInt64(0)..<20 {
                var pair = try DTLSPair.honest()
                pair.random = SeededRandom(seed: seed)
                if seed.isMultiple(of: 2) {
                    pair.weather = .init(lossPercent: 20, duplicatePercent: 20, delay: 1...8)
                } else {
                    // What makes OpenSSL give up, so that it is made anew.
                    pair.server.receive(Self.nonsense.span, at: pair.now)
                }
                pair.connect()
                #expect(pair.profiles == [7, 7])
                pair.weather = .init()
                pair.client.close()
                pair.run()
                #expect(pair.eventsOfServer.last == .closed)
            }
        }
    }

    /// A record of a handshake whose message is none.
    private static var nonsense: [UInt8] {
        [22, 254, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 13, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 9]
    }

    @Test func `is OpenSSL's own where it has taken some already`() async {
        await #expect(processExitsWith: .success) {
            var pair = try DTLSPair.honest()
            #expect(!OpenSSLMemory.arrange())
            pair.connect()
            #expect(pair.profiles == [7, 7])
            #expect(pair.server.handshakeBuffer == nil)
        }
    }
}
