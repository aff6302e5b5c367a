import Media

/// The first byte says how many descriptors follow, each behind a byte with its size; the rest is the
/// payload. A descriptor that is refused changes nothing; one that is taken says nothing beyond its
/// structure; and a payload without sizes says the same with them.
let fuzzAV1: FuzzTarget = { bytes in
    guard let count = bytes.first else { return }
    var rest = bytes.dropFirst()
    var structure = AV1TemplateStructure()
    var last: [UInt8] = []
    for _ in 0..<count & 7 {
        guard let size = rest.first else { break }
        last = Array(rest.dropFirst().prefix(Int(size)))
        rest = rest.dropFirst(1 + last.count)
        read(last, &structure)
    }
    let payload = Array(rest)
    let marks = unsafe withUnsafeMutablePointer(to: &structure) {
        unsafe frameMarks(.av1, payload, last, $0)
    }
    precondition((marks == nil) == (AV1Aggregation(payload.span) == nil))
    if let marks { precondition(marks.temporalLayer < 8 && marks.spatialLayer < 4) }
    checkPayload(payload)
}

private func read(_ bytes: [UInt8], _ structure: inout AV1TemplateStructure) {
    let before = structure
    guard let descriptor = AV1DependencyDescriptor(bytes.span, &structure) else {
        precondition(isSame(before, structure), "what is refused changes nothing")
        return
    }
    precondition(descriptor.hasStructure || isSame(before, structure))
    precondition(structure.templateCount <= 64 && structure.targetCount <= 32)
    guard let frame = descriptor.frame else { return }
    precondition(frame.temporalLayer < 8 && frame.spatialLayer < 4)
    precondition(frame.spatialLayer <= structure.highestLayer)
    for target in 0..<structure.targetCount {
        let layers = structure.layers(ofTarget: target)
        precondition(layers.spatial < 4 && layers.temporal < 8)
        precondition(frame.indication(target).rawValue <= 3)
    }
    for layer in 0..<UInt8(8) {
        guard let size = structure.size(ofLayer: layer) else { continue }
        precondition(layer <= structure.highestLayer && size.width > 0 && size.height > 0)
    }
}

private func isSame(_ one: AV1TemplateStructure, _ other: AV1TemplateStructure) -> Bool {
    guard one.templateCount == other.templateCount, one.targetCount == other.targetCount,
        one.highestLayer == other.highestLayer
    else { return false }
    return (0..<one.targetCount).allSatisfy {
        one.layers(ofTarget: $0) == other.layers(ofTarget: $0)
    } && (0..<4).allSatisfy { one.size(ofLayer: $0) == other.size(ofLayer: $0) }
}

/// W of one element has no sizes; the same as W of zero has one.
private func checkPayload(_ payload: [UInt8]) {
    guard payload.count >= 2, payload[0] & 0x30 == 0x10, let one = AV1Aggregation(payload.span)
    else { return }
    var size = payload.count - 1
    var sized = [payload[0] & 0xCF]
    while size > 127 {
        sized.append(UInt8(size & 0x7F) | 0x80)
        size >>= 7
    }
    sized.append(UInt8(size))
    sized += payload.dropFirst()
    guard let other = AV1Aggregation(sized.span) else { preconditionFailure("it still is one") }
    precondition(other == one)
}
