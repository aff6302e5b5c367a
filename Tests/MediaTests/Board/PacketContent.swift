import Media

/// What test peers send, so that whoever gets it can tell that it is whole and where it was made: all
/// bytes follow from the few numbers at the beginning.
struct PacketContent: Hashable {
    /// The number of the stream it was first sent in, and its place there.
    var ssrc: UInt32
    var sequence: UInt64
    /// Of pictures.
    var frame: UInt32 = 0
    var place: UInt8 = 0
    var places: UInt8 = 1
    var isKey = false
    var width: UInt16 = 0
    var height: UInt16 = 0

    private static let head = 31

    func bytes(count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: max(count, Self.head))
        bytes[0] = isKey && place == 0 ? 0 : 1
        (bytes[3], bytes[4], bytes[5]) = (0x9D, 0x01, 0x2A)
        (bytes[6], bytes[7]) = (UInt8(width & 0xFF), UInt8(width >> 8))
        (bytes[8], bytes[9]) = (UInt8(height & 0xFF), UInt8(height >> 8))
        for index in 0..<4 {
            bytes[10 + index] = UInt8(truncatingIfNeeded: ssrc >> UInt32(24 - 8 * index))
            bytes[22 + index] = UInt8(truncatingIfNeeded: frame >> UInt32(24 - 8 * index))
        }
        for index in 0..<8 {
            bytes[14 + index] = UInt8(truncatingIfNeeded: sequence >> UInt64(56 - 8 * index))
        }
        (bytes[26], bytes[27], bytes[28]) = (place, places, isKey ? 1 : 0)
        var filler = UInt8(truncatingIfNeeded: sequence) ^ UInt8(truncatingIfNeeded: ssrc)
        for index in Self.head..<bytes.count {
            filler = filler &* 31 &+ 7
            bytes[index] = filler
        }
        return bytes
    }

    init(ssrc: UInt32, sequence: UInt64) {
        self.ssrc = ssrc
        self.sequence = sequence
    }

    /// Nil if a single byte is not what it was.
    init?(_ bytes: ArraySlice<UInt8>) {
        let list = Array(bytes)
        guard list.count >= Self.head else { return nil }
        func number(_ start: Int, _ count: Int) -> UInt64 {
            list[start..<start + count].reduce(0) { $0 << 8 | UInt64($1) }
        }
        ssrc = UInt32(number(10, 4))
        sequence = number(14, 8)
        frame = UInt32(number(22, 4))
        place = list[26]
        places = list[27]
        isKey = list[28] == 1
        width = UInt16(list[7]) << 8 | UInt16(list[6])
        height = UInt16(list[9]) << 8 | UInt16(list[8])
        guard self.bytes(count: list.count) == list else { return nil }
    }
}

/// The head of a VP8 payload with long picture number, TL0PICIDX and temporal layer (RFC 7741).
struct VP8Head: Hashable {
    var picture: UInt16
    var baseLayer: UInt8
    var temporal: UInt8 = 0
    var startsFrame: Bool

    var bytes: [UInt8] {
        [
            0x80 | (startsFrame ? 0x10 : 0), 0xE0, 0x80 | UInt8(picture >> 8 & 0x7F),
            UInt8(picture & 0xFF), baseLayer, temporal << 6,
        ]
    }

    static let count = 6

    init(picture: UInt16, baseLayer: UInt8, temporal: UInt8 = 0, startsFrame: Bool) {
        self.picture = picture
        self.baseLayer = baseLayer
        self.temporal = temporal
        self.startsFrame = startsFrame
    }

    init?(_ bytes: ArraySlice<UInt8>) {
        let list = Array(bytes.prefix(Self.count))
        guard list.count == Self.count, list[1] == 0xE0, list[2] & 0x80 != 0 else { return nil }
        picture = UInt16(list[2] & 0x7F) << 8 | UInt16(list[3])
        baseLayer = list[4]
        temporal = list[5] >> 6
        startsFrame = list[0] & 0x10 != 0
    }
}
