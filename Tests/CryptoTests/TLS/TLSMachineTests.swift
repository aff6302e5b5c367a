import Basics
import Crypto
import Testing

@Suite struct `A TLS connection` {
    @Test(arguments: [TLSMachine.Version.tls12, .tls13])
    func `carries bytes both ways`(version: TLSMachine.Version) throws {
        var pair = try TLSPair.trusting(newest: version)
        pair.settle()
        #expect(pair.client.advance() == .established)
        #expect(pair.server.advance() == .established)
        #expect(pair.server.version == version)
        #expect(pair.server.cipher?.contains("GCM") == true)

        let question = Array("hello".utf8)
        let answer = [UInt8](repeating: 7, count: 100_000)
        #expect(pair.client.write(question.span) == .taken(5))
        #expect(pair.server.write(answer.span) == .taken(100_000))
        pair.settle()
        #expect(pair.heardByServer == question)
        #expect(pair.heardByClient == answer)
    }

    @Test(arguments: [TLSMachine.Version.tls12, .tls13], [1, 2, 3, 5, 7, 100, 1_009])
    func `does not care how its bytes are cut`(version: TLSMachine.Version, piece: Int) throws {
        var pair = try TLSPair.trusting(newest: version)
        pair.piece = piece
        pair.settle()
        let words = (0..<20_000).map { UInt8(truncatingIfNeeded: $0) }
        #expect(pair.client.write(words.span) == .taken(20_000))
        pair.settle()
        #expect(pair.heardByServer == words)
    }

    /// The server's first flight is cut in two at each of its bytes.
    @Test func `can be cut at every byte of a flight`() throws {
        var cut = 0
        while true {
            var pair = try TLSPair.trusting()
            _ = pair.client.advance()
            var flight: [UInt8] = []
            pair.client.takeOutput(into: &flight)
            _ = hear(flight.span, with: &pair.server)
            flight = []
            pair.server.takeOutput(into: &flight)
            let length = flight.count
            guard cut < length else { return }
            _ = hear(flight.span.extracting(0..<cut), with: &pair.client)
            #expect(pair.client.advance() == .handshaking, "whole after \(cut) of \(length)")
            _ = hear(flight.span.extracting(cut..<length), with: &pair.client)
            #expect(pair.client.advance() == .established)
            cut += 1
        }
    }

    @Test func `reads the same from bytes it was given to keep`() throws {
        var pair = try TLSPair.trusting()
        pair.settle()
        let words = [UInt8](repeating: 9, count: 5_000)
        _ = pair.client.write(words.span)
        var flight: [UInt8] = []
        pair.client.takeOutput(into: &flight)
        pair.server.receive(flight.span.extracting(0..<100))
        pair.server.receive(flight.span.extracting(100..<flight.count))
        let rest = hear([UInt8]().span, with: &pair.server, buffer: 7)
        #expect(rest.heard == words)
        #expect(rest.last == .needsMore)
    }

    @Test func `knows the name it was asked for and the protocol agreed on`() throws {
        var pair = try TLSPair.trusting()
        pair.settle()
        #expect(pair.server.serverName == "localhost")
        #expect(pair.server.applicationProtocol == "http/1.1")
        #expect(pair.client.applicationProtocol == "http/1.1")
        #expect(pair.client.peerCertificate?.names == ["localhost", "127.0.0.1"])
    }

    @Test func `can be asked for by address`() throws {
        var pair = try TLSPair.trusting(asking: "127.0.0.1")
        pair.settle()
        #expect(pair.client.advance() == .established)
        #expect(pair.server.serverName == nil)
    }

    @Test func `serves a client that names no protocol`() throws {
        var pair = try TLSPair.trusting(protocols: [])
        pair.settle()
        #expect(pair.server.advance() == .established)
        #expect(pair.server.applicationProtocol == nil)
    }

    @Test func `is refused to a client that wants other protocols`() throws {
        var pair = try TLSPair.trusting(protocols: ["h2"])
        pair.settle()
        #expect(pair.server.advance() == .failed(.noCommonApplicationProtocol))
        #expect(
            pair.client.advance() == .failed(.refusedByPeer(alert: "no application protocol"))
        )
    }

    @Test(arguments: [TLSMachine.Version.tls12, .tls13])
    func `ends clean after a goodbye`(version: TLSMachine.Version) throws {
        var pair = try TLSPair.trusting(newest: version)
        pair.settle()
        _ = pair.client.write([1, 2].span)
        pair.client.close()
        #expect(pair.client.write([3].span) == .taken(0))
        pair.settle()
        #expect(pair.heardByServer == [1, 2])
        #expect(pair.lastOfServer == .ended(clean: true))
        pair.server.close()
        pair.settle()
        #expect(pair.lastOfClient == .ended(clean: true))
    }

    @Test func `may still answer a peer that has said goodbye`() throws {
        var pair = try TLSPair.trusting()
        pair.settle()
        pair.client.close()
        pair.settle()
        #expect(pair.server.write([4, 5].span) == .taken(2))
        pair.settle()
        #expect(pair.heardByClient == [4, 5])
    }

    @Test func `does not end clean when the transport just ends`() throws {
        var pair = try TLSPair.trusting()
        pair.settle()
        _ = pair.client.write([1, 2, 3].span)
        var flight: [UInt8] = []
        pair.client.takeOutput(into: &flight)
        pair.server.receive(flight.span)
        pair.server.receiveEnd()
        let rest = hear([UInt8]().span, with: &pair.server)
        #expect(rest.heard == [1, 2, 3])
        #expect(rest.last == .ended(clean: false))
    }

    @Test func `fails when the transport ends in the handshake`() throws {
        var pair = try TLSPair.trusting()
        _ = pair.client.advance()
        pair.client.receiveEnd()
        #expect(pair.client.advance() == .failed(.endedInHandshake))
    }

    @Test func `writes nothing before its handshake is done`() throws {
        var pair = try TLSPair.trusting()
        #expect(pair.client.write([1].span) == .taken(0))
        pair.settle()
        #expect(pair.heardByServer == [])
    }

    @Test func `fails for good when one bit is wrong`() throws {
        var pair = try TLSPair.trusting()
        pair.settle()
        _ = pair.client.write([1, 2, 3].span)
        var flight: [UInt8] = []
        pair.client.takeOutput(into: &flight)
        flight[flight.count - 1] ^= 1
        let heard = hear(flight.span, with: &pair.server)
        guard case .failed(.malformed(let why)) = heard.last else {
            Issue.record("read \(heard)")
            return
        }
        #expect(why.contains("bad record mac"))
        #expect(pair.server.write([1].span) == .failed(.malformed(why: why)))
        var alert: [UInt8] = []
        pair.server.takeOutput(into: &alert)
        #expect(!alert.isEmpty, "the alert tells the peer")
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", TLSFault.notTLS(http: true)),
        ("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", .notTLS(http: false)),
        ("\u{16}\u{3}\u{0}\u{0}\u{5}\u{1}\u{0}\u{0}\u{1}\u{0}", nil),
    ])
    func `refuses what is not TLS`(garbage: String, fault: TLSFault?) throws {
        var pair = try TLSPair.trusting()
        let heard = hear(Array(garbage.utf8).span, with: &pair.server)
        guard case .failed(let found) = heard.last else {
            Issue.record("\(heard.last)")
            return
        }
        if let fault { #expect(found == fault) }
        #expect(pair.server.advance() == .failed(found))
    }

    @Test func `bounds what a handshake may take`() throws {
        let limit = TLSMachine.clientHandshakeLimit
        // Records of type handshake that never complete a hello of 100,000 bytes.
        var bytes: [UInt8] = [22, 3, 1, 0x40, 0, 1, 1, 0x86, 0xa0]
        while bytes.count < limit {
            bytes += [UInt8](repeating: 0, count: 5 + 0x4000 - bytes.count % (5 + 0x4000))
            bytes += [22, 3, 3, 0x40, 0]
        }
        var pair = try TLSPair.trusting()
        #expect(hear(bytes.span.extracting(0..<limit), with: &pair.server).last == .needsMore)
        let last = hear(bytes.span.extracting(limit - 1..<limit), with: &pair.server).last
        #expect(last == .failed(.handshakeTooLong(limit: limit)))
    }

    @Test func `leaves no error behind for another connection`() throws {
        var good = try TLSPair.trusting()
        good.settle()
        var bad = try TLSPair.trusting()
        _ = hear(Array("GET / HTTP/1.1\r\n".utf8).span, with: &bad.server)
        #expect(hear([UInt8]().span, with: &good.server).last == .needsMore)
    }
}
