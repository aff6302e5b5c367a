internal import Basics

/// One end of a WebSocket connection, from its first byte after the handshake (RFC 6455 section 5).
///
/// It is given what was read from the socket, in pieces cut anywhere, and tells what the peer said.
/// Call ``next(in:from:using:)`` until it answers ``Event/needsMore``; then all of the piece was
/// taken, and the buffer may be used again.
///
///     ╭────────────────────────────────────────────╮
///     ▼        head is whole          payload is whole
///   head ─────────────────────▶ payload ───────────╯
///     │ breaks a rule              │ breaks a rule, or was a close
///     ╰────────────▶ over ◀────────╯
///
/// Nothing is kept between messages: an idle machine owns no memory but itself. Within a message it
/// owns what has arrived of it, never what was merely promised; limits are checked when a frame's
/// head is read. A compressed message is gathered and expanded when it is whole, so that a slow
/// sender holds no expander; a plain text is checked as it comes.
package struct WebSocketMachine: Sendable {
    package enum Role: Sendable {
        case server
        case client
    }

    /// What one peer may make this end hold.
    package struct Limits: Hashable, Sendable {
        /// Bytes of payload in one frame, as they are on the wire.
        package var frameBytes: Int
        /// Bytes in one message, on the wire and expanded.
        package var messageBytes: Int
        /// Frames in one message. Text sent a byte at a time, as conformance suites do, needs 40.
        package var fragments: Int

        package init(
            frameBytes: Int = 65_536,
            messageBytes: Int = 65_536,
            fragments: Int = 64
        ) {
            self.frameBytes = frameBytes
            self.messageBytes = messageBytes
            self.fragments = fragments
        }
    }

    package enum Event: Equatable, Sendable {
        /// All bytes were taken; read more.
        case needsMore
        /// A whole message, which is UTF-8.
        case text([UInt8])
        case binary([UInt8])
        /// Answer it with a pong of the same payload.
        case ping([UInt8])
        case pong([UInt8])
        /// The peer's last words. Answer with the same code, unless this end closed first, and end.
        case close(WebSocketCloseCode?, reason: String)
        /// The peer broke a rule. Send a close frame with this code and reason, and end.
        case failed(WebSocketCloseCode, reason: String)
    }

    private enum State: Sendable {
        case head
        case payload(WebSocketFrameHead)
        case over
    }

    /// A message of which the last frame hasn't come.
    private struct Message: Sendable {
        var opcode: WebSocketFrame.Opcode
        var isDeflated: Bool
        var frames = 0
        var text = UTF8Validator()
    }

    private let role: Role
    private let limits: Limits
    private let allowsDeflate: Bool
    private var state = State.head
    private var head = WebSocketFrameHead.Reader()
    private var message: Message?
    private var messageBytes: [UInt8] = []
    private var controlBytes: [UInt8] = []

    package init(
        role: Role,
        limits: Limits = Limits(),
        deflate: WebSocketDeflate.Agreement? = nil
    ) {
        self.role = role
        self.limits = limits
        allowsDeflate = deflate != nil
    }

    /// Takes bytes of `input` from `offset` on, moves `offset` past them, and tells the first thing
    /// they mean. After ``Event/close(_:reason:)`` or ``Event/failed(_:reason:)`` all further bytes
    /// are taken and mean nothing.
    package mutating func next(
        in input: Span<UInt8>,
        from offset: inout Int,
        using codec: DeflateCodec
    ) -> Event {
        while true {
            switch state {
            case .head:
                switch head.read(input, from: &offset, as: role, deflate: allowsDeflate) {
                case .needsMore: return .needsMore
                case .broken(let reason): return fail(.protocolError, reason)
                case .whole(let frame):
                    head = WebSocketFrameHead.Reader()
                    if let failure = begin(frame) { return failure }
                    state = .payload(frame)
                }
            case .payload(var frame):
                let count = min(frame.left, input.count - offset)
                let piece = input.extracting(offset..<offset + count)
                offset += count
                if let failure = take(piece, of: frame) { return failure }
                frame.left -= count
                guard frame.left == 0 else {
                    state = .payload(frame)
                    return .needsMore
                }
                state = .head
                if let event = end(frame, using: codec) { return event }
            case .over:
                offset = input.count
                return .needsMore
            }
        }
    }
}

// What a frame does to the message it belongs to.
extension WebSocketMachine {
    /// Checks a frame by its head alone, before any of its payload is taken.
    private mutating func begin(_ frame: WebSocketFrameHead) -> Event? {
        guard !frame.opcode.isControl else { return nil }
        switch (frame.opcode, message) {
        case (.continuation, nil):
            return fail(
                .protocolError,
                "a continuation of nothing; begin with text or binary"
            )
        case (.continuation, _):
            break
        case (_, nil):
            message = Message(opcode: frame.opcode, isDeflated: frame.isDeflated)
        case (_, _):
            return fail(.protocolError, "a message begins within another; finish the first one")
        }
        message?.frames += 1
        if let frames = message?.frames, frames > limits.fragments {
            let limit = limits.fragments
            return fail(.messageTooBig, "the message has more than \(limit) frames; send fewer")
        }
        if frame.count > limits.frameBytes {
            let limit = limits.frameBytes
            return fail(
                .messageTooBig,
                "the frame is longer than \(limit) bytes; send less"
            )
        }
        if frame.count > limits.messageBytes - messageBytes.count {
            return failTooBig()
        }
        return nil
    }

    /// Takes a piece of a frame's payload.
    private mutating func take(_ piece: Span<UInt8>, of frame: WebSocketFrameHead) -> Event? {
        let phase = frame.count - frame.left
        guard !frame.opcode.isControl else {
            Self.append(piece, mask: frame.mask, phase: phase, to: &controlBytes)
            return nil
        }
        let start = messageBytes.count
        Self.append(piece, mask: frame.mask, phase: phase, to: &messageBytes)
        guard var opened = message, opened.opcode == .text, !opened.isDeflated else { return nil }
        let offset = opened.text.accept(messageBytes.span.extracting(start..<messageBytes.count))
        message = opened
        guard let offset else { return nil }
        return failText(at: start + offset)
    }

    /// Takes the end of a frame. Returns what that completes, if anything.
    private mutating func end(_ frame: WebSocketFrameHead, using codec: DeflateCodec) -> Event? {
        switch frame.opcode {
        case .ping: return .ping(Self.release(&controlBytes))
        case .pong: return .pong(Self.release(&controlBytes))
        case .close: return endByClose(Self.release(&controlBytes))
        case .text, .binary, .continuation: return frame.isLast ? endMessage(using: codec) : nil
        }
    }

    private mutating func endMessage(using codec: DeflateCodec) -> Event? {
        guard let ended = message else { return nil }  // there is one: its frame was begun
        message = nil
        var bytes = Self.release(&messageBytes)
        var text = ended.text
        if ended.isDeflated {
            switch codec.expand(bytes.span, limit: limits.messageBytes) {
            case .whole(let expanded): bytes = expanded
            case .overLimit: return failTooBig()
            case .broken: return fail(.invalidPayload, "the message is not whole DEFLATE data")
            }
            if ended.opcode == .text, let offset = text.accept(bytes.span) {
                return failText(at: offset)
            }
        }
        guard ended.opcode == .text else { return .binary(bytes) }
        return text.isWhole ? .text(bytes) : failText(at: bytes.count)
    }

    private mutating func endByClose(_ payload: [UInt8]) -> Event {
        guard payload.count != 1 else {
            return fail(
                .protocolError,
                "a close frame has one byte; send a code of two"
            )
        }
        state = .over
        message = nil
        messageBytes = []
        guard payload.count >= 2 else { return .close(nil, reason: "") }
        let code = WebSocketCloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        guard code.mayBeSent else {
            return fail(.protocolError, "close code \(code.rawValue) may not be sent; send 1000")
        }
        var text = UTF8Validator()
        let reason = payload.span.extracting(2..<payload.count)
        guard text.accept(reason) == nil, text.isWhole else {
            return fail(.invalidPayload, "the reason of a close frame is not UTF-8")
        }
        return .close(code, reason: String(decoding: payload[2...], as: UTF8.self))
    }

    private static func append(
        _ piece: Span<UInt8>,
        mask: WebSocketMask?,
        phase: Int,
        to bytes: inout [UInt8]
    ) {
        if let mask {
            mask.append(piece, phase: phase, to: &bytes)
        } else {
            unsafe piece.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
        }
    }

    /// Hands bytes on and keeps no memory of them.
    private static func release(_ bytes: inout [UInt8]) -> [UInt8] {
        let released = bytes
        bytes = []
        return released
    }

    private mutating func failTooBig() -> Event {
        let limit = limits.messageBytes
        return fail(.messageTooBig, "the message is longer than \(limit) bytes; send smaller ones")
    }

    private mutating func failText(at offset: Int) -> Event {
        fail(.invalidPayload, "the text is not UTF-8 at byte \(offset); send binary, or mend it")
    }

    private mutating func fail(_ code: WebSocketCloseCode, _ reason: String) -> Event {
        state = .over
        message = nil
        messageBytes = []
        controlBytes = []
        return .failed(code, reason: reason)
    }
}
