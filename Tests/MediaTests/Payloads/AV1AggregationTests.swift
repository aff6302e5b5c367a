import Media
import Testing

@Suite struct `An AV1 packet` {
    /// A sequence header of 640x360 and the first bytes of its key frame, as SVT-AV1 writes them; then
    /// without the sizes, which packets leave out.
    private let sequence: [UInt8] = [
        0x08, 0x00, 0x00, 0x00, 0x0C, 0xC4, 0xFF, 0x67, 0x12, 0xBE, 0x40, 0x10,
    ]
    private let keyFrame: [UInt8] = [0x30, 0x10, 0x00, 0x8C, 0x20, 0x81, 0x45]
    private let frame: [UInt8] = [0x30, 0x28, 0x02, 0x00, 0x24, 0x92]

    @Test func `that begins a sequence is one to begin with`() throws {
        for bytes in [
            // Two elements, the second without a size; any number; a delimiter before them.
            [0x28, 12] + sequence + keyFrame, [0x08, 12] + sequence + [7] + keyFrame,
            [0x38, 1, 0x10, 12] + sequence + keyFrame, [0x20, 12] + sequence + keyFrame,
        ] {
            let packet = try #require(av1(bytes))
            #expect(packet.startsKeyFrame && packet.hasSequenceHeader)
            #expect(packet.size == PictureSize(width: 640, height: 360))
        }
    }

    @Test func `with sizes inside its OBUs is understood too`() throws {
        let sequence = [0x0A, 11] + sequence.dropFirst()
        let keyFrame = [0x32, 6] + keyFrame.dropFirst()
        let bytes = [0x28, 13] + sequence + keyFrame
        let packet = try #require(av1(bytes))
        #expect(packet.startsKeyFrame)
        #expect(packet.size == PictureSize(width: 640, height: 360))
    }

    @Test func `without a sequence's header is none to begin with`() throws {
        for bytes in [
            [0x10] + frame, [0x10] + keyFrame, [0x18] + keyFrame, [0x90] + sequence,
            // The header said again, before a frame that needs others.
            [0x20, 12] + sequence + frame,
        ] {
            let packet = try #require(av1(bytes))
            #expect(!packet.startsKeyFrame)
        }
    }

    @Test func `tells its layers from the first OBU that does`() throws {
        let bytes: [UInt8] = [0x20, 1, 0x10, 0x34, 0x48, 0x28, 0x02]
        let packet = try #require(av1(bytes))
        #expect(packet.temporalLayer == 2 && packet.spatialLayer == 1)
        let tail: [UInt8] = [0x90, 0x34, 0x48, 0x28]
        #expect(av1(tail)?.temporalLayer == 0, "the rest of an OBU has no header")
    }

    @Test func `cut short anywhere never tells another size`() throws {
        let bytes = [0x08, 12] + sequence + [7] + keyFrame
        for count in 0..<bytes.count {
            let packet = av1(Array(bytes.prefix(count)))
            // Only whole elements are a packet.
            #expect((packet != nil) == (count == 14), "\(count) bytes")
        }
        for count in 1..<12 {
            let bytes = [0x18] + sequence.prefix(count)
            let packet = av1(bytes)
            #expect(packet?.size == (count < 8 ? nil : PictureSize(width: 640, height: 360)))
        }
    }

    @Test(
        arguments: [
            [], [0x10], [0x88, 0x30], [0x00, 2, 0x30], [0x00, 0xFF],
            [0x00, 0x80, 0x80, 0x80, 0x80, 0],
            [0x20, 1, 0x10], [0x30, 1, 0x10, 0x30], [0x20, 5, 0x10, 0x30],
            [0x00, 0xFF, 0xFF, 0xFF, 0x7F],
        ] as [[UInt8]]
    )
    func `that breaks a rule is none`(bytes: [UInt8]) {
        #expect(av1(bytes) == nil)
    }

    @Test func `of empty elements has nothing to tell`() throws {
        let bytes: [UInt8] = [0x00, 0, 0, 0]
        let packet = try #require(av1(bytes))
        #expect(!packet.startsKeyFrame && !packet.hasSequenceHeader)
    }

    /// Timing, a decoder model, and two operating points come before the size.
    @Test func `finds the size behind all that may come before it`() throws {
        var bits = BitWriter()
        bits.put(0x08, 8)
        bits.put(0, 4)
        bits.put(0, 1)
        bits.put(1, 1)
        bits.put(1, 32)
        bits.put(30, 32)
        bits.put(1, 1)
        bits.putExponential(300)
        bits.put(1, 1)
        bits.put(9, 5)
        bits.put(1, 32)
        bits.put(3, 5)
        bits.put(4, 5)
        bits.put(1, 1)
        bits.put(1, 5)
        for level in [8, 4] {
            bits.put(0x101, 12)
            bits.put(level, 5)
            if level > 7 { bits.put(1, 1) }
            bits.put(1, 1)
            bits.put(0x3FF, 10)
            bits.put(0x155, 10)
            bits.put(0, 1)
            bits.put(1, 1)
            bits.put(5, 4)
        }
        bits.put(10, 4)
        bits.put(9, 4)
        bits.put(1_279, 11)
        bits.put(719, 10)
        let bytes = [0x18] + bits.bytes
        #expect(av1(bytes)?.size == PictureSize(width: 1_280, height: 720))
    }

    private func av1(_ bytes: [UInt8]) -> AV1Aggregation? {
        AV1Aggregation(bytes.span)
    }
}
