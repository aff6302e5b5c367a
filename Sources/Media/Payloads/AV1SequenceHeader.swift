/// What a sequence header of AV1 says of the size (AV1 bitstream specification section 5.5).
struct AV1SequenceHeader: Hashable, BitwiseCopyable, Sendable {
    let size: PictureSize

    /// `bytes` follow the OBU's own header. Nil if they end too early.
    init?(_ bytes: Span<UInt8>) {
        var reader = BitReader(bytes)
        reader.skip(4)
        if reader.flag() {
            reader.skip(5)  // a still picture, with a level and no more
        } else {
            Self.skipOperatingPoints(&reader)
        }
        let widthBits = Int(reader.bits(4)) + 1
        let heightBits = Int(reader.bits(4)) + 1
        let (width, height) = (reader.bits(widthBits), reader.bits(heightBits))
        guard !reader.isExhausted else { return nil }
        guard let size = PictureSize(width + 1, height + 1) else { return nil }
        self.size = size
    }

    private static func skipOperatingPoints(_ reader: inout BitReader) {
        var hasModel = false
        var delayBits = 0
        if reader.flag() {
            reader.skip(64)  // tick and time scale
            if reader.flag() { _ = reader.exponential() }
            hasModel = reader.flag()
            if hasModel {
                delayBits = Int(reader.bits(5)) + 1
                reader.skip(42)
            }
        }
        let hasDisplayDelay = reader.flag()
        for _ in 0...reader.bits(5) {
            reader.skip(12)
            if reader.bits(5) > 7 { reader.skip(1) }
            if hasModel, reader.flag() { reader.skip(2 * delayBits + 1) }
            if hasDisplayDelay, reader.flag() { reader.skip(4) }
        }
    }
}
