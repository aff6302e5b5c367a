/// What a server says. Each returns one frame, ready to be shared by all connections it is meant for.
extension WebSocketFrame {
    /// A whole message of text. The bytes must be UTF-8.
    package static func text(_ payload: Span<UInt8>) -> [UInt8] {
        whole(.text, payload)
    }

    /// A message of text in two parts, of which the first may be shared by many messages.
    package static func text(_ start: Span<UInt8>, then end: Span<UInt8>) -> [UInt8] {
        var frame: [UInt8] = []
        WebSocketFrame(.text).append(start, then: end, to: &frame)
        return frame
    }

    package static func binary(_ payload: Span<UInt8>) -> [UInt8] {
        whole(.binary, payload)
    }

    /// A question whether the peer is there. It answers with a pong that repeats the payload.
    package static func ping(_ payload: Span<UInt8>) -> [UInt8] {
        whole(.ping, payload)
    }

    package static func pong(_ payload: Span<UInt8>) -> [UInt8] {
        whole(.pong, payload)
    }

    /// The last frame of this end. A reason too long for a control frame loses its last characters.
    package static func close(_ code: WebSocketCloseCode?, reason: String = "") -> [UInt8] {
        whole(.close, closing(code, reason: reason).span)
    }

    /// The payload of a close frame, for a client to mask (RFC 6455 section 5.5.1).
    package static func closing(_ code: WebSocketCloseCode?, reason: String = "") -> [UInt8] {
        guard let code else { return [] }
        precondition(code.mayBeSent, "\(code.rawValue) is never on the wire; close with no code")
        var payload = [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xFF)]
        for character in reason.unicodeScalars {
            let bytes = UTF8.encode(character) ?? UTF8.encodedReplacementCharacter
            guard payload.count + bytes.count <= controlBytes else { break }
            payload.append(contentsOf: bytes)
        }
        return payload
    }

    /// A message compressed for every connection that agreed to it with a window of so many bits, or
    /// nil if it is shorter than `threshold` or would not become smaller: then send it plain, which
    /// is always allowed.
    package static func deflated(
        _ opcode: Opcode,
        _ payload: Span<UInt8>,
        windowBits: Int = 15,
        threshold: Int = WebSocketDeflate.threshold,
        using codec: DeflateCodec
    ) -> [UInt8]? {
        guard payload.count >= threshold else { return nil }
        guard let compressed = codec.compress(payload, windowBits: windowBits) else { return nil }
        var frame: [UInt8] = []
        WebSocketFrame(opcode, isDeflated: true).append(compressed.span, to: &frame)
        return frame
    }

    /// Appends a message in frames of at most `fragmentBytes` each, for peers that take no more. A
    /// client's `nextMask` gives a new mask for each frame; a server's gives none.
    package static func appendFragments(
        of payload: Span<UInt8>,
        as opcode: Opcode,
        isDeflated: Bool = false,
        fragmentBytes: Int,
        nextMask: () -> WebSocketMask? = { nil },
        to output: inout [UInt8]
    ) {
        precondition(fragmentBytes > 0 && !opcode.isControl, "only messages have fragments")
        var start = 0
        repeat {
            let end = min(start + fragmentBytes, payload.count)
            let frame = WebSocketFrame(
                start == 0 ? opcode : .continuation,
                isLast: end == payload.count,
                isDeflated: isDeflated && start == 0
            )
            frame.append(payload.extracting(start..<end), mask: nextMask(), to: &output)
            start = end
        } while start < payload.count
    }

    private static func whole(_ opcode: Opcode, _ payload: Span<UInt8>) -> [UInt8] {
        var frame: [UInt8] = []
        WebSocketFrame(opcode).append(payload, to: &frame)
        return frame
    }
}
