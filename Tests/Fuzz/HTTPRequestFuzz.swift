import Wire

/// Claims: the same bytes give the same events however they are cut; content lies within the input;
/// no limit is passed; a counted message has just its count.
let fuzzHTTPRequest: FuzzTarget = { bytes in
    guard let first = bytes.first else { return }
    let stream = Array(bytes.dropFirst())
    let whole = RequestHearing(stream, pieces: .max)
    precondition(whole == RequestHearing(stream, pieces: Int(first % 40) + 1))
}

/// Claims: the machine and the plain reference hear the same messages and refuse the same streams.
let fuzzHTTPDifferential: FuzzTarget = { stream in
    let limits = HTTPLimits()
    var lines = 0
    for byte in stream where byte == 10 { lines += 1 }
    // The reference knows no limit but the content's, so keep below the others.
    guard stream.count < 2_000, lines <= 14 else { return }
    let machine = RequestHearing(stream, pieces: .max, limits: limits)
    let reference = HTTPReference(stream, bodyLimit: Int(limits.bodyBytes))
    precondition(
        machine.refusal.map { $0.rule == .methodTooLong } ?? false
            || machine.told == reference.messages && (machine.refusal != nil) == reference.isRefused
    )
}

private struct RequestHearing: Equatable {
    var heads: [HTTPRequestHead] = []
    var contents: [[UInt8]] = []
    var refusal: HTTPRefusal?

    /// The messages that were whole, as the reference tells them.
    var told: [HTTPReference.Message] {
        zip(heads, contents).map { head, content in
            let version = head.version == .http10 ? "1.0" : "1.1"
            let method = String(decoding: head.methodName, as: UTF8.self)
            let target = String(decoding: head.target, as: UTF8.self)
            return .init(line: "\(method) \(target) \(version)", content: content)
        }
    }

    /// Small enough that a fuzzer finds them.
    private static var tightLimits: HTTPLimits {
        var limits = HTTPLimits()
        limits.headBytes = 300
        limits.targetBytes = 40
        limits.methodBytes = 10
        limits.fields = 6
        limits.bodyBytes = 40
        limits.trailerBytes = 40
        limits.trailerFields = 3
        return limits
    }

    init(_ stream: [UInt8], pieces: Int, limits: HTTPLimits = tightLimits) {
        var machine = HTTPRequestMachine(limits: limits)
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
                    check(head, limits)
                    heads.append(head)
                case .body(let range):
                    precondition(!range.isEmpty && before <= range.lowerBound)
                    precondition(range.upperBound <= offset)
                    for index in range { content.append(piece[index]) }
                    precondition(content.count <= Int(limits.bodyBytes))
                case .end:
                    if case .length(let length)? = heads.last?.framing {
                        precondition(content.count == Int(length))
                    }
                    contents.append(content)
                    content = []
                case .refused(let refusal):
                    precondition(refusal.offset <= UInt64(stream.count))
                    self.refusal = refusal
                    return
                }
            }
        }
        refusal = machine.receiveEnd()
    }

    private func check(_ head: HTTPRequestHead, _ limits: HTTPLimits) {
        precondition(head.fields.count <= limits.fields)
        precondition(head.target.count <= limits.targetBytes)
        precondition(head.methodName.count <= limits.methodBytes)
        precondition(head.path.first == UInt8(ascii: "/") || head.path == [UInt8(ascii: "*")])
        precondition(head.version == .http10 || !head.host.isEmpty)
        for index in 0..<head.fields.count {
            let (name, value) = head.fields[index]
            precondition(!name.isEmpty && !value.contains { $0 == 13 || $0 == 10 || $0 == 0 })
        }
    }
}
