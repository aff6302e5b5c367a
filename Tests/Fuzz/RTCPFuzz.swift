import Basics
import Media

/// What was read can be written and read again, packet by packet; a datagram cut short is none.
let fuzzRTCP: FuzzTarget = { bytes in
    guard var reader = RTCPReader(bytes.span) else { return }
    precondition(!bytes.isEmpty && bytes.count.isMultiple(of: 4), "RTCP is whole words")
    precondition(!isRTCP(bytes.span.extracting(0..<bytes.count - 1)), "a part is no whole")
    var packets = 0
    while let packet = reader.next() {
        packets += 1
        rewrite(packet)
    }
    precondition(packets >= 1 && packets <= bytes.count / 4)
}

private func isRTCP(_ bytes: Span<UInt8>) -> Bool {
    RTCPReader(bytes) != nil
}

private func rewrite(_ packet: consuming RTCPPacket) {
    switch packet {
    case .senderReport(let report):
        let blocks = (0..<report.blockCount).map { report.block($0) }
        let info = report.info
        let copy = written { $0.appendSenderReport(info, blocks.span) }
        guard case .senderReport(let again)? = first(copy.span) else {
            preconditionFailure("a sender report")
        }
        precondition(again.info == info)
        precondition((0..<again.blockCount).map { again.block($0) } == blocks)
    case .receiverReport(let report):
        let blocks = (0..<report.blockCount).map { report.block($0) }
        let sender = report.sender
        let copy = written { $0.appendReceiverReport(sender, blocks.span) }
        guard case .receiverReport(let again)? = first(copy.span) else {
            preconditionFailure("a receiver report")
        }
        precondition(again.sender == sender)
        precondition((0..<again.blockCount).map { again.block($0) } == blocks)
    case .sourceDescription(var description):
        while let source = description.next() {
            let name = [UInt8](copying: source.cname)
            let ssrc = source.ssrc
            let copy = written { $0.appendName(ssrc, name.span) }
            guard case .sourceDescription(var again)? = first(copy.span),
                let same = again.next()
            else { preconditionFailure("a name") }
            precondition(same.ssrc == ssrc && [UInt8](copying: same.cname) == name)
        }
    case .goodbye(let goodbye):
        precondition(goodbye.reason.count <= 255)
        for index in 0..<goodbye.sourceCount {
            let source = goodbye.source(index)
            let copy = written { $0.appendGoodbye(source) }
            guard case .goodbye(let again)? = first(copy.span) else {
                preconditionFailure("a goodbye")
            }
            precondition(again.sourceCount == 1 && again.source(0) == source)
        }
    case .nack(let nack): rewrite(nack)
    case .arrivals(let arrivals): rewrite(arrivals)
    case .pictureLoss(let sender, let media):
        let copy = written { $0.appendPictureLoss(sender, media) }
        guard case .pictureLoss(sender, media)? = first(copy.span) else {
            preconditionFailure("a picture loss")
        }
    case .fullIntraRequest(let request):
        for index in 0..<request.entryCount {
            let (sender, entry) = (request.sender, request.entry(index))
            let copy = written { $0.appendFullIntraRequest(sender, entry) }
            guard case .fullIntraRequest(let again)? = first(copy.span) else {
                preconditionFailure("a request for a key frame")
            }
            precondition(again.sender == sender && again.entry(0) == entry)
        }
    case .receiverEstimate(let estimate):
        let sources = (0..<estimate.sourceCount).map { estimate.source($0) }
        let (sender, bitrate) = (estimate.sender, estimate.bitrate)
        let copy = written { $0.appendReceiverEstimate(sender, bitrate, sources.span) }
        guard case .receiverEstimate(let again)? = first(copy.span) else {
            preconditionFailure("an estimate")
        }
        precondition((0..<again.sourceCount).map { again.source($0) } == sources)
        let lost = bitrate.rawValue - again.bitrate.rawValue
        precondition(lost == 0 || bitrate.rawValue == .max && lost <= .max >> 17)
    case .other, .broken: break
    }
}

private func rewrite(_ nack: consuming RTCPNack) {
    let (sender, media) = (nack.sender, nack.media)
    var missing: [UInt16] = []
    while let number = nack.next() { missing.append(number.rawValue) }
    precondition(!missing.isEmpty)
    var rest = missing[...]
    var named: Set<UInt16> = []
    while !rest.isEmpty {
        let part = Array(rest)
        let copy = written {
            let taken = $0.appendNack(sender, media, missing: part.span)
            rest = rest.dropFirst(taken)
            return taken > 0
        }
        guard case .nack(var again)? = first(copy.span) else { preconditionFailure("a nack") }
        while let number = again.next() { named.insert(number.rawValue) }
    }
    precondition(named == Set(missing))
}

private func rewrite(_ arrivals: consuming RTCPArrivals) {
    let head = RTCPArrivalsHead(
        sender: arrivals.sender,
        media: arrivals.media,
        base: arrivals.base,
        referenceTime: UInt32(bitPattern: arrivals.referenceTime) & 0xFF_FFFF,
        feedbackCount: arrivals.feedbackCount
    )
    let count = arrivals.count
    var read: [RTCPArrivals.Arrival] = []
    while let arrival = arrivals.next() { read.append(arrival) }
    precondition(read.count == count && count <= 4_096)
    let ticks = read.map(\.tick)
    var taken = 0
    let copy = written {
        taken = $0.appendArrivals(head, count: ticks.count) { ticks[$0] }
        return taken > 0
    }
    guard case .arrivals(var again)? = first(copy.span) else { preconditionFailure("arrivals") }
    precondition(again.referenceTime == arrivals.referenceTime && again.base == head.base)
    for index in 0..<taken { precondition(again.next() == read[index]) }
    precondition(again.next() == nil && taken == count, "all of it fits")
}

/// What one closure appends to a buffer larger than any packet of the input.
private func written(_ body: (inout RTCPWriter) -> Bool) -> [UInt8] {
    var buffer = [UInt8](repeating: 0xAA, count: 16_384)
    let span = buffer.mutableSpan
    var writer = RTCPWriter(into: span)
    precondition(body(&writer), "what was read can be written")
    let count = writer.count
    precondition(buffer[count...].allSatisfy { $0 == 0xAA }, "nothing is written beyond the end")
    return Array(buffer.prefix(count))
}

@_lifetime(copy bytes)
private func first(_ bytes: Span<UInt8>) -> RTCPPacket? {
    guard var reader = RTCPReader(bytes) else { return nil }
    return reader.next()
}
