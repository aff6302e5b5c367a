import Media

/// A descriptor cut short is none; other numbers can be put into it without moving or changing anything
/// else.
let fuzzVP8: FuzzTarget = { bytes in
    let marks = frameMarks(.vp8, bytes)
    guard let old = VP8Descriptor(bytes.span) else {
        precondition(marks == nil)
        return
    }
    precondition(old.count >= 1 && old.count <= 6 && old.count < bytes.count)
    precondition(VP8Descriptor(bytes.span.extracting(0..<old.count)) == nil)
    precondition(marks?.isKeyFrame == old.startsKeyFrame(bytes.span))
    precondition(marks?.pictureID == old.pictureID)
    if old.size(bytes.span) != nil { precondition(old.startsKeyFrame(bytes.span)) }

    var other = bytes
    unsafe other.withUnsafeMutableBytes { bytes in
        guard let start = bytes.baseAddress else { return }
        unsafe old.write(pictureID: 0x2AB5, baseLayerIndex: 0xA5, into: start)
    }
    guard let new = VP8Descriptor(other.span) else { preconditionFailure("it still is one") }
    precondition(new.count == old.count && other[old.count...] == bytes[old.count...])
    let picture: UInt16 = old.hasLongPictureID ? 0x2AB5 : 0x35
    precondition(new.pictureID == old.pictureID.map { _ in picture })
    precondition(new.hasLongPictureID == old.hasLongPictureID)
    precondition(new.baseLayerIndex == old.baseLayerIndex.map { _ in 0xA5 })
    precondition(new.temporalLayer == old.temporalLayer && new.keyIndex == old.keyIndex)
    precondition(new.isLayerSync == old.isLayerSync && other[0] == bytes[0])
}

/// In memory of exactly the payload's size.
func frameMarks(
    _ codec: Codec,
    _ payload: [UInt8],
    _ descriptor: [UInt8] = [],
    _ structure: UnsafeMutablePointer<AV1TemplateStructure>? = nil
) -> FrameMarks? {
    unsafe payload.withUnsafeBytes { payload in
        unsafe descriptor.withUnsafeBytes { descriptor in
            guard let start = payload.baseAddress else { return nil }
            return unsafe FrameMarks(
                codec,
                start,
                count: payload.count,
                .init(marker: false, continuesTimestamp: false),
                descriptor: descriptor,
                structure: structure
            )
        }
    }
}
