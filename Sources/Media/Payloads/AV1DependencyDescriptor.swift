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
        /// Two bits for each decode target, the first lowest.
        var indications: UInt64

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
            frame = structure.frame(ofTemplate: id)
            return
        }
        var reader = BitReader(bytes.extracting(3..<bytes.count))
        let flags = Flags(rawValue: UInt8(reader.bits(5)))
        hasStructure = flags.contains(.structure)
        guard hasStructure else {
            let rest = Self.rest(&reader, id, flags, structure)
            guard !reader.isExhausted else { return nil }
            activeTargets = rest.activeTargets
            frame = rest.frame
            return
        }
        guard let new = AV1TemplateStructure(&reader) else { return nil }
        let rest = Self.rest(&reader, id, flags, new)
        // Without its structure a frame can't be told. With it, that is wrong.
        guard !reader.isExhausted, let frame = rest.frame else { return nil }
        activeTargets = rest.activeTargets
        self.frame = frame
        structure = new
    }

    /// What follows the five bits, which say what does.
    private struct Flags: OptionSet {
        let rawValue: UInt8

        static var structure: Flags { Flags(rawValue: 0b10000) }
        static var activeTargets: Flags { Flags(rawValue: 0b01000) }
        static var indications: Flags { Flags(rawValue: 0b00100) }
        static var differences: Flags { Flags(rawValue: 0b00010) }
        static var chains: Flags { Flags(rawValue: 0b00001) }
    }

    /// Reads what comes after the structure, or where it would be. Without one that has the frame's
    /// template nothing can be told apart, and nothing is.
    private static func rest(
        _ reader: inout BitReader,
        _ id: UInt8,
        _ flags: Flags,
        _ structure: borrowing AV1TemplateStructure
    ) -> (activeTargets: UInt32?, frame: Frame?) {
        guard var frame = structure.frame(ofTemplate: id) else { return (nil, nil) }
        var activeTargets: UInt32?
        if flags.contains(.activeTargets) { activeTargets = reader.bits(structure.targetCount) }
        if flags.contains(.indications) {
            frame.indications = 0
            for target in 0..<structure.targetCount {
                frame.indications |= UInt64(reader.bits(2)) << UInt64(2 * target)
            }
            frame.isSwitchUpPoint = structure.isSwitch(
                spatial: frame.spatialLayer,
                temporal: frame.temporalLayer,
                indications: frame.indications
            )
        }
        if flags.contains(.differences) {
            frame.isIndependent = true
            while case let size = Int(reader.bits(2)), size > 0 {
                frame.isIndependent = false
                reader.skip(4 * size)
            }
        }
        if flags.contains(.chains) { reader.skip(8 * structure.chainCount) }
        return (activeTargets, frame)
    }

    /// Writes another frame's number into a descriptor in memory, of which three bytes are there.
    package static func setFrameNumber(_ number: UInt16, in descriptor: UnsafeMutableRawPointer) {
        unsafe descriptor.store(bigEndian: number, at: 1)
    }
}
