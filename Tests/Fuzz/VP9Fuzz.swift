import Media

/// A descriptor cut short is none, and what stands behind it does not change what it says.
let fuzzVP9: FuzzTarget = { bytes in
    let marks = frameMarks(.vp9, bytes)
    guard let descriptor = VP9Descriptor(bytes.span) else {
        precondition(marks == nil)
        return
    }
    precondition(descriptor.count >= 1 && descriptor.count < bytes.count)
    precondition(VP9Descriptor(bytes.span.extracting(0..<descriptor.count)) == nil)
    let least = Array(bytes.prefix(descriptor.count)) + [0]
    precondition(VP9Descriptor(least.span) == descriptor)
    precondition(descriptor.temporalLayer < 8 && descriptor.spatialLayer < 8)
    if let size = descriptor.size(bytes.span) { precondition(size.width > 0 && size.height > 0) }
    precondition(marks?.isKeyFrame == descriptor.startsKeyFrame)
    precondition(marks?.startsFrame == descriptor.startsFrame)
}
