import Basics

/// However a stream is cut, the same packets come out of it, each in bounds and of a size that is
/// taken, and with their lengths before them they are what was put in.
///
/// The first two bytes choose the limit and the cuts.
let fuzzStreamFrames: FuzzTarget = { bytes in
    guard bytes.count > 2 else { return }
    let limit = 1 + Int(bytes[0]) * 8
    let stream = [UInt8](bytes[2...])
    let whole = read(stream, by: stream.count, limit: limit)
    precondition(whole == read(stream, by: 1, limit: limit), "byte by byte")
    precondition(whole == read(stream, by: 1 + Int(bytes[1]), limit: limit), "in pieces")
    for packet in whole.packets {
        precondition((1...limit).contains(packet.count), "a packet has a size that is taken")
    }
    // Empty frames are left out, so what is found is at most what was there.
    let framed = whole.packets.reduce(0) { $0 + $1.count + 2 }
    precondition(framed <= stream.count)
    if let size = whole.tooLarge { precondition(size > limit) }
    let again = whole.packets.flatMap { [UInt8($0.count >> 8), UInt8($0.count & 255)] + $0 }
    precondition(read(again, by: 7, limit: limit).packets == whole.packets)
}

private struct Reading: Equatable {
    var packets: [[UInt8]] = []
    var tooLarge: Int?
}

private func read(_ stream: [UInt8], by step: Int, limit: Int) -> Reading {
    var reader = FrameReader(limit: limit)
    var reading = Reading()
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: limit + 2 + step, alignment: 1)
    defer { unsafe room.deallocate() }
    guard let base = room.baseAddress else { return reading }
    var start = 0
    while start < stream.count {
        let piece = stream[start..<min(start + step, stream.count)]
        start = piece.endIndex
        let kept = unsafe reader.resume(into: base)
        precondition(kept <= limit + 2, "what is kept is less than a frame")
        unsafe UnsafeMutableRawBufferPointer(rebasing: room[kept...]).copyBytes(from: piece)
        steps: while true {
            switch unsafe reader.next(in: base, count: kept + piece.count) {
            case .frame(let offset, let count):
                precondition(offset >= 2 && offset + count <= kept + piece.count, "in bounds")
                reading.packets.append(unsafe [UInt8](room[offset..<offset + count]))
            case .needsMore:
                break steps
            case .tooLarge(let size):
                reading.tooLarge = size
                return reading
            }
        }
    }
    return reading
}
