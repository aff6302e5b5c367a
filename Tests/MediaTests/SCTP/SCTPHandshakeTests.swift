import Basics
import Media
import Testing

/// How an association comes to be, and to an end (RFC 9260 sections 5 and 9).
@Suite struct `The handshake of SCTP` {
    @Test func `takes four packets and leaves nothing to wait for`() {
        var link = SimulatedLink()
        link.left.connect(at: link.now)
        link.run(for: .seconds(1))
        #expect(link.leftEvents == [.connected])
        #expect(link.rightEvents == [.connected])
        #expect(link.packetsFromLeft.map { $0[12] } == [1, 10])
        #expect(link.packetsFromRight.map { $0[12] } == [2, 11])
        #expect(link.left.deadline == nil && link.right.deadline == nil)
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `works out when both begin, through loss`(seed: UInt64) throws {
        var link = SimulatedLink(seed: seed, weather: seed < 4 ? .calm : .storm)
        link.left.connect(at: link.now)
        if seed.isMultiple(of: 2) { link.right.connect(at: link.now) }
        let hello = Array("hello".utf8)
        try link.left.send(hello.span, stream: 0, payloadProtocol: 51, at: link.now)
        link.run(for: .milliseconds(1 + Int64(seed)))
        link.right.connect(at: link.now)
        try link.right.send(hello.span, stream: 0, payloadProtocol: 51, at: link.now)
        link.run(for: .seconds(60))
        #expect(link.leftEvents.filter { $0 == .connected }.count == 1)
        #expect(link.rightEvents.filter { $0 == .connected }.count == 1)
        #expect(!link.leftEvents.contains(.restarted) && !link.rightEvents.contains(.restarted))
        #expect(link.leftEvents.messages.map(\.bytes) == [hello])
        #expect(link.rightEvents.messages.map(\.bytes) == [hello])
    }

    @Test func `gives up when nobody answers, after as many tries as configured`() {
        var link = SimulatedLink()
        link.gate = { _, _ in false }
        link.left.connect(at: link.now)
        link.run(for: .seconds(120))
        #expect(link.leftEvents == [.closed(.unanswered)])
        #expect(link.packetsFromLeft.count == SCTPConfiguration().maxInitAttempts)
        #expect(link.left.deadline == nil)
    }

    @Test func `takes up what was handed over before it`() throws {
        var link = SimulatedLink()
        let text = Array("early".utf8)
        try link.right.send(text.span, stream: 7, payloadProtocol: 51, at: link.now)
        link.left.connect(at: link.now)
        link.run(for: .seconds(1))
        #expect(link.leftEvents.messages.map(\.bytes) == [text])
    }

    @Test func `answers an INIT that comes twice the same twice`() {
        var peer = HandMadePeer()
        let first = peer.say([peer.initiation()], tag: 0)
        let second = peer.say([peer.initiation()], tag: 0)
        #expect(first == second)
        #expect(first.map(\.type) == [2])
    }

    @Test func `answers a COOKIE ECHO that comes twice, and tells of it once`() {
        var peer = HandMadePeer()
        let greeting = peer.say([peer.initiation()], tag: 0)
        peer.accept(greeting[0])
        let cookie = HandMadePeer.parameter(7, of: greeting[0].value.dropFirst(16)) ?? []
        let echo = HandMadePeer.Chunk(type: 10, value: cookie)
        #expect(peer.say([echo]).map(\.type) == [11])
        #expect(peer.say([echo]).map(\.type) == [11])
        #expect(peer.events == [.connected])
        #expect(peer.say([.init(type: 10, value: cookie.map { ~$0 })]).isEmpty)
    }

    @Test func `takes DATA that comes with the cookie`() {
        var peer = HandMadePeer()
        let greeting = peer.say([peer.initiation()], tag: 0)
        peer.accept(greeting[0])
        let cookie = HandMadePeer.parameter(7, of: greeting[0].value.dropFirst(16)) ?? []
        _ = peer.say([.init(type: 10, value: cookie), peer.data([1, 2, 3])])
        #expect(peer.events.first == .connected)
        #expect(peer.events.messages.map(\.bytes) == [[1, 2, 3]])
    }

    @Test func `says that a cookie came too late, and by how much`() {
        var peer = HandMadePeer()
        let greeting = peer.say([peer.initiation()], tag: 0)
        peer.accept(greeting[0])
        peer.now = peer.now + .seconds(70)
        let cookie = HandMadePeer.parameter(7, of: greeting[0].value.dropFirst(16)) ?? []
        let answer = peer.say([.init(type: 10, value: cookie)])
        #expect(answer == [.init(type: 9, value: [0, 3, 0, 8, 0, 0, 0, 10])])
        #expect(peer.events.isEmpty)
    }

    @Test func `begins anew when the peer does`() throws {
        var peer = HandMadePeer.connected()
        _ = peer.say([peer.data([1])])
        let lost = Array("lost".utf8)
        try peer.association.send(lost.span, stream: 0, payloadProtocol: 51, at: peer.now)
        _ = peer.answers()
        peer.events = []
        let oldTag = peer.theirTag
        peer.tsn = 77_000
        peer.shakeHands()
        #expect(peer.events == [.restarted])
        #expect(peer.theirTag != oldTag)
        #expect(peer.association.bufferedBytes == 0)
        _ = peer.say([peer.data([2])])
        #expect(peer.events.messages.map(\.bytes) == [[2]])
    }

    @Test func `keeps what it has while an INIT alone asks to begin anew`() {
        var peer = HandMadePeer.connected()
        let answer = peer.say([peer.initiation(tag: 99)], tag: 0)
        #expect(answer.map(\.type) == [2])
        _ = peer.say([peer.data([1])])
        #expect(peer.events.messages.map(\.bytes) == [[1]])
    }

    @Test func `reports parameters as their numbers say`() {
        let unknown: [UInt8] = [0xC0, 0x77, 0, 5, 9, 0, 0, 0] + [0x80, 0x77, 0, 4]
        let stop: [UInt8] = [0x40, 0x77, 0, 4] + [0xC0, 0x78, 0, 4]
        var peer = HandMadePeer()
        let answer = peer.say([peer.initiation(parameters: unknown + stop)], tag: 0)
        let parameters = Array(answer[0].value.dropFirst(16))
        let reported = HandMadePeer.parameter(8, of: parameters)
        #expect(reported == [0xC0, 0x77, 0, 5, 9])
        let all = parameters.map { String($0, radix: 16) }.joined(separator: " ")
        #expect(all.contains("0 8 0 8 40 77 0 4"), "the one that stops is reported")
        #expect(!all.contains("c0 78"), "what follows is not looked at")
    }

    @Test func `says nothing of checksums to who says nothing of them`() {
        let plain: [UInt8] = [0x80, 8, 0, 6, 130, 192, 0, 0, 0xC0, 0, 0, 4]
        let offers: [[UInt8]] = [[], [0x80, 1, 0, 8, 0, 0, 0, 1]]
        for offer in offers {
            var peer = HandMadePeer()
            let answer = peer.say([peer.initiation(parameters: plain + offer)], tag: 0)
            let answered = HandMadePeer.parameter(0x8001, of: answer[0].value.dropFirst(16))
            #expect((answered != nil) == !offer.isEmpty)
        }
    }

    @Test(arguments: [false, true])
    func `spares the checksum if both sides want that`(isWanted: Bool) throws {
        var configuration = SCTPConfiguration()
        configuration.acceptsZeroChecksum = isWanted
        var link = SimulatedLink(right: configuration)
        link.left.connect(at: link.now)
        link.run(for: .milliseconds(100))
        try link.left.send([1, 2, 3].span, stream: 0, payloadProtocol: 51, at: link.now)
        link.run(for: .seconds(1))
        #expect(link.rightEvents.messages.count == 1)
        let sums = link.packetsFromLeft.map { Array($0[8..<12]) }
        #expect(sums.prefix(2).allSatisfy { $0 != [0, 0, 0, 0] }, "INIT and COOKIE ECHO have one")
        #expect((sums.last == [0, 0, 0, 0]) == isWanted)
    }

    @Test func `ends when all has arrived`() throws {
        var link = SimulatedLink.connected(weather: .rough)
        let bytes = [UInt8](repeating: 7, count: 20_000)
        try link.left.send(bytes.span, stream: 0, payloadProtocol: 53, at: link.now)
        try link.right.send(bytes.span, stream: 0, payloadProtocol: 53, at: link.now)
        link.left.close(at: link.now)
        #expect(link.refusal(of: [1]) == .closed)
        link.run(for: .seconds(60))
        #expect(link.leftEvents.last == .closed(.shutDown))
        #expect(link.rightEvents.last == .closed(.shutDown))
        #expect(link.rightEvents.messages.map(\.bytes) == [bytes])
        #expect(link.leftEvents.messages.map(\.bytes) == [bytes])
        #expect(link.left.deadline == nil && link.right.deadline == nil)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `ends when both sides want to at once, through loss`(seed: UInt64) {
        var link = SimulatedLink.connected(seed: seed, weather: .storm)
        link.left.close(at: link.now)
        link.right.close(at: link.now)
        link.run(for: .seconds(90))
        // Whose last packet is lost ends all the same, if later.
        for event in [link.leftEvents.last, link.rightEvents.last] {
            #expect(event == .closed(.shutDown) || event == .closed(.abortedByPeer(nil)))
        }
    }

    @Test func `tells the peer of an abort and its cause`() {
        var link = SimulatedLink.connected()
        link.left.abort()
        link.run(for: .seconds(1))
        #expect(link.leftEvents == [.closed(.aborted(.userInitiated))])
        #expect(link.rightEvents == [.closed(.abortedByPeer(.userInitiated))])
    }

    @Test func `answers the packets of a dead association by ABORT, and no ABORT`() {
        var peer = HandMadePeer.connected()
        peer.association.abort()
        _ = peer.answers()
        let answer = peer.say([peer.data([1])])
        #expect(answer == [.init(type: 6, flags: 1)])
        #expect(peer.say([.init(type: 6)]).isEmpty)
        #expect(peer.say([.init(type: 8)]) == [.init(type: 14, flags: 1)])
        #expect(peer.say([peer.initiation()], tag: 0).map(\.type) == [6])
    }

    @Test func `gives up on a peer that has gone`() throws {
        var link = SimulatedLink.connected()
        link.gate = { _, _ in false }
        try link.left.send([1].span, stream: 0, payloadProtocol: 51, at: link.now)
        link.run(for: .seconds(120))
        #expect(link.leftEvents == [.closed(.unanswered)])
        #expect(link.left.deadline == nil)
    }
}
