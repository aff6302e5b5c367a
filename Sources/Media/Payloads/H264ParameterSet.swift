/// What a sequence parameter set says of the size (ITU-T H.264 section 7.3.2.1.1).
struct H264ParameterSet: Hashable, BitwiseCopyable, Sendable {
    let size: PictureSize

    /// `unit` begins with its head. Nil if it ends too early, or says what can't be.
    init?(_ unit: Span<UInt8>) {
        guard unit.count >= 5 else { return nil }
        let profile = unit[1]
        var reader = BitReader(unit.extracting(4..<unit.count), skipsEmulation: true)
        _ = reader.exponential()  // its own id
        var chroma: UInt32 = 1
        var hasPlanes = false
        if Self.profilesWithChroma.contains(profile) {
            chroma = reader.exponential()
            guard chroma <= 3 else { return nil }
            if chroma == 3 { hasPlanes = reader.flag() }
            _ = reader.exponential()  // bit depths
            _ = reader.exponential()
            reader.skip(1)
            if reader.flag() {
                for index in 0..<(chroma == 3 ? 12 : 8) where reader.flag() {
                    Self.skipScaling(&reader, count: index < 6 ? 16 : 64)
                }
            }
        }
        _ = reader.exponential()  // bits of the frame's number
        switch reader.exponential() {
        case 0: _ = reader.exponential()
        case 1:
            reader.skip(1)
            _ = reader.exponential()
            _ = reader.exponential()
            let cycle = reader.exponential()
            guard cycle <= 255 else { return nil }
            for _ in 0..<cycle { _ = reader.exponential() }
        default: break
        }
        _ = reader.exponential()  // reference frames
        reader.skip(1)
        let columns = Int(reader.exponential()) + 1
        let rows = Int(reader.exponential()) + 1
        let fields = reader.flag() ? 1 : 2
        if fields == 2 { reader.skip(1) }
        reader.skip(1)
        var (width, height) = (16 * columns, 16 * rows * fields)
        if reader.flag() {
            let isGrey = chroma == 0 || hasPlanes
            let unitX = isGrey || chroma == 3 ? 1 : 2
            let unitY = (isGrey || chroma != 1 ? 1 : 2) * fields
            width -= unitX * (Int(reader.exponential()) + Int(reader.exponential()))
            height -= unitY * (Int(reader.exponential()) + Int(reader.exponential()))
        }
        guard !reader.isExhausted else { return nil }
        guard let size = PictureSize(width, height) else { return nil }
        self.size = size
    }

    private static func skipScaling(_ reader: inout BitReader, count: Int) {
        var last: Int32 = 8
        var next: Int32 = 8
        for _ in 0..<count {
            if next != 0 { next = (last &+ reader.signedExponential()) & 0xFF }
            if next != 0 { last = next }
        }
    }

    private static var profilesWithChroma: InlineArray<13, UInt8> {
        [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]
    }
}

extension InlineArray<13, UInt8> {
    fileprivate func contains(_ value: UInt8) -> Bool {
        for index in indices where self[index] == value { return true }
        return false
    }
}
