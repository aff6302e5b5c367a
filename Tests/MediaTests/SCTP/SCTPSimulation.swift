import Basics
import Media
import Testing

/// Two of our own ends, seeded weather, and a model too simple to be wrong: the list of what was sent.
@Suite struct `SCTP in all weathers` {
    @Test(arguments: 0..<40 as Range<UInt64>)
    func `brings over what it must, in the order it must`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed ^ 0x5C79)
        let weathers: [Weather] = [.calm, .rough, .storm]
        var link = SimulatedLink.connected(
            seed: seed,
            weather: weathers[Int(seed) % 3]
        )
        var ledger = Ledger()
        for _ in 0..<60 {
            if Bool.random(using: &random) {
                try ledger.send(.left, &link.left, at: link.now, using: &random)
            } else {
                try ledger.send(.right, &link.right, at: link.now, using: &random)
            }
            if Int.random(in: 0..<3, using: &random) == 0 {
                link.run(for: .milliseconds(.random(in: 1...80, using: &random)))
            }
        }
        link.run(for: .seconds(200))
        #expect(link.left.bufferedBytes == 0 && link.right.bufferedBytes == 0)
        #expect(link.left.deadline == nil && link.right.deadline == nil)
        ledger.check(.left, arrived: link.rightEvents.messages)
        ledger.check(.right, arrived: link.leftEvents.messages)
        let others = (link.leftEvents + link.rightEvents).count
        #expect(others == link.leftEvents.messages.count + link.rightEvents.messages.count)
    }

    @Test(arguments: [0, 1, 5, 20])
    func `fills the way it has`(lossPercent: Int) throws {
        var link = SimulatedLink.connected(
            seed: 7,
            weather: Weather(lossPercent: lossPercent, delay: 20...20)
        )
        let bytes = [UInt8](repeating: 3, count: 60_000)
        let begin = link.now
        for _ in 0..<4 {
            try link.left.send(bytes.span, stream: 0, payloadProtocol: 53, at: link.now)
        }
        while link.left.bufferedBytes > 0 { link.run(for: .milliseconds(10)) }
        #expect(link.rightEvents.messages.count == 4)
        let milliseconds =
            (link.now - begin).components.attoseconds / 1_000_000_000_000_000
            + (link.now - begin).components.seconds * 1_000
        // 240 kB with a window of 11 kB that grows by half each 40 ms; losses cost more.
        let limits: [Int: Int64] = [0: 300, 1: 1_000, 5: 3_000, 20: 10_000]
        #expect(milliseconds <= limits[lossPercent] ?? 0, "took \(milliseconds) ms")
    }

    @Test func `repairs one loss within two round trips`() throws {
        var link = SimulatedLink.connected()
        var seen = 0
        link.gate = { isFromLeft, packet in
            guard isFromLeft, packet[12] == 0 else { return true }
            seen += 1
            return seen != 2
        }
        let bytes = [UInt8](repeating: 3, count: 9_000)
        try link.left.send(bytes.span, stream: 0, payloadProtocol: 53, at: link.now)
        link.run(for: .milliseconds(70))
        #expect(link.rightEvents.messages.map(\.bytes) == [bytes])
        #expect(link.left.counts.chunksRetransmitted == 1)
    }

    @Test func `goes on when the way was gone for a while`() throws {
        var link = SimulatedLink.connected()
        var isGone = true
        link.gate = { _, _ in !isGone }
        try link.left.send([1, 2].span, stream: 0, payloadProtocol: 53, at: link.now)
        // One side waits for DATA to arrive, the other for a stream to begin anew.
        let isReset = link.right.reset(3)
        #expect(isReset)
        link.run(for: .seconds(25))
        isGone = false
        link.gate = { _, _ in true }
        link.run(for: .seconds(6))
        #expect(link.rightEvents.messages.map(\.bytes) == [[1, 2]])
        #expect(link.rightEvents.contains(.ownReset([3])))
        #expect(link.leftEvents == [.peerReset([3])])
    }

    @Test func `holds back when the peer does not read`() throws {
        var narrow = SCTPConfiguration()
        narrow.receiveBufferSize = 20_000
        narrow.maxMessageSize = 10_000
        var link = SimulatedLink.connected(right: narrow)
        let bytes = [UInt8](repeating: 5, count: 4_000)
        for _ in 0..<20 {
            try link.left.send(bytes.span, stream: 0, payloadProtocol: 53, at: link.now)
        }
        // Nobody takes the right side's events.
        var buffer = [UInt8](repeating: 0, count: 1_200)
        for _ in 0..<400 {
            while let count = link.left.nextPacket(into: buffer.mutableSpan, at: link.now) {
                link.right.receive(buffer.span.extracting(0..<count), at: link.now)
            }
            while let count = link.right.nextPacket(into: buffer.mutableSpan, at: link.now) {
                link.left.receive(buffer.span.extracting(0..<count), at: link.now)
            }
            link.now = link.now + .milliseconds(100)
            link.left.advance(to: link.now)
            link.right.advance(to: link.now)
        }
        #expect(link.left.isConnected && link.right.isConnected)
        #expect(link.left.bufferedBytes > 40_000, "most of it has not left")
        link.run(for: .seconds(60))
        #expect(link.rightEvents.messages.count == 20)
        #expect(link.left.bufferedBytes == 0)
    }

    @Test func `refuses what does not fit its send buffer`() {
        var link = SimulatedLink()
        let bytes = [UInt8](repeating: 5, count: 65_000)
        for _ in 0..<4 { #expect(link.refusal(of: bytes) == nil) }
        #expect(link.refusal(of: bytes) == .full)
        #expect(link.refusal(of: bytes + bytes) == .tooLarge)
        #expect(link.refusal(of: []) == .empty)
        #expect(link.refusal(of: [1], stream: 5_000) == .noSuchStream)
    }

    @Test func `makes room by forgetting what has waited too long`() throws {
        var link = SimulatedLink()
        let bytes = [UInt8](repeating: 5, count: 60_000)
        let now = link.now
        for _ in 0..<4 {
            try link.left.send(
                bytes.span,
                stream: 0,
                payloadProtocol: 53,
                reliability: .lifetime(.milliseconds(100)),
                at: now
            )
        }
        let later = now + .milliseconds(200)
        try link.left.send(bytes.span, stream: 0, payloadProtocol: 53, at: later)
        #expect(link.left.counts.messagesAbandoned == 4)
    }
}

/// What each side sent, by stream.
private struct Ledger {
    enum Side { case left, right }

    struct Entry {
        var bytes: [UInt8]
        var stream: UInt16
        var isOrdered: Bool
        var isReliable: Bool
    }

    private var entries: [Side: [Entry]] = [:]

    mutating func send(
        _ side: Side,
        _ association: inout SCTPAssociation,
        at now: Instant,
        using random: inout SeededRandom
    ) throws {
        let stream = UInt16.random(in: 0..<4, using: &random)
        // Streams differ in what they promise, as channels do.
        let isOrdered = stream < 2
        let reliability: SCTPReliability =
            switch stream {
            case 0, 2: .full
            case 1: .retransmits(.random(in: 0...2, using: &random))
            default: .lifetime(.milliseconds(.random(in: 20...400, using: &random)))
            }
        let isLarge = Int.random(in: 0..<6, using: &random) == 0
        let count = Int.random(in: 8...(isLarge ? 9_000 : 200), using: &random)
        var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        bytes[0] = UInt8(entries[side, default: []].count)
        do {
            try association.send(
                bytes.span,
                stream: stream,
                payloadProtocol: UInt32(stream) + 100,
                isOrdered: isOrdered,
                reliability: reliability,
                at: now
            )
        } catch SCTPRefusal.full {
            return
        }
        entries[side, default: []].append(
            Entry(
                bytes: bytes,
                stream: stream,
                isOrdered: isOrdered,
                isReliable: reliability == .full
            )
        )
    }

    func check(_ side: Side, arrived: [SCTPMessage]) {
        let all = entries[side] ?? []
        for stream in UInt16(0)..<4 {
            let sent = all.filter { $0.stream == stream }
            let places = arrived.filter { $0.stream == stream }.map { message in
                sent.firstIndex { $0.bytes == message.bytes }
            }
            #expect(!places.contains(nil), "what arrives was sent so")
            let known = places.compactMap(\.self)
            #expect(Set(known).count == known.count, "what arrives arrives once")
            if sent.first?.isOrdered == true { #expect(known == known.sorted(), "in order") }
            if sent.first?.isReliable == true { #expect(known.count == sent.count, "all of it") }
        }
        #expect(arrived.allSatisfy { $0.payloadProtocol == UInt32($0.stream) + 100 })
    }
}
