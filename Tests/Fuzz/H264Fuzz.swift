import Media

/// A unit says the same alone, as the only one of an aggregate, and but for its size, which may be cut
/// in two, as the first of its fragments; the other fragments say nothing.
let fuzzH264: FuzzTarget = { bytes in
    let marks = frameMarks(.h264, bytes)
    guard let payload = H264Payload(bytes.span) else {
        precondition(marks == nil)
        return
    }
    precondition(marks?.isKeyFrame == payload.isKeyFrame && marks?.size == payload.size)
    if let size = payload.size { precondition(size.width > 0 && size.height > 0) }
    let type = bytes[0] & 0x1F
    guard (1...23).contains(type), bytes.count <= 0xFFFF else { return }
    let aggregate = [0x78, UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] + bytes
    precondition(H264Payload(aggregate.span) == payload)
    precondition(H264Payload(aggregate.span.extracting(0..<aggregate.count - 1)) == nil)
    guard bytes.count >= 3 else { return }
    let middle = 1 + bytes.count / 2
    let head = bytes[0] & 0xE0 | 28
    let first = [head, 0x80 | type] + bytes[1..<middle]
    let last = [head, 0x40 | type] + bytes[middle...]
    guard let began = H264Payload(first.span) else { preconditionFailure("a fragment") }
    precondition(began.isKeyFrame == payload.isKeyFrame)
    precondition(began.mayStartFrame == payload.mayStartFrame)
    guard middle < bytes.count, let ended = H264Payload(last.span) else { return }
    precondition(!ended.isKeyFrame && !ended.mayStartFrame && ended.size == nil)
}
