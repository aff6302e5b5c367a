package import Wire

/// A message on its way out: framed once, however many connections it goes to.
///
/// Connections that agreed on compression share one compressed frame, since none of them keeps a
/// context from one message to the next; the others share the plain one.
package struct WebSocketMessage: Sendable {
    package let plain: [UInt8]
    package let compressed: [UInt8]?
    /// Whether it may be left out for a reader who has fallen behind: a reaction, a caption.
    package var isDispensable = false

    /// Text for one or for many. The bytes must be UTF-8.
    package init(
        text: Span<UInt8>,
        compressingFrom threshold: Int = .max,
        using codec: DeflateCodec? = nil
    ) {
        plain = WebSocketFrame.text(text)
        compressed = codec.flatMap {
            WebSocketFrame.deflated(.text, text, threshold: threshold, using: $0)
        }
    }

    package init(
        binary: Span<UInt8>,
        compressingFrom threshold: Int = .max,
        using codec: DeflateCodec? = nil
    ) {
        plain = WebSocketFrame.binary(binary)
        compressed = codec.flatMap {
            WebSocketFrame.deflated(.binary, binary, threshold: threshold, using: $0)
        }
    }
}
