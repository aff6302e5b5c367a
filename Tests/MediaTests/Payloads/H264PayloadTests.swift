import Media
import Testing

@Suite struct `An H264 payload` {
    struct Parameters: Sendable, CustomTestStringConvertible {
        var unit: [UInt8]
        var size: PictureSize

        var testDescription: String { "\(size)" }
    }

    /// As x264 writes them: baseline, high with cropping, baseline, 4:4:4 with cropping.
    static let parameters = [
        Parameters(
            unit: [
                0x67, 0x42, 0xC0, 0x1E, 0xDA, 0x02, 0x80, 0xBF, 0xE5, 0x84, 0x00, 0x00, 0x03, 0x00,
                0x04, 0x00, 0x00, 0x03, 0x00, 0xF2, 0x3C, 0x58, 0xBA, 0x80,
            ],
            size: PictureSize(width: 640, height: 360)
        ),
        Parameters(
            unit: [
                0x67, 0x64, 0x00, 0x28, 0xAC, 0xB2, 0x00, 0xF0, 0x04, 0x4F, 0xCB, 0x08, 0x00, 0x00,
                0x03, 0x00, 0x08, 0x00, 0x00, 0x03, 0x01, 0xE4, 0x78, 0xC1, 0x92, 0x40,
            ],
            size: PictureSize(width: 1_920, height: 1_080)
        ),
        Parameters(
            unit: [
                0x67, 0x42, 0xC0, 0x1F, 0xDA, 0x01, 0x40, 0x16, 0xE8, 0x40, 0x00, 0x00, 0x03, 0x00,
                0x40, 0x00, 0x00, 0x0F, 0x23, 0xC6, 0x0C, 0xA8,
            ],
            size: PictureSize(width: 1_280, height: 720)
        ),
        Parameters(
            unit: [
                0x67, 0xF4, 0x00, 0x1E, 0x91, 0x96, 0x80, 0xA4, 0x2F, 0xE3, 0xE7, 0x84, 0x00, 0x00,
                0x03, 0x00, 0x04, 0x00, 0x00, 0x03, 0x00, 0xF2, 0x3C, 0x58, 0xBA, 0x80,
            ],
            size: PictureSize(width: 642, height: 362)
        ),
    ]

    @Test(arguments: parameters)
    func `tells the size from its parameters`(parameters: Parameters) throws {
        let payload = try #require(h264(parameters.unit))
        #expect(payload.size == parameters.size)
        #expect(payload.isKeyFrame && payload.mayStartFrame)
    }

    @Test(arguments: parameters)
    func `with parameters cut short anywhere tells no other size`(parameters: Parameters) {
        for count in 1..<parameters.unit.count {
            let size = h264(Array(parameters.unit.prefix(count)))?.size
            #expect(size == nil || size == parameters.size, "\(count) bytes")
        }
        #expect(h264(Array(parameters.unit.prefix(8)))?.size == nil)
    }

    /// Fields that real encoders don't use: scaling lists, another order of pictures, interlacing.
    @Test func `finds its way through the parts of parameters that are rarely there`() throws {
        var bits = BitWriter()
        for byte in [0x67, 100, 0, 40] { bits.put(byte, 8) }
        for value in [0, 1, 0, 0] { bits.putExponential(value) }
        bits.put(0b01, 2)
        // Eight lists: the first of sixteen, the seventh of 64, the last of 64 that ends early.
        for list in 0..<8 {
            bits.put(list == 0 || list >= 6 ? 1 : 0, 1)
            if list == 0 { for _ in 0..<16 { bits.putExponential(1) } }
            if list == 6 { for _ in 0..<64 { bits.putExponential(1) } }
            if list == 7 {
                bits.putExponential(0)
                bits.putExponential(16)  // -8: the rest is as the last
            }
        }
        bits.putExponential(4)
        bits.putExponential(1)
        bits.put(1, 1)
        for value in [5, 6, 3, 1, 2, 3] { bits.putExponential(value) }
        bits.putExponential(2)
        bits.put(0, 1)
        bits.putExponential(44)
        bits.putExponential(16)
        bits.put(0b00, 2)
        bits.put(0b11, 2)
        for value in [0, 4, 0, 2] { bits.putExponential(value) }
        bits.put(1, 1)
        let unit = bits.bytes
        #expect(h264(unit)?.size == PictureSize(width: 712, height: 536))
    }

    /// A number so great that zeros come in a row, which an encoder breaks up with a 3.
    @Test func `takes out what keeps zeros apart`() {
        var bits = BitWriter()
        for value in [0, 0, 0, 1 << 29, 1] { bits.putExponential(value) }
        bits.put(0, 1)
        bits.putExponential(19)
        bits.putExponential(14)
        bits.put(0b11, 2)
        bits.put(0b001, 3)
        var unit: [UInt8] = [0x67, 66, 0, 40]
        for byte in bits.bytes {
            if unit.suffix(2) == [0, 0], byte <= 3 { unit.append(3) }
            unit.append(byte)
        }
        #expect(unit.count > 4 + bits.bytes.count, "some were put in")
        #expect(h264(unit)?.size == PictureSize(width: 320, height: 240))
    }

    @Test func `believes no impossible size`() {
        for (columns, crop) in [(1 << 16, 0), (3, 24), (4_095, 0), (4_094, 0)] {
            var bits = BitWriter()
            for byte in [0x67, 66, 0, 40] { bits.put(byte, 8) }
            for value in [0, 0, 2, 1] { bits.putExponential(value) }
            bits.put(0, 1)
            bits.putExponential(columns)
            bits.putExponential(10)
            bits.put(0b11, 2)
            bits.put(1, 1)
            for value in [crop, 8, 0, 0] { bits.putExponential(value) }
            bits.put(0x80, 8)
            let unit = bits.bytes
            let width = 16 * (columns + 1) - 2 * (crop + 8)
            let isPossible = (1...65_535).contains(width)
            #expect((h264(unit)?.size != nil) == isPossible, "\(width)")
        }
    }

    @Test(
        arguments: [
            // Slices, first and other; of an independent picture; parameters of pictures; a delimiter.
            ([0x41, 0x9A], false, true), ([0x41, 0x1A], false, false), ([0x65, 0x88], true, true),
            ([0x65, 0x08], true, false), ([0x68, 0xCE], false, true), ([0x09, 0x10], false, true),
            ([0x06, 0x05], false, true), ([0x4C, 0x05], false, false), ([0x65], true, false),
            // Fragments: first, middle, last.
            ([0x7C, 0x85, 0x88], true, true), ([0x7C, 0x05, 0x88], false, false),
            ([0x7C, 0x45, 0x88], false, false), ([0x5C, 0x81, 0x9A], false, true),
            ([0x5C, 0x81, 0x1A], false, false),
            // Several: parameters of a sequence and a picture; a delimiter and a slice.
            ([0x78, 0, 2, 0x67, 0x42, 0, 2, 0x68, 0xCE], true, true),
            ([0x78, 0, 2, 0x09, 0x10, 0, 2, 0x41, 0x9A], false, true),
            ([0x78, 0, 1, 0x65], true, false),
        ] as [([UInt8], Bool, Bool)]
    )
    func `tells where frames begin`(bytes: [UInt8], isKey: Bool, mayStart: Bool) throws {
        let payload = try #require(h264(bytes))
        #expect(payload.isKeyFrame == isKey && payload.mayStartFrame == mayStart)
    }

    @Test(
        arguments: [
            [], [0x78], [0x78, 0], [0x78, 0, 0], [0x78, 0, 1], [0x78, 0, 2, 0x67],
            [0x78, 0, 0, 0x67],
            [0x78, 0, 1, 0x67, 0], [0x78, 0, 1, 0x67, 0, 1], [0x78, 0xFF, 0xFF, 0x67],
            [0x7C], [0x7C, 0x85], [0x7C, 0xC5, 0x88],
            // Types that are none, or of a mode that nobody negotiates.
            [0x60, 1, 2, 3], [0x79, 1, 2, 3], [0x7A, 1, 2, 3], [0x7B, 1, 2, 3], [0x7D, 1, 2, 3],
            [0x7E, 1, 2, 3], [0x7F, 1, 2, 3],
        ] as [[UInt8]]
    )
    func `that breaks a rule is none`(bytes: [UInt8]) {
        #expect(h264(bytes) == nil)
    }

    private func h264(_ bytes: [UInt8]) -> H264Payload? {
        H264Payload(bytes.span)
    }
}
