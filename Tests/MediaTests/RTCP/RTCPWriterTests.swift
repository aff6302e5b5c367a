import Basics
import Media
import Testing

@Suite struct `An RTCP writer` {
    private static let block = RTCPReportBlock(
        ssrc: SSRC(2),
        fractionLost: 64,
        cumulativeLost: -2,
        highestSequence: 0x1_1234,
        jitter: 5,
        lastReport: 0x1_8000,
        delay: 0x8000
    )
    private static let info = RTCPSenderPart(
        ssrc: SSRC(1),
        ntp: NTPTime(rawValue: 0xE000_0001_8000_0000),
        timestamp: 0x0001_0203,
        packetCount: 9,
        byteCount: 256
    )

    @Test func `writes the bytes that the reader was shown`() {
        #expect(
            written { $0.appendSenderReport(Self.info, [Self.block].span) }
                == `An RTCP reader`.senderReport
        )
        #expect(
            written { $0.appendPictureLoss(SSRC(1), SSRC(2)) } == `An RTCP reader`.pictureLoss
        )
        #expect(
            written {
                $0.appendFullIntraRequest(SSRC(1), .init(ssrc: SSRC(2), number: 7))
            } == `An RTCP reader`.intra
        )
        #expect(
            written {
                $0.appendReceiverEstimate(
                    SSRC(1),
                    Bitrate(bitsPerSecond: 2_500_000),
                    [SSRC(2)].span
                )
            } == `An RTCP reader`.estimate
        )
        #expect(
            written { $0.appendNack(SSRC(1), SSRC(2), missing: [65_535, 0, 9, 15].span) == 4 } == [
                0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0xFF, 0xFF, 0x82, 0x01,
            ]
        )
    }

    @Test func `writes a compound`() {
        let bytes = written { writer in
            let name = Array("call".utf8)
            return writer.appendReceiverReport(SSRC(3), [Self.block, Self.block].span)
                && writer.appendName(SSRC(3), name.span) && writer.appendGoodbye(SSRC(3))
        }
        let block = "[2 64 -2 70196 5 98304 32768]"
        #expect(seen(bytes) == ["RR 3 \(block) \(block)", "SDES 3=call", "BYE 3"])
    }

    @Test func `pads names of any length, and cuts them at 255 bytes`() {
        for count in 0...300 {
            let name = [UInt8](repeating: 0x61, count: count)
            let bytes = written { $0.appendName(SSRC(3), name.span) }
            let read = String(repeating: "a", count: min(count, 255))
            #expect(bytes.count.isMultiple(of: 4))
            #expect(seen(bytes) == ["SDES 3=\(read)"])
        }
    }

    @Test func `writes no more blocks than can be counted`() {
        let blocks = [RTCPReportBlock](repeating: Self.block, count: 40)
        let bytes = written { $0.appendReceiverReport(SSRC(3), blocks.span) }
        #expect(bytes.count == 8 + 31 * 24)
        #expect(seen(bytes) != nil)
    }

    @Test func `keeps sums of losses within their bits`() {
        for (lost, read) in [
            (Int32.max, 0x7F_FFFF), (.min, -0x80_0000), (-1, -1), (0x7F_FFFF, 0x7F_FFFF),
        ] as [(Int32, Int)] {
            var block = Self.block
            block.cumulativeLost = lost
            let bytes = written { $0.appendReceiverReport(SSRC(3), [block].span) }
            #expect(seen(bytes) == ["RR 3 [2 64 \(read) 70196 5 98304 32768]"])
        }
    }

    @Test(arguments: UInt64(0)..<100)
    func `rounds a bitrate down by less than a part in 131,072`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let value = Int64.random(in: 0...Int64.max >> Int64(seed % 63), using: &random)
        let none: [SSRC] = []
        let bytes = written {
            $0.appendReceiverEstimate(SSRC(1), Bitrate(rawValue: value), none.span)
        }
        let words = try #require(seen(bytes)?.first).split(separator: " ")
        let read = try #require(Int64(words[2]))
        #expect(read <= value && value - read <= value >> 17)
    }

    @Test func `leaves no trace of what does not fit`() {
        typealias Append = (inout RTCPWriter) -> Bool
        let blocks = [Self.block]
        let name = Array("call".utf8)
        let appends: [Append] = [
            { $0.appendSenderReport(Self.info, blocks.span) },
            { $0.appendReceiverReport(SSRC(3), blocks.span) },
            { $0.appendName(SSRC(3), name.span) },
            { $0.appendGoodbye(SSRC(3)) },
            { $0.appendPictureLoss(SSRC(1), SSRC(2)) },
            { $0.appendFullIntraRequest(SSRC(1), .init(ssrc: SSRC(2), number: 7)) },
            { $0.appendReceiverEstimate(SSRC(1), .zero, [SSRC(1)].span) },
            { $0.appendNack(SSRC(1), SSRC(2), missing: [1].span) > 0 },
            {
                let head = RTCPArrivalsHead(
                    sender: SSRC(1),
                    media: SSRC(2),
                    base: 1,
                    referenceTime: 1,
                    feedbackCount: 1
                )
                return $0.appendArrivals(head, count: 1) { _ in 1 } > 0
            },
        ]
        for append in appends {
            let size = written(append).count
            for capacity in 0..<size {
                var buffer = [UInt8](repeating: 0xAA, count: capacity)
                let span = buffer.mutableSpan
                var writer = RTCPWriter(into: span)
                let fits = append(&writer)
                let count = writer.count
                #expect(!fits && count == 0)
                #expect(buffer.allSatisfy { $0 == 0xAA })
            }
            #expect(written(capacity: size, append).count == size)
        }
    }
}

/// What one closure appends, which must fit.
func written(capacity: Int = 4_096, _ body: (inout RTCPWriter) -> Bool) -> [UInt8] {
    var buffer = [UInt8](repeating: 0xAA, count: capacity)
    let span = buffer.mutableSpan
    var writer = RTCPWriter(into: span)
    let fits = body(&writer)
    let count = writer.count
    #expect(fits, "\(capacity) bytes are enough")
    #expect(buffer[count...].allSatisfy { $0 == 0xAA }, "nothing beyond the end")
    return Array(buffer.prefix(count))
}
