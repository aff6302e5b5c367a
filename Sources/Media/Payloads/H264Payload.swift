/// What a packet of H264 tells without being decoded (RFC 6184 sections 5.6 to 5.8, of which
/// packetization modes 0 and 1 are understood).
///
///     single    | unit                                 |
///     STAP-A    | 24 | size 16 | unit | size 16 | unit ... |
///     FU-A      | 28 |S|E|R| type of unit | part of unit  |
package struct H264Payload: Hashable, BitwiseCopyable, Sendable {
    /// A picture that needs no other begins here, or what it needs to be decoded with.
    package private(set) var isKeyFrame = false
    /// By what it holds, this may be the first packet of a frame: parameters, or the first slice. If an
    /// earlier packet of the same timestamp was, this is not.
    package private(set) var mayStartFrame = false
    /// The size that a sequence parameter set in it says, if it is whole.
    package private(set) var size: PictureSize?

    /// Nil if the units do not fit the payload, or for other forms than those.
    package init?(_ payload: Span<UInt8>) {
        guard !payload.isEmpty else { return nil }
        switch payload[0] & 0x1F {
        case 1...23:
            note(payload)
        case Self.aggregate:
            var offset = 1
            repeat {
                guard payload.count > offset + 2 else { return nil }
                let end = offset + 2 + Int(payload.number16(at: offset))
                guard end > offset + 2, end <= payload.count else { return nil }
                note(payload.extracting(offset + 2..<end))
                offset = end
            } while offset < payload.count
        case Self.fragment:
            guard payload.count > 2 else { return nil }
            // Beginning and end in one is forbidden (section 5.8).
            guard payload[1] & 0xC0 != 0xC0 else { return nil }
            if payload[1] & 0x80 != 0 { note(payload[1] & 0x1F, firstByte: payload[2]) }
        default:
            return nil
        }
    }

    private mutating func note(_ unit: Span<UInt8>) {
        let type = unit[0] & 0x1F
        note(type, firstByte: unit.count > 1 ? unit[1] : 0)
        if type == Self.sequenceParameters, size == nil {
            size = H264ParameterSet(unit)?.size
        }
    }

    private mutating func note(_ type: UInt8, firstByte: UInt8) {
        switch type {
        case Self.sequenceParameters:
            isKeyFrame = true
            mayStartFrame = true
        case Self.independentSlice:
            isKeyFrame = true
            mayStartFrame = mayStartFrame || Self.isFirstSlice(firstByte)
        case 1, 2:
            mayStartFrame = mayStartFrame || Self.isFirstSlice(firstByte)
        case 6, 8, 9:
            // What is said of a frame, picture parameters, a frame's delimiter.
            mayStartFrame = true
        default: break
        }
    }

    /// `first_mb_in_slice` is zero, which is written as a single one.
    private static func isFirstSlice(_ firstByte: UInt8) -> Bool { firstByte & 0x80 != 0 }

    private static var independentSlice: UInt8 { 5 }
    private static var sequenceParameters: UInt8 { 7 }
    private static var aggregate: UInt8 { 24 }
    private static var fragment: UInt8 { 28 }
}
