import Basics
import Media
import Testing

/// A peer inside DTLS is known, not trusted. Whatever it says, the association lives or is aborted with
/// a cause, and what it holds stays bounded.
@Suite struct `An SCTP association with a hostile peer` {
    @Test func `drops packets whose chunks don't fit them, and lives`() {
        var peer = HandMadePeer.connected()
        let good = HandMadePeer.packet([peer.data([1, 2, 3, 4])], tag: peer.theirTag)
        for length in 0..<UInt16(64) where length < 4 || length > 20 {
            var bad = good
            bad[14] = UInt8(length >> 8)
            bad[15] = UInt8(length & 255)
            peer.hand(HandMadePeer.sealed(bad))
        }
        for count in 0..<good.count { peer.hand(HandMadePeer.sealed16(good.prefix(count))) }
        #expect(peer.answers().isEmpty)
        #expect(peer.events.isEmpty)
        peer.hand(good)
        _ = peer.answers()
        #expect(peer.events.messages.map(\.bytes) == [[1, 2, 3, 4]])
    }

    @Test func `drops packets with another tag, other ports, or a wrong checksum`() {
        var peer = HandMadePeer.connected()
        let chunk = peer.data([1])
        let good = HandMadePeer.packet([chunk], tag: peer.theirTag)
        for place in [0, 1, 2, 3, 4, 5, 6, 7] {
            var bad = good
            bad[place] ^= 1
            peer.hand(HandMadePeer.sealed(bad))
        }
        for place in 8..<good.count {
            var bad = good
            bad[place] ^= 1
            peer.hand(bad)
        }
        #expect(peer.answers().isEmpty)
        #expect(peer.events.isEmpty)
        #expect(peer.association.counts.packetsRefused == UInt64(good.count))
    }

    @Test func `refuses an INIT without tag, streams or window`() {
        let cases: [(UInt32, UInt32, (UInt16, UInt16), [UInt8])] = [
            (0, 100_000, (1, 1), []),
            (5, 1_499, (1, 1), [6]),
            (5, 100_000, (0, 1), [6]),
            (5, 100_000, (1, 0), [6]),
            (5, 1_500, (1, 1), [2]),
        ]
        for (tag, window, streams, answer) in cases {
            var peer = HandMadePeer()
            let initiation = peer.initiation(tag: tag, window: window, streams: streams)
            #expect(peer.say([initiation], tag: 0).map(\.type) == answer)
        }
        var peer = HandMadePeer()
        let initiation = peer.initiation()
        #expect(peer.say([initiation], tag: 7).isEmpty, "INIT has no tag")
        #expect(peer.say([initiation, initiation], tag: 0).isEmpty, "INIT comes alone")
        let lie = peer.initiation(parameters: [0x80, 8, 0, 60, 130])
        #expect(peer.say([lie], tag: 0).isEmpty, "a parameter ends before its chunk does")
        let host = peer.initiation(parameters: [0, 11, 0, 8, 65, 65, 65, 0])
        #expect(peer.say([host], tag: 0).map(\.type) == [6])
    }

    @Test func `answers a storm of INITs with as little as one`() {
        var peer = HandMadePeer()
        for tag in UInt32(1)...2_000 {
            peer.hand(HandMadePeer.packet([peer.initiation(tag: tag)], tag: 0))
        }
        #expect(peer.answers().count <= 4)
        peer.shakeHands()
        #expect(peer.events == [.connected])
    }

    @Test func `ignores TSNs far outside its window`() {
        var peer = HandMadePeer.connected(firstTSN: 0xFFFF_FF00)
        for step in [20_000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_0000] as [UInt32] {
            let answer = peer.say([peer.data([1], tsn: 0xFFFF_FF00 &+ step)])
            #expect(answer.map(\.type) == [3])
            #expect(number(answer[0].value, 0) == 0xFFFF_FEFF)
        }
        #expect(peer.events.isEmpty)
        _ = peer.say([peer.data([9])])
        #expect(peer.events.messages.map(\.bytes) == [[9]])
    }

    @Test func `keeps no more holes than it can report`() {
        var peer = HandMadePeer.connected()
        for step in UInt32(1)...1_000 {
            peer.hand(
                HandMadePeer.packet(
                    [peer.data([1], tsn: 1_000 + 2 * step, flags: 7)],
                    tag: peer.theirTag
                )
            )
        }
        let sack = peer.answers().first { $0.type == 3 }
        let blocks = sack.map { Int($0.value[8]) << 8 | Int($0.value[9]) }
        #expect(blocks == 128)
        #expect(peer.association.counts.chunksRefused == 1_000 - 128)
    }

    @Test(arguments: [1, 2, 3] as [UInt32])
    func `aborts when something is acknowledged that was never sent`(ahead: UInt32) throws {
        var peer = HandMadePeer.connected()
        try peer.association.send([1].span, stream: 0, payloadProtocol: 51, at: peer.now)
        _ = peer.answers()
        let answer = peer.say([peer.sack(peer.theirTSN &+ ahead)])
        #expect(answer == [.init(type: 6, value: [0, 13, 0, 4])])
        #expect(peer.events == [.closed(.aborted(.protocolViolation))])
    }

    @Test func `aborts when a gap block reaches beyond what was sent`() throws {
        var peer = HandMadePeer.connected()
        try peer.association.send([1].span, stream: 0, payloadProtocol: 51, at: peer.now)
        _ = peer.answers()
        _ = peer.say([peer.sack(peer.theirTSN &- 1, gaps: [(2, 2)])])
        #expect(peer.events == [.closed(.aborted(.protocolViolation))])
    }

    @Test func `survives gap blocks in any order`() throws {
        var peer = HandMadePeer.connected()
        for _ in 0..<10 {
            try peer.association.send([1].span, stream: 0, payloadProtocol: 51, at: peer.now)
        }
        _ = peer.answers()
        let before = peer.theirTSN &- 1
        for gaps: [(UInt16, UInt16)] in [
            [(5, 6), (2, 3)], [(3, 2)], [(0, 0)], [(0, 10)], [(2, 4), (3, 5)], [(4, 4), (4, 4)],
            [(10, 10), (1, 1)], Array(repeating: (2, 9), count: 200),
        ] {
            _ = peer.say([peer.sack(before, gaps: gaps)])
            #expect(peer.events.isEmpty)
        }
        _ = peer.say([peer.sack(before &+ 10)])
        #expect(peer.association.bufferedBytes == 0)
        #expect(peer.association.deadline == nil)
    }

    @Test func `skips with FORWARD-TSN however far, and goes on there`() {
        var peer = HandMadePeer.connected()
        _ = peer.say([peer.data([1], tsn: 1_001, flags: 2), peer.data([3], tsn: 1_005, number: 3)])
        let answer = peer.say([peer.forward(0x7000_0000, [(0, 9), (99, 1), (5_000, 1)])])
        #expect(number(answer[0].value, 0) == 0x7000_0000)
        #expect(number(answer[0].value, 4) == 262_144, "nothing is held")
        #expect(peer.events.messages.map(\.bytes) == [[3]], "what was whole is delivered")
        _ = peer.say([peer.forward(1_000), peer.data([4], tsn: 0x7000_0001, number: 10)])
        #expect(peer.events.messages.map(\.bytes) == [[3], [4]])
    }

    @Test func `aborts over a message that never ends`() {
        var peer = HandMadePeer.connected()
        let part = [UInt8](repeating: 1, count: 1_000)
        _ = peer.say([peer.data(part, flags: 2)])
        var count = 1
        while peer.events.isEmpty, count < 1_000 {
            _ = peer.say([peer.data(part, flags: 0)])
            count += 1
        }
        #expect(count == 66, "beyond 65,536 bytes")
        #expect(peer.events == [.closed(.aborted(.protocolViolation))])
    }

    @Test func `holds no more than its buffer of what never becomes whole`() {
        var peer = HandMadePeer.connected()
        let part = [UInt8](repeating: 1, count: 1_000)
        // Every second fragment, beyond the first gap; then with numbers that leave one out.
        for step in 0..<100 as Range<UInt32> {
            _ = peer.say([peer.data(part, tsn: 1_001 + 2 * step, flags: 0)])
        }
        var least = UInt32.max
        peer.tsn = 1_000
        for number16 in 1..<500 as Range<UInt16> {
            for chunk in peer.say([peer.data(part, stream: 1, number: number16)])
            where chunk.type == 3 {
                least = min(least, number(chunk.value, 4))
            }
            if number16 <= 100 { peer.tsn += 1 }
        }
        #expect(peer.events.last == .closed(.aborted(.outOfResource)))
        #expect(least == 0, "the window had closed before")
    }

    @Test func `aborts over fragments that contradict each other`() {
        let flags: [(UInt8, UInt8, UInt16)] = [(2, 3, 0), (2, 2, 0), (2, 0, 7), (2, 4, 0)]
        for (first, second, number16) in flags {
            var peer = HandMadePeer.connected()
            _ = peer.say([peer.data([1], flags: first)])
            // A lone whole message amid another is seen when the next fragment does not fit.
            _ = peer.say([peer.data([2], number: number16, flags: second)])
            _ = peer.say([peer.data([3], flags: 1)])
            _ = peer.say([peer.data([4], number: 1, flags: 1)])
            let isOver = peer.events.contains(.closed(.aborted(.protocolViolation)))
            #expect(isOver || second == 3, "flags \(first), \(second)")
        }
    }

    @Test func `aborts over DATA without data`() {
        var peer = HandMadePeer.connected()
        let answer = peer.say([peer.data([])])
        #expect(answer == [.init(type: 6, value: [0, 9, 0, 8] + big(UInt32(1_000)))])
        #expect(peer.events == [.closed(.aborted(.noUserData))])
        for count in 0..<12 {
            var peer = HandMadePeer.connected()
            _ = peer.say([.init(type: 0, flags: 3, value: Array(repeating: 0, count: count))])
            #expect(peer.events == [.closed(.aborted(.noUserData))])
        }
    }

    @Test func `complains of streams that nobody agreed on`() {
        var peer = HandMadePeer.connected()
        let answer = peer.say([peer.data([1], stream: 100)])
        #expect(answer.contains(.init(type: 9, value: [0, 1, 0, 8, 0, 100, 0, 0])))
        #expect(peer.events.isEmpty)
        _ = peer.say([peer.data([2], stream: 99)])
        #expect(peer.events.messages.map(\.bytes) == [[2]])
    }

    @Test func `keeps little for each of 65,535 streams`() {
        var wide = SCTPConfiguration()
        wide.streamCount = 65_535
        var peer = HandMadePeer(wide)
        for chunk in peer.say([peer.initiation(streams: (65_535, 65_535))], tag: 0) {
            peer.accept(chunk)
            let cookie = HandMadePeer.parameter(7, of: chunk.value.dropFirst(16)) ?? []
            _ = peer.say([.init(type: 10, value: cookie)])
        }
        for stream in stride(from: UInt16(0), to: 65_535, by: 97) {
            _ = peer.say([peer.data([1], stream: stream)])
        }
        #expect(peer.events.messages.count == 676)
        #expect(peer.events.count == 677)
    }

    @Test func `answers a packet full of questions with one packet`() {
        var peer = HandMadePeer.connected()
        let beat = HandMadePeer.Chunk(type: 4, value: [UInt8](repeating: 1, count: 8))
        let unknown = HandMadePeer.Chunk(type: 0xC1, value: [1, 2, 3, 4])
        let reset = HandMadePeer.Chunk(
            type: 130,
            value: [0, 14, 0, 8, 0, 0, 0, 1] + [0, 15, 0, 8, 0, 0, 0, 2]
        )
        let chunks = (0..<1_000).flatMap { _ in [beat, unknown, reset] }
        let packet = HandMadePeer.packet(chunks, tag: peer.theirTag)
        peer.hand(packet)
        var size = 0
        for chunk in peer.answers() { size += chunk.value.count + 4 }
        #expect(size < 1_148)
        #expect(peer.events.isEmpty)
    }

    @Test func `stops at an unknown chunk that says so, and skips the others`() {
        var peer = HandMadePeer.connected()
        let stop = peer.say([.init(type: 0x41, value: [1, 2, 3, 4]), peer.data([1])])
        #expect(stop == [.init(type: 9, value: [0, 6, 0, 12, 0x41, 0, 0, 8, 1, 2, 3, 4])])
        #expect(peer.events.isEmpty)
        peer.tsn = 1_000
        _ = peer.say([.init(type: 0x81), peer.data([2])])
        #expect(peer.events.messages.map(\.bytes) == [[2]])
    }

    @Test func `answers requests it does not want, and repeats itself when asked twice`() {
        var peer = HandMadePeer.connected()
        func request(_ type: UInt8, _ number: UInt32, _ rest: [UInt8] = []) -> HandMadePeer.Chunk {
            .init(type: 130, value: [0, type] + big(UInt16(8 + rest.count)) + big(number) + rest)
        }
        func answer(_ number: UInt32, _ result: UInt32) -> HandMadePeer.Chunk {
            .init(type: 130, value: [0, 16, 0, 12] + big(number) + big(result))
        }
        #expect(peer.say([request(15, 1_000)]) == [answer(1_000, 2)])
        #expect(peer.say([request(15, 1_000)]) == [answer(1_000, 2)])
        #expect(peer.say([request(14, 1_005)]) == [answer(1_005, 5)])
        #expect(peer.say([request(17, 1_001, [0xFF, 0xFF, 0, 0])]) == [answer(1_001, 2)])
        #expect(peer.say([request(17, 1_002, [0, 50, 0, 0])]) == [answer(1_002, 1)])
        _ = peer.say([peer.data([1], stream: 149)])
        #expect(peer.events.messages.count == 1)
        // A reset that has to wait for data, asked for twice, then by a new number.
        let wait = big(UInt32(0)) + big(UInt32(1_002)) + big(UInt16(3))
        #expect(peer.say([request(13, 1_003, wait)]) == [answer(1_003, 6)])
        #expect(peer.say([request(13, 1_003, wait)]) == [answer(1_003, 6)])
        #expect(
            peer.say([peer.data([2], flags: 7), peer.data([3], flags: 7)]).contains(
                answer(1_003, 1)
            )
        )
        #expect(peer.events.contains(.peerReset([3])))
        #expect(peer.say([request(13, 1_003, wait)]) == [answer(1_003, 1)])
        #expect(peer.events.filter { $0 == .peerReset([3]) }.count == 1, "and is done once")
    }

    @Test func `takes nothing in pieces too small to mean something`() {
        for type in UInt8.min...UInt8.max {
            for count in [0, 1, 3, 4, 7, 8, 12, 16, 19] {
                var peer = HandMadePeer.connected()
                _ = peer.say([.init(type: type, value: [UInt8](repeating: 0, count: count))])
                peer.pass(.seconds(1))
                _ = peer.answers()
                let ends = peer.events.count { if case .closed = $0 { true } else { false } }
                #expect(ends <= 1)
            }
        }
    }
}

extension HandMadePeer {
    /// Whatever is left of a packet, with a checksum if there is room for one.
    static func sealed16(_ part: ArraySlice<UInt8>) -> [UInt8] {
        part.count < 16 ? Array(part) : sealed(Array(part))
    }
}
