/// What stands before VP9 in each packet (RFC 9628 section 4.2).
///
///     |I|P|L|F|B|E|V|Z|
///     |M|  picture    |    if I; with M two bytes
///     |TID|U| SID |D|      if L
///     |  TL0PICIDX    |    if L and not F
///     |  P_DIFF     |N|    if P and F; up to three, as long as N
///     | N_S |Y|G| RSV |    if V: sizes of the layers, if Y, and a picture group, if G
package struct VP9Descriptor: Hashable, BitwiseCopyable, Sendable {
    package let pictureID: UInt16?
    /// The picture's number has fifteen bits, not seven.
    package let hasLongPictureID: Bool
    /// P: needs earlier pictures.
    package let isPredicted: Bool
    /// F: says itself which pictures it needs.
    package let isFlexible: Bool
    /// B and E: a frame, which is one layer of a picture, begins, or ends, here.
    package let startsFrame: Bool
    package let endsFrame: Bool
    /// Z: no higher layer of the same picture needs this one.
    package let isLayerNonReference: Bool
    package let hasLayers: Bool
    package let temporalLayer: UInt8
    package let spatialLayer: UInt8
    /// U: who looks at lower temporal layers may begin with this one here.
    package let isSwitchUpPoint: Bool
    /// D: needs the next lower layer of its picture.
    package let dependsOnLowerLayer: Bool
    /// TL0PICIDX: counts the pictures of the base layer.
    package let baseLayerIndex: UInt8?
    /// How many spatial layers there will be from here on, if said.
    package let spatialLayerCount: Int?
    /// The size of the uppermost, if said.
    package let size: PictureSize?
    /// Bytes of the descriptor: where VP9 itself begins.
    package let count: Int

    /// Nil if nothing follows the descriptor, or not even all of it is there.
    package init?(_ payload: Span<UInt8>) {
        guard !payload.isEmpty else { return nil }
        let flags = payload[0]
        isPredicted = flags & 0x40 != 0
        isFlexible = flags & 0x10 != 0
        startsFrame = flags & 0x08 != 0
        endsFrame = flags & 0x04 != 0
        isLayerNonReference = flags & 0x01 != 0
        hasLayers = flags & 0x20 != 0

        var offset = 1
        var picture: UInt16?
        var isLong = false
        if flags & 0x80 != 0 {
            guard payload.count > offset + 1 else { return nil }
            isLong = payload[offset] & 0x80 != 0
            picture = isLong ? payload.number16(at: offset) & 0x7FFF : UInt16(payload[offset])
            offset += isLong ? 2 : 1
        }
        var layers: UInt8 = 0
        var baseLayer: UInt8?
        if hasLayers {
            guard payload.count > offset + 1 else { return nil }
            layers = payload[offset]
            offset += 1
            if !isFlexible {
                baseLayer = payload[offset]
                offset += 1
            }
        }
        if isPredicted, isFlexible {
            for index in 0..<3 {
                guard payload.count > offset else { return nil }
                let isLast = payload[offset] & 1 == 0
                offset += 1
                if isLast { break }
                // A fourth reference can't be.
                guard index < 2 else { return nil }
            }
        }
        var layerCount: Int?
        var size: PictureSize?
        if flags & 0x02 != 0 {
            guard let structure = Self.structure(payload, at: offset) else { return nil }
            layerCount = structure.layerCount
            size = structure.size
            offset = structure.end
        }
        guard payload.count > offset else { return nil }
        pictureID = picture
        hasLongPictureID = isLong
        temporalLayer = layers >> 5
        isSwitchUpPoint = layers & 0x10 != 0
        spatialLayer = layers >> 1 & 0x07
        dependsOnLowerLayer = layers & 0x01 != 0
        baseLayerIndex = baseLayer
        spatialLayerCount = layerCount
        self.size = size
        count = offset
    }

    /// Whether a picture begins here that needs no other.
    package var startsKeyFrame: Bool { startsFrame && !isPredicted && spatialLayer == 0 }

    /// The size that the key frame beginning here says it has, in the descriptor or in VP9's own
    /// header (VP9 bitstream specification section 6.2).
    package func size(_ payload: Span<UInt8>) -> PictureSize? {
        if let size { return size }
        guard startsKeyFrame, payload.count > count else { return nil }
        var reader = BitReader(payload.extracting(count..<payload.count))
        guard reader.bits(2) == 2 else { return nil }
        let profile = reader.bits(1) | reader.bits(1) << 1
        // A bit is reserved in profile 3 alone.
        if profile == 3 { reader.skip(1) }
        let showsExisting = reader.flag()
        let isInter = reader.flag()
        reader.skip(2)
        guard !showsExisting, !isInter, reader.bits(24) == 0x49_8342 else { return nil }
        if profile >= 2 { reader.skip(1) }
        let isRGB = reader.bits(3) == 7
        if !isRGB { reader.skip(1) }
        if profile & 1 == 1 { reader.skip(isRGB ? 1 : 3) }
        let (width, height) = (reader.bits(16), reader.bits(16))
        guard !reader.isExhausted else { return nil }
        return PictureSize(width + 1, height + 1)
    }

    /// The scalability structure (section 4.2.1). Nil if it is not whole.
    private static func structure(
        _ payload: Span<UInt8>,
        at start: Int
    ) -> (layerCount: Int, size: PictureSize?, end: Int)? {
        guard payload.count > start else { return nil }
        let head = payload[start]
        let layerCount = Int(head >> 5) + 1
        var offset = start + 1
        var size: PictureSize?
        if head & 0x10 != 0 {
            offset += 4 * layerCount
            guard payload.count >= offset else { return nil }
            size = PictureSize(
                payload.number16(at: offset - 4),
                payload.number16(at: offset - 2)
            )
        }
        if head & 0x08 != 0 {
            guard payload.count > offset else { return nil }
            let pictures = payload[offset]
            offset += 1
            for _ in 0..<pictures {
                guard payload.count > offset else { return nil }
                offset += 1 + Int(payload[offset] >> 2 & 0x03)
            }
            guard payload.count >= offset else { return nil }
        }
        return (layerCount, size, offset)
    }
}
