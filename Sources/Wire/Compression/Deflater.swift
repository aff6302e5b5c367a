internal import CZlib

/// zlib's compressor with its memory, to be used again and again (RFC 1950 to 1952).
///
/// A window of 2^15 and memory level 8 take 268 KiB, so one is kept for a thread, not for a
/// connection, and ``restart()`` makes it forget what it saw.
package final class Deflater {
    /// What surrounds the compressed bytes.
    package enum Container: Sendable {
        /// Nothing, as permessage-deflate wants it.
        case raw
        /// The header and check sum of RFC 1950, which zlib has its name from.
        case zlib
        /// The header and check sum of a gzip member.
        case gzip

        /// How zlib is told, by the bits of the window, which container is meant.
        func marked(_ windowBits: Int) -> Int {
            switch self {
            case .raw: -windowBits
            case .zlib: windowBits
            case .gzip: windowBits + 16
            }
        }
    }

    /// How much of what was taken in must come out.
    package enum Flush: Sendable {
        /// What compresses best.
        case none
        /// All of it up to a byte's end, by an empty stored block, so that the reader can use it.
        case sync
        /// All of it, and the end of the stream.
        case finish
    }

    private let stream: ZlibStream

    /// Makes a compressor: level 1 is fastest and 9 smallest; the window has 9 to 15 bits, since zlib
    /// has no raw window of 2^8; and memory level 1 to 9 is the size of the hash table, which
    /// ``restart()`` must clear.
    package init(
        _ container: Container,
        level: Int = 6,
        windowBits: Int = 15,
        memoryLevel: Int = 8
    ) {
        precondition((1...9).contains(level), "zlib's levels are 1 to 9")
        precondition((9...15).contains(windowBits), "zlib's raw windows have 9 to 15 bits")
        precondition((1...9).contains(memoryLevel), "zlib's memory levels are 1 to 9")
        let bits = container.marked(windowBits)
        stream = unsafe ZlibStream { place in
            unsafe deflateInit2_(
                place,
                CInt(level),
                Z_DEFLATED,
                CInt(bits),
                CInt(memoryLevel),
                Z_DEFAULT_STRATEGY,
                ZLIB_VERSION,
                CInt(MemoryLayout<z_stream>.size)
            )
        } end: { place in
            _ = unsafe deflateEnd(place)
        }
    }

    /// Begins a new stream, as if nothing had been compressed.
    package func restart() {
        unsafe stream.restart { place in unsafe deflateReset(place) }
    }

    /// Compresses `input` and appends what comes out. After ``Flush/finish``, restart before more.
    package func deflate(_ input: Span<UInt8>, flush: Flush, to output: inout [UInt8]) {
        // Most text shrinks to less than half; what doesn't takes another step.
        let room = min(max(1_024, input.count / 2), 65_536)
        let wanted =
            switch flush {
            case .none: Z_NO_FLUSH
            case .sync: Z_SYNC_FLUSH
            case .finish: Z_FINISH
            }
        stream.offer(input) { isLast in
            let flag = isLast ? wanted : Z_NO_FLUSH
            var isFull = true
            while isFull {
                (_, isFull) = unsafe stream.step(room: room, to: &output) { place in
                    unsafe CZlib.deflate(place, flag)
                }
            }
            return true
        }
    }
}
