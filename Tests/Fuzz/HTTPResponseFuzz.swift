import Wire

/// Claims: the same bytes give the same events however they are cut; content lies within the input
/// and its limit; after an end that leaves the connection open another request may be sent.
let fuzzHTTPResponse: FuzzTarget = { bytes in
    guard let first = bytes.first else { return }
    let stream = Array(bytes.dropFirst())
    let method: HTTPMethod = first & 0x80 == 0 ? .get : .head
    let whole = ResponseHearing(stream, method, pieces: .max)
    precondition(whole == ResponseHearing(stream, method, pieces: Int(first % 40) + 1))
}

private struct ResponseHearing: Equatable {
    var heads: [HTTPResponseHead] = []
    var contents: [[UInt8]] = []
    var failure: HTTPRefusal?
    var last: HTTPResponseMachine.Event?

    init(_ stream: [UInt8], _ method: HTTPMethod, pieces: Int) {
        var limits = HTTPLimits()
        limits.headBytes = 300
        limits.fields = 6
        limits.bodyBytes = 40
        limits.trailerBytes = 40
        var machine = HTTPResponseMachine(limits: limits)
        machine.begin(method)
        var content: [UInt8] = []
        var start = 0
        while start < stream.count {
            let end = start + min(pieces, stream.count - start)
            let piece = stream.span.extracting(start..<end)
            start = end
            var offset = 0
            piece: while true {
                let before = offset
                let event = machine.next(in: piece, from: &offset)
                precondition(before <= offset && offset <= piece.count)
                switch event {
                case .needsMore:
                    precondition(offset == piece.count)
                    break piece
                case .head(let head):
                    precondition(head.fields.count <= limits.fields)
                    heads.append(head)
                case .body(let range):
                    precondition(!range.isEmpty && before <= range.lowerBound)
                    precondition(range.upperBound <= offset)
                    for index in range { content.append(piece[index]) }
                    precondition(content.count <= Int(limits.bodyBytes))
                case .end:
                    precondition(machine.isIdle == heads.last?.keepAlive)
                    contents.append(content)
                    content = []
                    if machine.isIdle { machine.begin(method) }
                case .failed(let refusal):
                    failure = refusal
                    contents.append(content)
                    return
                }
            }
        }
        last = machine.receiveEnd()
    }
}
