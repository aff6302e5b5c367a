/// The head of a frame that came in: all that stands before its payload (RFC 6455 section 5.2).
struct WebSocketFrameHead: Sendable {
    var opcode: WebSocketFrame.Opcode
    var isLast: Bool
    var isDeflated: Bool
    var mask: WebSocketMask?
    /// The length of the payload.
    var count: Int
    /// How much of the payload is still to come.
    var left: Int
}

extension WebSocketFrameHead {
    /// Reads a head that may come a byte at a time, and refuses it at the byte that breaks a rule.
    ///
    ///      0               1               2 or none       4 or none
    ///     ┌─┬─┬─┬─┬───────┬─┬─────────────┬───────────────┬──────────────┐
    ///     │F│R│R│R│opcode │M│  length, or │ 2 or 8 bytes  │ mask, if M   │
    ///     │I│1│2│3│       │ │  126 or 127 │ of length     │              │
    ///     └─┴─┴─┴─┴───────┴─┴─────────────┴───────────────┴──────────────┘
    struct Reader: Sendable {
        enum Answer: Sendable {
            case needsMore
            case whole(WebSocketFrameHead)
            case broken(reason: String)
        }

        private var opcode = WebSocketFrame.Opcode.continuation
        private var isLast = false
        private var isDeflated = false
        /// The seven bits of the second byte: a length, or what kind of length follows.
        private var mark: UInt8 = 0
        private var length: UInt64 = 0
        private var key: UInt32 = 0
        private var taken = 0

        /// Takes what belongs to the head, and moves `offset` past it.
        mutating func read(
            _ input: Span<UInt8>,
            from offset: inout Int,
            as role: WebSocketMachine.Role,
            deflate: Bool
        ) -> Answer {
            while offset < input.count {
                let byte = input[offset]
                offset += 1
                taken += 1
                if let reason = take(byte, as: role, deflate: deflate) {
                    return .broken(reason: reason)
                }
                guard taken >= 2 && taken == lengthEnd + (role == .server ? 4 : 0) else { continue }
                let count = Int(length)  // its top bit is not set
                return .whole(
                    WebSocketFrameHead(
                        opcode: opcode,
                        isLast: isLast,
                        isDeflated: isDeflated,
                        mask: role == .server ? WebSocketMask(key: key) : nil,
                        count: count,
                        left: count
                    )
                )
            }
            return .needsMore
        }

        private var lengthEnd: Int {
            switch mark {
            case 127: 10
            case 126: 4
            default: 2
            }
        }

        /// Takes one byte of the head. Returns the rule it breaks.
        private mutating func take(
            _ byte: UInt8,
            as role: WebSocketMachine.Role,
            deflate: Bool
        ) -> String? {
            switch taken {
            case 1: takeFirst(byte, deflate: deflate)
            case 2: takeSecond(byte, as: role)
            case ...lengthEnd: takeLength(byte)
            default: takeKey(byte)
            }
        }

        private mutating func takeFirst(_ byte: UInt8, deflate: Bool) -> String? {
            guard let opcode = WebSocketFrame.Opcode(rawValue: byte & 0x0F) else {
                return "opcode \(byte & 0x0F) is reserved; send 0, 1, 2, 8, 9 or 10"
            }
            self.opcode = opcode
            isLast = byte & 0x80 != 0
            isDeflated = byte & 0x40 != 0
            if byte & 0x30 != 0 {
                return
                    "a reserved bit is set; no extension was agreed that uses it"
            }
            if isDeflated && !deflate {
                return "the frame says it is compressed, which was not agreed; send RSV1 as 0"
            }
            if isDeflated && opcode != .text && opcode != .binary {
                return "only a message's first frame may be marked compressed; send RSV1 as 0"
            }
            if opcode.isControl && !isLast {
                return "a control frame is fragmented; send it whole"
            }
            return nil
        }

        private mutating func takeSecond(
            _ byte: UInt8,
            as role: WebSocketMachine.Role
        ) -> String? {
            mark = byte & 0x7F
            length = mark < 126 ? UInt64(mark) : 0
            let isMasked = byte & 0x80 != 0
            if role == .server && !isMasked {
                return "the frame is not masked; clients mask every frame"
            }
            if role == .client && isMasked {
                return "the frame is masked; servers mask no frame"
            }
            if opcode.isControl && mark > WebSocketFrame.controlBytes {
                return "a control frame's payload is longer than 125 bytes; shorten it"
            }
            return nil
        }

        private mutating func takeLength(_ byte: UInt8) -> String? {
            length = length << 8 | UInt64(byte)
            if mark == 127 && taken == 3 && byte & 0x80 != 0 {
                return "the length's highest bit is set; lengths have 63 bits"
            }
            if taken == lengthEnd && length <= (mark == 126 ? 125 : 0xFFFF) {
                return "the length is written longer than needed; use the shortest form"
            }
            return nil
        }

        private mutating func takeKey(_ byte: UInt8) -> String? {
            key |= UInt32(byte) << UInt32((taken - lengthEnd - 1) * 8)
            return nil
        }
    }
}
