import Wire

// A fuzzer has one thread.
nonisolated(unsafe) private let keptCodec = DeflateCodec()
private var codec: DeflateCodec { unsafe keptCodec }

/// Two bytes of a limit, then what a peer says is DEFLATE or gzip data.
///
/// Claims: the limit holds and is the only thing that changes with it; what came out can be put in
/// again; any bytes at all survive both ways; and cutting the input changes nothing.
let fuzzInflate: FuzzTarget = { bytes in
    guard bytes.count >= 2 else { return }
    let limit = Int(bytes[0]) << 4 | Int(bytes[1])
    let packed = Array(bytes[2...])
    let data = packed.span
    switch codec.expand(data, limit: limit) {
    case .whole(let expanded):
        precondition(expanded.count <= limit)
        precondition(codec.expand(data, limit: expanded.count) == .whole(expanded))
        if !expanded.isEmpty {
            precondition(codec.expand(data, limit: expanded.count - 1) == .overLimit)
        }
        survive(expanded.span)
    case .overLimit:
        if limit > 0 { precondition(codec.expand(data, limit: limit - 1) == .overLimit) }
    case .broken:
        precondition(codec.expand(data, limit: limit + 100) == .broken)
    }
    survive(data)
    for container in [Deflater.Container.raw, .gzip] {
        cut(data, container: container, limit: limit)
    }
    do throws(Gzip.Fault) {
        let body = try Gzip.expand(data, limit: limit)
        precondition(body.count <= limit)
    } catch {
        precondition(!error.description.isEmpty)
    }
}

private func survive(_ message: Span<UInt8>) {
    guard let compressed = codec.compress(message, windowBits: 9) else { return }
    guard case .whole(let back) = codec.expand(compressed.span, limit: message.count) else {
        preconditionFailure("what was compressed is expanded")
    }
    precondition(back.count == message.count)
    for index in back.indices { precondition(back[index] == message[index]) }
}

private func cut(_ data: Span<UInt8>, container: Deflater.Container, limit: Int) {
    let whole = Inflater(container)
    var expected: [UInt8] = []
    let end = whole.inflate(data, limit: limit, to: &expected)
    let pieces = Inflater(container)
    var got: [UInt8] = []
    for start in stride(from: 0, to: data.count, by: 3) {
        let piece = data.extracting(start..<min(start + 3, data.count))
        let pause = pieces.inflate(piece, limit: limit - got.count, to: &got)
        precondition(got.count <= limit)
        guard pause != .tookAll else { continue }
        switch (pause, end) {
        case (.ended(let left), .ended(let leftOfAll)):
            precondition(data.count - start - piece.count + left == leftOfAll)
        case (.broken(let offset, let reason), .broken(let offsetInAll, let reasonOfAll)):
            precondition(offset + start == offsetInAll && reason == reasonOfAll)
        case (.overLimit, .overLimit):
            break
        default:
            preconditionFailure("the cut changes \(end) to \(pause)")
        }
        precondition(got == expected)
        return
    }
    precondition(end == .tookAll && got == expected)
}
