/// The head of a frame on its way out, and the writing of whole frames (RFC 6455 section 5.2).
///
/// A server's frames are the same for every connection that hears the same event. Encode it once,
/// and let a thousand connections send the same bytes.
package struct WebSocketFrame: Sendable {
    package enum Opcode: UInt8, Sendable {
        case continuation = 0x0
        case text = 0x1
        case binary = 0x2
        case close = 0x8
        case ping = 0x9
        case pong = 0xA

        /// Whether it speaks about the connection, and so may stand between a message's fragments.
        var isControl: Bool { rawValue >= 0x8 }
    }

    /// The longest payload of a close, ping or pong (RFC 6455 section 5.5).
    package static let controlBytes = 125

    package var opcode: Opcode
    package var isLast = true
    /// Whether this frame begins a message that is compressed (RFC 7692 section 6).
    package var isDeflated = false

    package init(_ opcode: Opcode, isLast: Bool = true, isDeflated: Bool = false) {
        self.opcode = opcode
        self.isLast = isLast
        self.isDeflated = isDeflated
    }

    /// Appends the frame with this payload. A client gives a mask, and a new one for each frame; a
    /// server gives none.
    package func append(
        _ payload: Span<UInt8>,
        mask: WebSocketMask? = nil,
        to output: inout [UInt8]
    ) {
        precondition(
            !opcode.isControl || (payload.count <= Self.controlBytes && isLast),
            "control frames are short and whole"
        )
        appendHead(count: payload.count, isMasked: mask != nil, to: &output)
        guard let mask else {
            unsafe payload.withUnsafeBufferPointer { unsafe output.append(contentsOf: $0) }
            return
        }
        for offset in 0..<4 { output.append(mask[offset]) }
        mask.append(payload, phase: 0, to: &output)
    }

    /// Appends a server's frame whose payload lies in two places.
    package func append(
        _ start: Span<UInt8>,
        then end: Span<UInt8>,
        to output: inout [UInt8]
    ) {
        precondition(!opcode.isControl, "control frames are short and whole")
        appendHead(count: start.count + end.count, isMasked: false, to: &output)
        unsafe start.withUnsafeBufferPointer { unsafe output.append(contentsOf: $0) }
        unsafe end.withUnsafeBufferPointer { unsafe output.append(contentsOf: $0) }
    }

    private func appendHead(count: Int, isMasked: Bool, to output: inout [UInt8]) {
        // A frame by itself gets an array that fits; one among others lets the array double.
        if output.isEmpty { output.reserveCapacity(14 + count) }
        output.append((isLast ? 0x80 : 0) | (isDeflated ? 0x40 : 0) | opcode.rawValue)
        let masked: UInt8 = isMasked ? 0x80 : 0
        switch count {
        case ...125:
            output.append(masked | UInt8(count))
        case ...0xFFFF:
            output.append(masked | 126)
            output.append(UInt8(count >> 8))
            output.append(UInt8(count & 0xFF))
        default:
            output.append(masked | 127)
            for shift in stride(from: 56, through: 0, by: -8) {
                output.append(UInt8(truncatingIfNeeded: count >> shift))
            }
        }
    }
}
