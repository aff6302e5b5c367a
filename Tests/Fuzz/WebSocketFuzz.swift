import Wire

/// Whatever a client sends: claims as in ``playWebSocket``.
let fuzzWebSocketServer: FuzzTarget = { bytes in playWebSocket(bytes, as: .server) }

/// Whatever a server sends.
let fuzzWebSocketClient: FuzzTarget = { bytes in playWebSocket(bytes, as: .client) }

// A fuzzer has one thread.
nonisolated(unsafe) private let keptCodec = DeflateCodec()
private var codec: DeflateCodec { unsafe keptCodec }
private let limits = WebSocketMachine.Limits(frameBytes: 400, messageBytes: 600, fragments: 4)

/// The first byte agrees to compression or not and says how to cut the rest.
///
/// Claims: the cut changes nothing, messages keep the limits, text is text, what was heard can be
/// said again and is heard the same, and nothing is heard after the end.
private func playWebSocket(_ bytes: [UInt8], as role: WebSocketMachine.Role) {
    guard let choice = bytes.first else { return }
    let said = bytes[1...]
    let deflate = choice & 1 == 0 ? nil : WebSocketDeflate.Agreement()
    let whole = hear(said, pieces: { Int.max }, as: role, deflate: deflate)
    var state = UInt32(choice) | 1
    let cut = hear(
        said,
        pieces: {
            state = state &* 1_664_525 &+ 1_013_904_223
            return 1 + Int(state >> 24) % (choice & 2 == 0 ? 3 : 64)
        },
        as: role,
        deflate: deflate
    )
    precondition(whole == cut, "the cut changes nothing")
    var again: [UInt8] = []
    for (index, event) in whole.enumerated() {
        let isEnd = index == whole.count - 1
        let mask = role == .server ? WebSocketMask(key: UInt32(choice) &* 0x0105_0D21) : nil
        switch event {
        case .needsMore:
            preconditionFailure("is not collected")
        case .text(let text):
            precondition(text.count <= limits.messageBytes)
            precondition(String(validating: text, as: UTF8.self) != nil)
            WebSocketFrame.appendFragments(
                of: text.span,
                as: .text,
                fragmentBytes: 400,
                nextMask: { mask },
                to: &again
            )
        case .binary(let payload):
            precondition(payload.count <= limits.messageBytes)
            WebSocketFrame.appendFragments(
                of: payload.span,
                as: .binary,
                fragmentBytes: 400,
                nextMask: { mask },
                to: &again
            )
        case .ping(let payload):
            WebSocketFrame(.ping).append(payload.span, mask: mask, to: &again)
        case .pong(let payload):
            WebSocketFrame(.pong).append(payload.span, mask: mask, to: &again)
        case .close(let code, let reason):
            precondition(isEnd)
            let payload = WebSocketFrame.closing(code, reason: reason)
            WebSocketFrame(.close).append(payload.span, mask: mask, to: &again)
        case .failed(let code, let reason):
            precondition(isEnd && code.mayBeSent)
            precondition(!reason.isEmpty && reason.utf8.count <= 123)
        }
    }
    var lawful = whole
    if case .failed = lawful.last { lawful.removeLast() }
    precondition(hear(again[...], pieces: { Int.max }, as: role, deflate: deflate) == lawful)
}

private func hear(
    _ bytes: ArraySlice<UInt8>,
    pieces: () -> Int,
    as role: WebSocketMachine.Role,
    deflate: WebSocketDeflate.Agreement?
) -> [WebSocketMachine.Event] {
    var machine = WebSocketMachine(role: role, limits: limits, deflate: deflate)
    var events: [WebSocketMachine.Event] = []
    var start = 0
    let span = bytes.span
    while start < span.count {
        let end = start + min(pieces(), span.count - start)
        var offset = 0
        while true {
            let piece = span.extracting(start..<end)
            let event = machine.next(in: piece, from: &offset, using: codec)
            guard event != .needsMore else {
                precondition(offset == piece.count, "it needs more only when it took all")
                break
            }
            events.append(event)
        }
        start = end
    }
    return events
}
