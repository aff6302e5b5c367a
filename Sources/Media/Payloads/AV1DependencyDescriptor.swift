/// What a header extension says of the AV1 frame in its packet (AV1 RTP specification appendix A).
///
///     |S|E| template 6 |       frame's number 16       |
///     |structure|active|custom: dtis|fdiffs|chains|  what these announce ...     if longer
///
/// It can be read where the payload can't, and is the only thing that says who needs which frame.
package struct AV1DependencyDescriptor: Hashable, BitwiseCopyable, Sendable {
    /// What a frame is to a decode target.
    package enum Indication: UInt8, Sendable {
        case notPresent
        /// No other frame of this target needs it.
        case discardable
        /// From here on the target can be decoded.
        case switching
        case required
    }

    /// What is known of a frame through its template.
    package struct Frame: Hashable, BitwiseCopyable, Sendable {
        package var spatialLayer: UInt8
        package var temporalLayer: UInt8
        /// Needs no other frame.
        package var isIndependent: Bool
        /// Who watches fewer layers may begin with these here.
        package var isSwitchUpPoint: Bool
        fileprivate var indications: UInt64

        /// `target` is an index from 0 up to ``AV1TemplateStructure/targetCount``.
        package func indication(_ target: Int) -> Indication {
            Indication(rawValue: UInt8(indications >> UInt64(2 * target) & 3)) ?? .notPresent
        }
    }

    package let startsFrame: Bool
    package let endsFrame: Bool
    package let frameNumber: UInt16
    /// A structure came with it: a coded video sequence begins, or is explained again.
    package let hasStructure: Bool
    /// A bit for each decode target that is still being sent, the first lowest, if said.
    package let activeTargets: UInt32?
    /// Nil if the template is of a structure that did not come.
    package let frame: Frame?

    /// Reads one descriptor. If it brings a structure that takes the place of the one before. Nil, and
    /// nothing changed, if it breaks a rule.
    package init?(_ bytes: Span<UInt8>, _ structure: inout AV1TemplateStructure) {
        guard bytes.count >= 3 else { return nil }
        startsFrame = bytes[0] & 0x80 != 0
        endsFrame = bytes[0] & 0x40 != 0
        frameNumber = bytes.number16(at: 1)
        let id = bytes[0] & 0x3F
        guard bytes.count > 3 else {
            hasStructure = false
            activeTargets = nil
            frame = structure.template(id).map { Frame($0, $0.indications, nil, structure) }
            return
        }
        var reader = BitReader(bytes.extracting(3..<bytes.count))
        hasStructure = reader.flag()
        let hasActive = reader.flag()
        let hasIndications = reader.flag()
        let hasDifferences = reader.flag()
        let hasChains = reader.flag()
        var next = structure
        if hasStructure {
            guard let read = AV1TemplateStructure(&reader) else { return nil }
            next = read
        }
        activeTargets = hasActive ? reader.bits(next.targetCount) : nil
        guard let template = next.template(id) else {
            // Without its structure the rest can't be told apart. With it, it is wrong.
            guard !hasStructure else { return nil }
            frame = nil
            return
        }
        var indications = template.indications
        if hasIndications {
            indications = 0
            for target in 0..<next.targetCount {
                indications |= UInt64(reader.bits(2)) << UInt64(2 * target)
            }
        }
        var isIndependent: Bool?
        if hasDifferences {
            isIndependent = true
            while case let size = Int(reader.bits(2)), size > 0 {
                isIndependent = false
                reader.skip(4 * size)
            }
        }
        if hasChains { reader.skip(8 * next.chainCount) }
        guard !reader.isExhausted else { return nil }
        frame = Frame(template, indications, isIndependent, next)
        if hasStructure { structure = next }
    }

    /// Writes another frame's number into a descriptor in memory, of which three bytes are there.
    package static func setFrameNumber(_ number: UInt16, in descriptor: UnsafeMutableRawPointer) {
        unsafe descriptor.store(bigEndian: number, at: 1)
    }
}

extension AV1DependencyDescriptor.Frame {
    fileprivate init(
        _ template: AV1TemplateStructure.Template,
        _ indications: UInt64,
        _ isIndependent: Bool?,
        _ structure: AV1TemplateStructure
    ) {
        spatialLayer = template.spatialLayer
        temporalLayer = template.temporalLayer
        self.isIndependent = isIndependent ?? template.isIndependent
        isSwitchUpPoint = structure.isSwitch(
            spatial: template.spatialLayer,
            temporal: template.temporalLayer,
            indications: indications
        )
        self.indications = indications
    }
}
