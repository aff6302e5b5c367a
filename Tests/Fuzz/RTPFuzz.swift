import Media

/// What a header says lies in its packet; a header cut short is none; and what was read can be written
/// and read again.
let fuzzRTP: FuzzTarget = { bytes in
    let ids = ExtensionIDs(
        audioLevel: 1,
        transportCC: 2,
        mid: 3,
        rid: 4,
        repairedRID: 5,
        dependencyDescriptor: 6
    )
    unsafe bytes.withUnsafeBytes { packet in
        guard let start = packet.baseAddress else { return }
        let count = packet.count
        guard let header = unsafe RTPHeader(start, count: count) else { return }
        precondition(header.headerCount >= 12 && header.headerCount <= count)
        precondition(header.headerCount <= 12 + 60 + 4 + 256)
        let part = header.headerCount - 1
        precondition(unsafe RTPHeader(start, count: part) == nil, "a part is no whole")
        if let payload = unsafe header.payloadCount(of: start, count: count) {
            precondition(payload >= 0 && payload <= count - header.headerCount)
            precondition(header.hasPadding || payload == count - header.headerCount)
        }
        guard let found = unsafe RTPExtensions(start, header, ids) else { return }
        let places = [
            found.audioLevel, found.transportCC, found.mid, found.rid, found.repairedRID,
            found.dependencyDescriptor,
        ]
        for place in places where place.isThere {
            precondition(place.range.lowerBound >= 17 && place.range.upperBound <= part + 1)
        }
        unsafe rewrite(packet, header, found, ids)
    }
}

private func rewrite(
    _ packet: UnsafeRawBufferPointer,
    _ header: RTPHeader,
    _ found: RTPExtensions,
    _ ids: ExtensionIDs
) {
    guard let start = packet.baseAddress else { return }
    let mid = unsafe [UInt8](packet[found.mid.range])
    let descriptor = unsafe [UInt8](packet[found.dependencyDescriptor.range])
    guard let writer = RTPHeaderWriter(ids, mid: mid.span) else {
        precondition(mid.count > 16, "a mid of ordinary length is taken")
        return
    }
    let head = RTPHeaderWriter.Head(
        ssrc: header.ssrc,
        payloadType: header.payloadType,
        sequence: header.sequence,
        timestamp: header.timestamp,
        marker: header.marker,
        hasPadding: header.hasPadding
    )
    let capacity = RTPHeaderWriter.mostBytes(descriptorCount: descriptor.count)
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 1)
    defer { unsafe copy.deallocate() }
    guard let target = copy.baseAddress else { return }
    let level = unsafe found.audioLevel(in: start)
    let written = unsafe descriptor.withUnsafeBytes { descriptor in
        unsafe writer.write(
            head,
            audioLevel: level,
            descriptor: descriptor,
            hasMID: true,
            into: target,
            capacity: capacity
        )
    }
    guard let written, let place = written.transportNumberOffset else {
        preconditionFailure("what was read can be written")
    }
    let number = unsafe found.transportNumber(in: start) ?? 0
    unsafe RTPHeaderWriter.setTransportNumber(number, at: place, in: target)

    let again = unsafe RTPHeader(target, count: written.count)
    guard let again, let refound = unsafe RTPExtensions(target, again, ids) else {
        preconditionFailure("what was written can be read")
    }
    precondition(again.headerCount == written.count && again.ssrc == header.ssrc)
    precondition(again.sequence == header.sequence && again.timestamp == header.timestamp)
    precondition(again.payloadType == header.payloadType && again.marker == header.marker)
    precondition(again.hasPadding == header.hasPadding)
    precondition(unsafe refound.transportNumber(in: target) == number)
    precondition(unsafe refound.audioLevel(in: target) == level)
    precondition(unsafe [UInt8](copy[refound.mid.range]) == mid)
    precondition(unsafe [UInt8](copy[refound.dependencyDescriptor.range]) == descriptor)
}
