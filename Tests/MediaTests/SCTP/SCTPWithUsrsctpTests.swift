import Basics
import CUSRSCTP
import Media
import Testing

/// Against the implementation that Firefox has, and Chromium had.
@Suite(.serialized) struct `An SCTP association with libusrsctp` {
    /// The library measures its round trips by the wall clock, and so waits for long where a machine has little
    /// time: up to a minute for each repetition.
    private static let patience = Duration.seconds(600)

    enum Opening: String, CaseIterable {
        case ours
        case theirs
        case both
    }

    @Test(arguments: Opening.allCases)
    func `comes to be, whoever begins`(opening: Opening) throws {
        var link = try connected(seed: 1, .calm, opening)
        #expect(link.events == [.connected])
        #expect(link.foreign.changes == [UInt16(SCTP_COMM_UP)])
        link.own.close(at: link.now)
        link.run(for: .seconds(5)) { $0.events.count == 2 }
        #expect(link.events.last == .closed(.shutDown))
    }

    @Test(arguments: Opening.allCases)
    func `comes to be through loss`(opening: Opening) throws {
        for seed in UInt64(0)..<6 {
            let link = try connected(seed: seed, .storm, opening)
            #expect(link.events == [.connected], "seed \(seed)")
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `brings all messages over in order, both ways`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let weather: Weather = seed.isMultiple(of: 2) ? .rough : .storm
        var link = try connected(seed: seed, weather, Opening.allCases[Int(seed) % 3])
        var toForeign: [[UInt8]] = []
        var toOwn: [[UInt8]] = []
        for number in 0..<40 {
            let stream = UInt16(number % 3)
            let out = message(number, using: &random)
            try link.own.send(out.span, stream: stream, payloadProtocol: 53, at: link.now)
            toForeign.append(out)
            let back = message(number, using: &random)
            #expect(link.foreign.send(back, stream: stream, payloadProtocol: 51))
            toOwn.append(back)
        }
        link.run(for: Self.patience) {
            $0.foreign.messages.count == 40 && $0.events.messages.count == 40
        }
        for stream in UInt16(0)..<3 {
            let numbers = Array(stride(from: Int(stream), to: 40, by: 3))
            let arrived = link.foreign.messages.filter { $0.stream == stream }.map(\.bytes)
            #expect(arrived.map { toForeign.firstIndex(of: $0) } == numbers)
            let taken = link.events.messages.filter { $0.stream == stream }.map(\.bytes)
            #expect(taken.map { toOwn.firstIndex(of: $0) } == numbers)
        }
        #expect(link.foreign.messages.allSatisfy { $0.payloadProtocol == 53 })
        #expect(link.events.messages.allSatisfy { $0.payloadProtocol == 51 })
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `goes on when messages are given up, both ways`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var link = try connected(seed: seed, .storm, .both)
        for number in 0..<60 {
            let isOrdered = seed.isMultiple(of: 2)
            let out = message(number, using: &random)
            try link.own.send(
                out.span,
                stream: 1,
                payloadProtocol: 53,
                isOrdered: isOrdered,
                reliability: .retransmits(0),
                at: link.now
            )
            _ = link.foreign.send(
                out,
                stream: 1,
                payloadProtocol: 53,
                isOrdered: isOrdered,
                maxRetransmissions: 0
            )
        }
        // Reliable messages on the same stream come through, so both sides have forgotten the rest.
        let last = Array("last".utf8)
        try link.own.send(last.span, stream: 1, payloadProtocol: 51, at: link.now)
        #expect(link.foreign.send(last, stream: 1, payloadProtocol: 51))
        link.run(for: Self.patience) {
            $0.foreign.messages.last?.bytes == last && $0.events.messages.last?.bytes == last
        }
        #expect(link.foreign.messages.contains { $0.bytes == last })
        #expect(link.events.messages.contains { $0.bytes == last })
        #expect(link.own.counts.messagesAbandoned > 0, "a storm costs messages")
        #expect(link.foreign.messages.count + Int(link.own.counts.messagesAbandoned) >= 61)
    }

    @Test(arguments: [Weather.calm, .rough])
    func `begins streams anew when either side asks`(weather: Weather) throws {
        var link = try connected(seed: 3, weather, .theirs)
        let text = Array("text".utf8)
        for round in 1...3 {
            try link.own.send(text.span, stream: 5, payloadProtocol: 51, at: link.now)
            #expect(link.foreign.send(text, stream: 5, payloadProtocol: 51))
            let isReset = link.own.reset(5)
            #expect(isReset)
            link.run(for: Self.patience) {
                $0.events.contains(.ownReset([5])) && $0.events.messages.count == round
            }
            #expect(link.events.contains(.ownReset([5])))
            #expect(link.foreign.resetFromPeer.count == round)
            #expect(link.foreign.reset(5))
            link.run(for: Self.patience) {
                $0.events.contains(.peerReset([5])) && $0.foreign.resetOwn.count == round
            }
            #expect(link.events.contains(.peerReset([5])))
            #expect(link.foreign.resetOwn.count == round)
            link.events.removeAll { $0 == .ownReset([5]) || $0 == .peerReset([5]) }
        }
        #expect(link.events.messages.count == 3)
        #expect(link.foreign.messages.count == 3)
    }

    @Test func `shuts down when libusrsctp wants to`() throws {
        var link = try connected(seed: 4, .rough, .ours)
        link.foreign.shutdown()
        link.run(for: Self.patience) { $0.events.contains(.closed(.shutDown)) }
        #expect(link.events.last == .closed(.shutDown))
    }

    @Test func `tells libusrsctp that it aborts`() throws {
        var link = try connected(seed: 5, .calm, .ours)
        link.own.abort()
        link.run(for: .seconds(1)) { _ in false }
        #expect(link.foreign.changes.last == UInt16(SCTP_COMM_LOST))
    }

    @Test func `makes the checksum that libusrsctp makes`() {
        var random = SeededRandom(seed: 9)
        for count in 12..<100 {
            var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            for index in 8..<12 { bytes[index] = 0 }
            let ours = CRC32C.checksum(ofPacket: bytes.span)
            let theirs = unsafe bytes.withUnsafeMutableBytes {
                unsafe usrsctp_crc32c($0.baseAddress, $0.count)
            }
            #expect(ours == theirs, "\(count) bytes")
        }
    }

    private func message(_ number: Int, using random: inout SeededRandom) -> [UInt8] {
        let isLarge = Int.random(in: 0..<4, using: &random) == 0
        let count = Int.random(in: 1...(isLarge ? 6_000 : 300), using: &random)
        return (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ number) }
    }

    private func connected(
        seed: UInt64,
        _ weather: Weather,
        _ opening: Opening
    ) throws -> ForeignLink {
        let made = ForeignLink(
            seed: seed,
            weather: weather,
            isForeignListening: opening == .ours
        )
        guard var link = made else { throw NoLibrary() }
        if opening != .theirs { link.own.connect(at: link.now) }
        if opening != .ours { #expect(link.foreign.connect()) }
        link.run(for: Self.patience) {
            !$0.events.isEmpty && !$0.foreign.changes.isEmpty
        }
        return link
    }

    private struct NoLibrary: Error {}
}
