/// One thread's means to compress and expand the messages of all its connections (RFC 7692).
///
/// A compressor takes 160 KiB and an expander 44, too much for each of ten thousand connections. As
/// no connection here is ever granted context takeover, none has anything to remember between two
/// messages, and a thread's connections take turns with one of each. Both are made when first needed.
///
/// Level 3 makes the state of a call 2 to 6% longer than level 6 does, in half the time; a hash
/// table of 2^13 is cleared for each message in less time than zlib's usual 2^15.
package final class DeflateCodec {
    /// What became of a message that was to be expanded.
    package enum Expansion: Equatable, Sendable {
        case whole([UInt8])
        /// It holds more bytes than were allowed.
        case overLimit
        /// It is not DEFLATE data, or ends within a block.
        case broken
    }

    /// What a flushed stream ends with, and a message doesn't (RFC 7692 section 7.2.1).
    private static let tail: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]

    private let level: Int
    private var inflater: Inflater?
    /// By bits of the window. Nearly every peer asks for 15.
    private var deflaters: [Int: Deflater] = [:]

    package init(level: Int = 3) {
        self.level = level
    }

    /// Compresses a whole message, or returns nil if that makes it no smaller.
    package func compress(_ message: Span<UInt8>, windowBits: Int) -> [UInt8]? {
        let deflater = deflater(windowBits: windowBits)
        var compressed: [UInt8] = []
        deflater.deflate(message, flush: .sync, to: &compressed)
        compressed.removeLast(Self.tail.count)
        return compressed.count < message.count ? compressed : nil
    }

    /// Expands a whole message to at most `limit` bytes.
    package func expand(_ message: Span<UInt8>, limit: Int) -> Expansion {
        let inflater = inflater ?? Inflater(.raw)
        self.inflater = inflater
        inflater.restart()
        var expanded: [UInt8] = []
        for piece in 0...1 {
            let bytes = piece == 0 ? message : Self.tail.span
            var offset = 0
            repeat {
                let rest = bytes.extracting(offset..<bytes.count)
                switch inflater.inflate(rest, limit: limit - expanded.count, to: &expanded) {
                case .tookAll:
                    offset = bytes.count
                case .ended(let left):
                    // A sender may end its stream and go on (RFC 7692 section 7.2.3.4).
                    inflater.goOnAfterEnd()
                    offset = bytes.count - left
                case .overLimit:
                    return .overLimit
                case .broken:
                    return .broken
                }
            } while offset < bytes.count
        }
        return inflater.isBetweenBlocks ? .whole(expanded) : .broken
    }

    private func deflater(windowBits: Int) -> Deflater {
        if let ready = deflaters[windowBits] {
            ready.restart()
            return ready
        }
        let made = Deflater(.raw, level: level, windowBits: windowBits, memoryLevel: 6)
        deflaters[windowBits] = made
        return made
    }
}
