/// What a packet of AV1 tells without being decoded (AV1 RTP specification section 4.4).
///
///     |Z|Y| W |N|-|-|-|  | size, leb128 | element | ... | element |
///
/// Z: the first element goes on from the packet before. Y: the last goes on in the next. W: how many
/// elements there are, of which the last has no size; zero: any number, all with a size. N: a coded
/// video sequence begins. Each element is an OBU, or part of one:
///
///     |0| type 4 |X|S|-|  | temporal 3 | spatial 2 | - |  if X     | size, leb128 |  if S
package struct AV1Aggregation: Hashable, BitwiseCopyable, Sendable {
    package let continuesElement: Bool
    package let isContinued: Bool
    package let startsSequence: Bool
    package private(set) var temporalLayer: UInt8 = 0
    package private(set) var spatialLayer: UInt8 = 0
    package private(set) var hasSequenceHeader = false
    /// What the sequence header says, if it is here and whole.
    package private(set) var size: PictureSize?
    private var hasFrame = false
    private var hasKeyFrame = false
    private var hasLayers = false

    /// Nil if the elements do not fit the payload, or contradict the first byte.
    package init?(_ payload: Span<UInt8>) {
        guard payload.count >= 2 else { return nil }
        let first = payload[0]
        continuesElement = first & 0x80 != 0
        isContinued = first & 0x40 != 0
        startsSequence = first & 0x08 != 0
        // What begins does not go on (section 4.4).
        guard !(continuesElement && startsSequence) else { return nil }
        let elementCount = Int(first >> 4 & 3)

        var offset = 1
        var element = 0
        while offset < payload.count {
            var end = payload.count
            if element + 1 != elementCount {
                guard let size = Self.size(payload, at: offset) else { return nil }
                offset = size.end
                guard size.value <= payload.count - offset else { return nil }
                end = offset + size.value
            }
            if end > offset, element > 0 || !continuesElement {
                note(payload.extracting(offset..<end))
            }
            offset = end
            element += 1
        }
        guard elementCount == 0 || element == elementCount else { return nil }
    }

    /// Whether decoding can begin here: the sequence's header is here, and so the key frame to which
    /// it belongs begins here, as the first byte or the frame itself says.
    package var startsKeyFrame: Bool {
        hasSequenceHeader && !continuesElement && (startsSequence || hasKeyFrame)
    }

    private mutating func note(_ unit: Span<UInt8>) {
        let head = unit[0]
        var offset = 1
        if head & 0x04 != 0 {
            guard unit.count > 1 else { return }
            if !hasLayers {
                hasLayers = true
                temporalLayer = unit[1] >> 5
                spatialLayer = unit[1] >> 3 & 3
            }
            offset = 2
        }
        if head & 0x02 != 0 {
            guard let size = Self.size(unit, at: offset) else { return }
            offset = size.end
        }
        switch head >> 3 & 0xF {
        case Self.sequenceHeader:
            hasSequenceHeader = true
            if size == nil { size = AV1SequenceHeader(unit.extracting(offset..<unit.count))?.size }
        case Self.frameHeader, Self.frame:
            guard !hasFrame, offset < unit.count else { return }
            hasFrame = true
            // Shows no earlier frame, and is of the kind that needs none.
            hasKeyFrame = unit[offset] & 0xE0 == 0
        default: break
        }
    }

    /// A number in seven bits a byte, lowest first (AV1 bitstream specification section 4.10.5); here
    /// of at most four bytes, which is more than any packet needs.
    private static func size(_ bytes: Span<UInt8>, at start: Int) -> (value: Int, end: Int)? {
        var value = 0
        for index in 0..<4 {
            guard start + index < bytes.count else { return nil }
            let byte = bytes[start + index]
            value |= Int(byte & 0x7F) << (7 * index)
            if byte & 0x80 == 0 { return (value, start + index + 1) }
        }
        return nil
    }

    private static var sequenceHeader: UInt8 { 1 }
    private static var frameHeader: UInt8 { 3 }
    private static var frame: UInt8 { 6 }
}
