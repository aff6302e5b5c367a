import Wire

/// What a machine made of a stream, in a form that compares and reads well.
enum Heard: Equatable, CustomStringConvertible {
    case head(HTTPRequestHead)
    case content([UInt8])
    case end
    case refused(HTTPRefusal)
    case cleanEnd

    var description: String {
        switch self {
        case .head(let head):
            "\(text(head.methodName)) \(text(head.target)) \(head.framing)"
        case .content(let content): "content \(text(content[...]))"
        case .end: "end"
        case .refused(let refusal): "refused \(refusal.rule) at \(refusal.offset)"
        case .cleanEnd: "clean end"
        }
    }
}

func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

/// Feeds a stream in pieces, then its end, and joins the content of each message.
func listen(
    to stream: [UInt8],
    inPiecesOf sizes: [Int] = [],
    limits: HTTPLimits = HTTPLimits()
) -> [Heard] {
    var machine = HTTPRequestMachine(limits: limits)
    var heard: [Heard] = []
    var start = 0
    var turn = 0
    while start < stream.count {
        let size = sizes.isEmpty ? stream.count : max(1, sizes[turn % sizes.count])
        turn += 1
        let piece = Array(stream[start..<min(start + size, stream.count)])
        start += piece.count
        var offset = 0
        piece: while true {
            switch machine.next(in: piece.span, from: &offset) {
            case .needsMore:
                break piece
            case .head(let head):
                heard.append(.head(head))
            case .body(let range):
                let more = Array(piece[range])
                if case .content(let content)? = heard.last {
                    heard[heard.count - 1] = .content(content + more)
                } else {
                    heard.append(.content(more))
                }
            case .end:
                heard.append(.end)
            case .refused(let refusal):
                return heard + [.refused(refusal)]
            }
        }
    }
    if let refusal = machine.receiveEnd() { return heard + [.refused(refusal)] }
    return heard + [.cleanEnd]
}

func listen(to stream: String, inPiecesOf sizes: [Int] = []) -> [Heard] {
    listen(to: Array(stream.utf8), inPiecesOf: sizes)
}

/// The head of a stream that has one.
func firstHead(of stream: String) -> HTTPRequestHead? {
    guard case .head(let head)? = listen(to: stream).first else { return nil }
    return head
}

/// The rule by which a stream was refused, if it was.
func rule(of stream: String) -> HTTPRefusal.Rule? {
    guard case .refused(let refusal)? = listen(to: stream).last else { return nil }
    return refusal.rule
}
