/// What kinds of frames a stream of AV1 has and what each is to each way of watching it, told once a
/// coded video sequence (AV1 RTP specification appendix A.8.3: the template dependency structure).
///
/// A descriptor's frame is one of the templates here; a decode target is a way of watching: so many
/// spatial and temporal layers. Kept by whoever reads a stream's descriptors, about 700 bytes.
package struct AV1TemplateStructure: BitwiseCopyable, Sendable {
    /// Zero until a structure was read.
    package private(set) var templateCount = 0
    package private(set) var targetCount = 0
    private(set) var chainCount = 0
    private var firstTemplate: UInt8 = 0
    /// Of each template: spatial layer in the high, temporal in the low bits.
    private var layers = InlineArray<64, UInt8>(repeating: 0)
    /// Of each template: two bits for each decode target, the first lowest.
    private var indications = InlineArray<64, UInt64>(repeating: 0)
    /// Templates whose frames need no other.
    private var independent: UInt64 = 0
    /// Templates with whose frames their own decode target can be switched up to.
    private var switching: UInt64 = 0
    /// Of each decode target: the highest spatial and temporal layer in it.
    private var targetLayers = InlineArray<32, UInt8>(repeating: 0)
    private var sizes = InlineArray<4, PictureSize>(repeating: PictureSize(width: 0, height: 0))
    private var hasSizes = false

    package init() {}

    /// Highest spatial and temporal layer of a decode target, an index from 0 up to ``targetCount``.
    package func layers(ofTarget target: Int) -> (spatial: UInt8, temporal: UInt8) {
        (targetLayers[target] >> 4, targetLayers[target] & 0xF)
    }

    package var highestLayer: UInt8 {
        templateCount > 0 ? layers[templateCount - 1] >> 4 : 0
    }

    /// The size of a spatial layer, if it was said.
    package func size(ofLayer spatial: UInt8) -> PictureSize? {
        hasSizes && spatial <= highestLayer ? sizes[Int(spatial)] : nil
    }

    /// What a descriptor's template says of its frame, or nil if it is of another structure.
    func frame(ofTemplate id: UInt8) -> AV1DependencyDescriptor.Frame? {
        let index = Int((id &- firstTemplate) & 63)
        guard index < templateCount else { return nil }
        return AV1DependencyDescriptor.Frame(
            spatialLayer: layers[index] >> 4,
            temporalLayer: layers[index] & 0xF,
            isIndependent: independent >> UInt64(index) & 1 == 1,
            isSwitchUpPoint: switching >> UInt64(index) & 1 == 1,
            indications: indications[index]
        )
    }

    /// Whether a frame of these layers is where its own decode target can be switched up to.
    func isSwitch(spatial: UInt8, temporal: UInt8, indications: UInt64) -> Bool {
        let own = spatial << 4 | temporal
        for target in 0..<targetCount where targetLayers[target] == own {
            if indications >> UInt64(2 * target) & 3 == 2 { return true }
        }
        return false
    }

    /// Reads `template_dependency_structure()`. Nil if it says what can't be; whether the bytes were
    /// enough the reader knows.
    init?(_ reader: inout BitReader) {
        firstTemplate = UInt8(reader.bits(6))
        targetCount = Int(reader.bits(5)) + 1
        guard readLayers(&reader) else { return nil }
        for template in 0..<templateCount {
            for target in 0..<targetCount {
                indications[template] |= UInt64(reader.bits(2)) << UInt64(2 * target)
            }
        }
        for template in 0..<templateCount {
            if !reader.flag() {
                independent |= 1 << UInt64(template)
                continue
            }
            repeat { reader.skip(4) } while reader.flag()
        }
        chainCount = Int(Self.nonSymmetric(&reader, below: targetCount + 1))
        if chainCount > 0 {
            for _ in 0..<targetCount { _ = Self.nonSymmetric(&reader, below: chainCount) }
            reader.skip(4 * chainCount * templateCount)
        }
        noteTargets()
        guard reader.flag() else { return }
        hasSizes = true
        for layer in 0...Int(highestLayer) {
            let (width, height) = (reader.bits(16), reader.bits(16))
            guard let size = PictureSize(width + 1, height + 1) else { return nil }
            sizes[layer] = size
        }
    }

    /// Each template is of the layers of its predecessor, or the next temporal one, or the first of the
    /// next spatial one.
    private mutating func readLayers(_ reader: inout BitReader) -> Bool {
        var spatial: UInt8 = 0
        var temporal: UInt8 = 0
        while true {
            guard templateCount < 64 else { return false }
            layers[templateCount] = spatial << 4 | temporal
            templateCount += 1
            switch reader.bits(2) {
            case 0: break
            case 1: temporal += 1
            case 2:
                temporal = 0
                spatial += 1
            default: return true
            }
            guard spatial < 4, temporal < 8 else { return false }
        }
    }

    private mutating func noteTargets() {
        for target in 0..<targetCount {
            var spatial: UInt8 = 0
            var temporal: UInt8 = 0
            for template in 0..<templateCount
            where indications[template] >> UInt64(2 * target) & 3 != 0 {
                spatial = max(spatial, layers[template] >> 4)
                temporal = max(temporal, layers[template] & 0xF)
            }
            targetLayers[target] = spatial << 4 | temporal
        }
        for template in 0..<templateCount {
            let isSwitch = isSwitch(
                spatial: layers[template] >> 4,
                temporal: layers[template] & 0xF,
                indications: indications[template]
            )
            if isSwitch { switching |= 1 << UInt64(template) }
        }
    }

    /// `ns(n)`: the numbers below `limit` in as few bits as they need, the first of them in one less.
    private static func nonSymmetric(_ reader: inout BitReader, below limit: Int) -> UInt32 {
        let width = Int.bitWidth - limit.leadingZeroBitCount
        let spare = UInt32(1 << width - limit)
        let value = reader.bits(width - 1)
        guard value >= spare else { return value }
        return value << 1 &- spare &+ reader.bits(1)
    }
}
