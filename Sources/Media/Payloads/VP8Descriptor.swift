/// What stands before VP8 in each packet (RFC 7741 section 4.2).
///
///     |X|R|N|S|R| PID |
///     |I|L|T|K|  RSV  |    if X
///     |M|  picture    |    if I; with M two bytes
///     |  TL0PICIDX    |    if L
///     |TID|Y| KEYIDX  |    if T or K
package struct VP8Descriptor: Hashable, BitwiseCopyable, Sendable {
    /// No other frame refers to this one.
    package let isNonReference: Bool
    /// A partition of the frame begins here, and which.
    package let startsPartition: Bool
    package let partition: UInt8
    package let pictureID: UInt16?
    /// The picture's number has fifteen bits, not seven.
    package let hasLongPictureID: Bool
    /// TL0PICIDX: counts the frames of the base layer.
    package let baseLayerIndex: UInt8?
    package let temporalLayer: UInt8?
    /// Y: of the frames before it needs but the base layer's, so that layer switches up here.
    package let isLayerSync: Bool
    package let keyIndex: UInt8?
    /// Bytes of the descriptor: where VP8 itself begins.
    package let count: Int
    /// Where the picture's number and TL0PICIDX lie. Zero: nowhere.
    private let pictureOffset: UInt8
    private let baseLayerOffset: UInt8

    /// Nil if nothing follows the descriptor, or not even all of it is there.
    package init?(_ payload: Span<UInt8>) {
        guard payload.count >= 2 else { return nil }
        let first = payload[0]
        isNonReference = first & 0x20 != 0
        startsPartition = first & 0x10 != 0
        partition = first & 0x07

        var flags: UInt8 = 0
        var offset = 1
        if first & 0x80 != 0 {
            flags = payload[1]
            offset = 2
        }
        var picture: UInt16?
        var isLong = false
        var pictureOffset = 0
        if flags & 0x80 != 0 {
            guard payload.count > offset + 1 else { return nil }
            pictureOffset = offset
            isLong = payload[offset] & 0x80 != 0
            picture = isLong ? payload.number16(at: offset) & 0x7FFF : UInt16(payload[offset])
            offset += isLong ? 2 : 1
        }
        var baseLayer: UInt8?
        var baseLayerOffset = 0
        if flags & 0x40 != 0 {
            guard payload.count > offset else { return nil }
            baseLayerOffset = offset
            baseLayer = payload[offset]
            offset += 1
        }
        var layer: UInt8 = 0
        if flags & 0x30 != 0 {
            guard payload.count > offset else { return nil }
            layer = payload[offset]
            offset += 1
        }
        guard payload.count > offset else { return nil }
        pictureID = picture
        hasLongPictureID = isLong
        self.baseLayerIndex = baseLayer
        temporalLayer = flags & 0x20 != 0 ? layer >> 6 : nil
        isLayerSync = flags & 0x20 != 0 && layer & 0x20 != 0
        keyIndex = flags & 0x10 != 0 ? layer & 0x1F : nil
        count = offset
        self.pictureOffset = UInt8(truncatingIfNeeded: pictureOffset)
        self.baseLayerOffset = UInt8(truncatingIfNeeded: baseLayerOffset)
    }

    package var startsFrame: Bool { startsPartition && partition == 0 }

    /// Whether a key frame begins in this payload, whose descriptor this is (RFC 6386 section 9.1).
    package func startsKeyFrame(_ payload: Span<UInt8>) -> Bool {
        startsFrame && payload.count > count && payload[count] & 1 == 0
    }

    /// The size that the key frame beginning here says it has.
    package func size(_ payload: Span<UInt8>) -> PictureSize? {
        guard startsKeyFrame(payload), payload.count >= count + 10 else { return nil }
        guard payload[count + 3] == 0x9D, payload.number16(at: count + 4) == 0x012A
        else { return nil }
        // Little end first, with two bits of scaling above.
        let width = payload.number16(at: count + 6).byteSwapped & 0x3FFF
        let height = payload.number16(at: count + 8).byteSwapped & 0x3FFF
        return PictureSize(width, height)
    }

    /// Puts other numbers in the place of these, in the payload whose descriptor this is. What was not
    /// there is not added, so nothing moves.
    ///
    /// A picture's number of seven bits stays one: of the new number the low seven are written. It
    /// wraps from 127 to 0, which receivers expect of such numbers, as long as the count behind it goes
    /// on by one (RFC 7741 section 4.2). KEYIDX stays: it counts from key frame to key frame of one
    /// encoder.
    package func write(
        pictureID: UInt16,
        baseLayerIndex: UInt8,
        into payload: UnsafeMutableRawPointer
    ) {
        if pictureOffset != 0 {
            let place = Int(pictureOffset)
            if hasLongPictureID {
                unsafe payload.store(bigEndian: pictureID | 0x8000, at: place)
            } else {
                let low = UInt8(truncatingIfNeeded: pictureID & 0x7F)
                unsafe payload.store(bigEndian: low, at: place)
            }
        }
        if baseLayerOffset != 0 {
            unsafe payload.store(bigEndian: baseLayerIndex, at: Int(baseLayerOffset))
        }
    }

    /// Adds to the numbers instead, cutting them to their width.
    package func shift(
        pictureIDBy picture: UInt16,
        baseLayerIndexBy baseLayer: UInt8,
        in payload: UnsafeMutableRawPointer
    ) {
        unsafe write(
            pictureID: (pictureID ?? 0) &+ picture,
            baseLayerIndex: (baseLayerIndex ?? 0) &+ baseLayer,
            into: payload
        )
    }
}
