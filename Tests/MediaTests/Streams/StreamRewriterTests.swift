import Basics
import Media
import Testing

@Suite struct `A stream rewriter` {
    @Test func `begins where chance has it and counts on`() {
        var rewriter = StreamRewriter.forTests()
        #expect(rewriter.newest == nil && rewriter.insert() == nil && rewriter.shown == nil)
        let first = rewriter.show(.packet(70_000, timestamp: 5))
        #expect(first.sequence == 1_000 && first.timestamp == 777)
        #expect(rewriter.forward(.packet(70_001, timestamp: 3_005))?.sequence == 1_001)
        #expect(rewriter.newest == 1_001 && rewriter.shown == 0)
        #expect(rewriter.timestamp(of: 6_005) == 6_777)
    }

    @Test func `leaves no gap for what is not sent`() {
        var rewriter = StreamRewriter.forTests()
        _ = rewriter.show(.packet(10))
        #expect(rewriter.skip(.packet(11)) == nil)
        #expect(rewriter.skip(.packet(12)) == nil)
        #expect(rewriter.forward(.packet(13))?.sequence == 1_001)
    }

    @Test func `leaves a gap for what may still come, and fills it`() {
        var rewriter = StreamRewriter.forTests()
        _ = rewriter.show(.packet(10))
        #expect(rewriter.forward(.packet(13))?.sequence == 1_003)
        #expect(rewriter.forward(.packet(12))?.sequence == 1_002)
        #expect(rewriter.forward(.packet(11))?.sequence == 1_001)
    }

    @Test func `remembers for a late packet what was skipped before it`() {
        var rewriter = StreamRewriter.forTests()
        _ = rewriter.show(.packet(10))
        _ = rewriter.skip(.packet(11))
        #expect(rewriter.forward(.packet(13))?.sequence == 1_002)
        _ = rewriter.skip(.packet(14))
        #expect(rewriter.forward(.packet(15))?.sequence == 1_003)
        #expect(rewriter.forward(.packet(12))?.sequence == 1_001)
        #expect(rewriter.forward(.packet(14)) == nil)
    }

    @Test func `names the number that a late packet leaves empty`() {
        var rewriter = StreamRewriter.forTests()
        _ = rewriter.show(.packet(10))
        _ = rewriter.forward(.packet(12))
        #expect(rewriter.skip(.packet(11)) == 1_001)
    }

    @Test func `takes what is missing inside a skipped frame for a part of it`() {
        var rewriter = StreamRewriter.forTests()
        _ = rewriter.show(.packet(10, timestamp: 0))
        _ = rewriter.skip(.packet(11, timestamp: 3_000))
        _ = rewriter.skip(.packet(14, timestamp: 3_000))
        #expect(rewriter.forward(.packet(15, timestamp: 6_000))?.sequence == 1_001)
        #expect(rewriter.skip(.packet(12, timestamp: 3_000)) == nil)
        #expect(rewriter.forward(.packet(13, timestamp: 3_000)) == nil)
    }

    @Test func `closes the places before the first packet of a source`() {
        var rewriter = StreamRewriter.forTests()
        _ = rewriter.show(.packet(10))
        #expect(rewriter.forward(.packet(9)) == nil)
        #expect(rewriter.show(.packet(500, source: 1)).sequence == 1_001)
        #expect(rewriter.forward(.packet(11)) == nil, "the old source is shown no more")
        #expect(rewriter.skip(.packet(11)) == nil)
        #expect(rewriter.forward(.packet(501, source: 1))?.sequence == 1_002)
    }

    @Test func `closes a place 512 packets back`() {
        var rewriter = StreamRewriter.forTests()
        _ = rewriter.show(.packet(10))
        _ = rewriter.forward(.packet(13))
        _ = rewriter.forward(.packet(523))
        #expect(rewriter.forward(.packet(12))?.sequence == 1_002)
        _ = rewriter.forward(.packet(524))
        #expect(rewriter.forward(.packet(12)) == nil)
    }

    @Test func `closes a place when sixteen later changes were made`() {
        var rewriter = StreamRewriter.forTests()
        _ = rewriter.show(.packet(10))
        for number in stride(from: 12 as UInt64, to: 12 + 2 * 16, by: 2) {
            _ = rewriter.skip(.packet(number, timestamp: UInt32(number)))
            _ = rewriter.forward(.packet(number + 1))
        }
        #expect(rewriter.forward(.packet(11))?.sequence == 1_001)
        _ = rewriter.skip(.packet(44, timestamp: 44))
        #expect(rewriter.forward(.packet(11)) == nil)
    }

    @Test func `tells of an outage by one gap`() {
        var rewriter = StreamRewriter.forTests()
        _ = rewriter.show(.packet(10))
        #expect(rewriter.forward(.packet(5_000))?.sequence == 1_002)
        #expect(rewriter.forward(.packet(4_999)) == nil)
        #expect(rewriter.forward(.packet(5_001))?.sequence == 1_003)
    }

    @Test func `swallows any number of packets`() {
        var rewriter = StreamRewriter.forTests()
        _ = rewriter.show(.packet(10))
        for number in UInt64(11)..<100_000 { _ = rewriter.skip(.packet(number)) }
        #expect(rewriter.forward(.packet(100_000))?.sequence == 1_001)
        #expect(rewriter.forward(.packet(99_700)) == nil)
    }

    @Test func `is not misled by a change that is 40,000 packets old`() {
        var rewriter = StreamRewriter.forTests()
        _ = rewriter.show(.packet(10))
        _ = rewriter.skip(.packet(11))
        for number in UInt64(12)..<40_000 { _ = rewriter.forward(.packet(number)) }
        _ = rewriter.forward(.packet(40_001))
        #expect(rewriter.forward(.packet(40_000))?.sequence == 40_989)
    }

    @Test func `counts on after a pause`() {
        var rewriter = StreamRewriter.forTests()
        _ = rewriter.show(.packet(10, timestamp: 0))
        rewriter.close()
        #expect(rewriter.forward(.packet(11)) == nil)
        let next = rewriter.show(.packet(90, timestamp: 240_000, at: 2_667))
        #expect(next.sequence == 1_001 && next.timestamp == 777 + 240_000)
    }

    @Test func `has numbers of its own between packets`() {
        var rewriter = StreamRewriter.forTests()
        _ = rewriter.show(.packet(10, timestamp: 0))
        _ = rewriter.forward(.packet(12, timestamp: 0))
        #expect(rewriter.insert()! == (1_003, 777))
        #expect(rewriter.insert()! == (1_004, 777))
        #expect(rewriter.forward(.packet(14))?.sequence == 1_006)
        #expect(rewriter.forward(.packet(13))?.sequence == 1_005)
        #expect(rewriter.forward(.packet(11))?.sequence == 1_001)
        #expect(rewriter.newest == 1_006)
    }

    @Test func `counts the pictures that are sent, in fifteen bits`() {
        var rewriter = StreamRewriter.forTests(picture: 32_765)
        #expect(rewriter.show(.packet(10, picture: .long(100))).picture(100) == 32_766)
        _ = rewriter.skip(.packet(11, picture: .long(101)))
        _ = rewriter.skip(.packet(12, picture: .long(101)))
        #expect(rewriter.forward(.packet(13, picture: .long(102)))?.picture(102) == 32_767)
        _ = rewriter.skip(.packet(14, picture: .long(103)))
        #expect(rewriter.forward(.packet(15, picture: .long(104)))?.picture(104) == 0)
        #expect(rewriter.show(.packet(7, source: 1, picture: .long(9))).picture(9) == 1)
    }

    @Test func `counts on in seven bits, and back in fifteen`() {
        var rewriter = StreamRewriter.forTests(picture: 250)
        #expect(rewriter.show(.packet(10, picture: .short(127))).picture(127) & 0x7F == 251 & 0x7F)
        for picture in UInt8(0)..<10 {
            let next = rewriter.forward(.packet(11 + UInt64(picture), picture: .short(picture)))
            #expect((next?.picture(UInt16(picture)) ?? 0) & 0x7F == (252 + UInt16(picture)) & 0x7F)
        }
        #expect(rewriter.show(.packet(7, source: 1, picture: .long(9))).picture(9) == 262)
    }

    @Test func `does not count a picture whose rest was dropped as dropped`() {
        var rewriter = StreamRewriter.forTests(picture: 0)
        #expect(rewriter.show(.packet(10, picture: .long(100))).picture(100) == 1)
        #expect(rewriter.forward(.packet(11, picture: .long(101)))?.picture(101) == 2)
        _ = rewriter.skip(.packet(12, picture: .long(101)))
        #expect(rewriter.forward(.packet(13, picture: .long(102)))?.picture(102) == 3)
    }

    @Test func `sends no rest of a picture whose beginning was skipped`() {
        var rewriter = StreamRewriter.forTests(picture: 0)
        _ = rewriter.show(.packet(10, picture: .long(100)))
        _ = rewriter.skip(.packet(11, picture: .long(101)))
        #expect(rewriter.forward(.packet(12, picture: .long(101))) == nil)
        #expect(rewriter.forward(.packet(13, picture: .long(102)))?.picture(102) == 2)
        #expect(rewriter.newest == 1_001)
    }

    @Test func `counts base layers on from source to source`() {
        var rewriter = StreamRewriter.forTests()
        #expect(rewriter.show(.packet(10, baseLayer: 7)).baseLayerShift &+ 7 == 201)
        #expect(rewriter.forward(.packet(11, baseLayer: 8))!.baseLayerShift &+ 8 == 202)
        #expect(rewriter.show(.packet(1, source: 1, baseLayer: 250)).baseLayerShift &+ 250 == 203)
    }

    @Test func `lets a new source's time follow its capture`() {
        var rewriter = StreamRewriter.forTests()
        _ = rewriter.show(.packet(10, timestamp: 0, captured: 1_000, at: 1_050))
        let next = rewriter.show(
            .packet(1, source: 1, timestamp: 99, captured: 1_200, at: 1_230)
        )
        #expect(next.timestamp == 777 + 18_000)
    }

    @Test func `never lets time run back, nor ahead of what passed`() {
        var rewriter = StreamRewriter.forTests()
        _ = rewriter.show(.packet(10, timestamp: 0, captured: 1_000, at: 1_050))
        let early = rewriter.show(.packet(1, source: 1, timestamp: 99, captured: 900, at: 1_060))
        #expect(early.timestamp == 777 + 3_000)
        let far = rewriter.show(.packet(1, source: 2, timestamp: 9, captured: 99_000, at: 1_160))
        #expect(far.timestamp == 777 + 3_000 + 9_000 + 90_000)
        let back = rewriter.show(.packet(0, source: 2, timestamp: 0, captured: 98_999, at: 1_160))
        #expect(back.timestamp == far.timestamp + 3_000)
        // Half a day later, when a timestamp is half way round.
        let late = rewriter.show(
            .packet(9, source: 3, timestamp: 5, captured: 50_000_000, at: 50_000_000)
        )
        #expect(Int32(bitPattern: late.timestamp &- back.timestamp) > 0)
    }

    @Test func `is small`() {
        #expect(MemoryLayout<StreamRewriter>.size <= 264)
        #expect(MemoryLayout<SourcePacket>.size <= 40)
    }
}

extension StreamRewriter {
    static func forTests(picture: UInt16 = 0) -> StreamRewriter {
        StreamRewriter(
            kind: .video,
            clockRate: 90_000,
            begin: Beginning(sequence: 1_000, timestamp: 777, picture: picture, baseLayer: 200)
        )
    }
}

extension RewrittenPacket {
    func picture(_ source: UInt16) -> UInt16 { (source &+ pictureShift) & 0x7FFF }
}

extension SourcePacket {
    static func packet(
        _ sequence: UInt64,
        source: UInt16 = 0,
        timestamp: UInt32 = 0,
        picture: Picture = .none,
        baseLayer: UInt8? = nil,
        captured: Int = 0,
        at time: Int = 0
    ) -> SourcePacket {
        SourcePacket(
            source: source,
            sequence: sequence,
            timestamp: timestamp,
            arrival: .milliseconds(time),
            captured: .milliseconds(captured),
            picture: picture,
            baseLayerIndex: baseLayer
        )
    }
}
