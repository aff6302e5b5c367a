internal import CZlib

/// zlib's decompressor with its memory (44 KiB), to be used again and again (RFC 1950 to 1952).
///
/// It never writes more than it is allowed: a bomb costs the limit, whatever it promised.
package final class Inflater {
    /// Why ``inflate(_:limit:to:)`` came back.
    package enum Pause: Equatable, Sendable {
        /// All was taken, and the stream may go on.
        case tookAll
        /// The stream says that it is over; so many bytes after its end were left alone.
        case ended(left: Int)
        /// More than the limit would have come out. The output is full to the limit.
        case overLimit
        /// These are not the bytes of a stream: the offset at which that became certain, and why.
        case broken(offset: Int, reason: String)
    }

    private let stream: ZlibStream

    /// Reads streams compressed with any window.
    package init(_ container: Deflater.Container) {
        let bits = container.marked(15)
        stream = unsafe ZlibStream { place in
            unsafe inflateInit2_(
                place,
                CInt(bits),
                ZLIB_VERSION,
                CInt(MemoryLayout<z_stream>.size)
            )
        } end: { place in
            _ = unsafe inflateEnd(place)
        }
    }

    /// Forgets all and begins a new stream.
    package func restart() {
        unsafe stream.restart { place in unsafe inflateReset(place) }
    }

    /// Begins a new stream after the end of one, still remembering its window.
    package func goOnAfterEnd() {
        unsafe stream.restart { place in unsafe inflateResetKeep(place) }
    }

    /// Whether what was taken so far ends with the end of a block and of a byte.
    package var isBetweenBlocks: Bool {
        let betweenBlocks: CInt = 128
        let unusedBits: CInt = 31
        return stream.placeMarks & (betweenBlocks | unusedBits) == betweenBlocks
    }

    /// Decompresses `input` and appends what comes out: at most `limit` bytes.
    package func inflate(_ input: Span<UInt8>, limit: Int, to output: inout [UInt8]) -> Pause {
        let start = output.count
        var pause = Pause.tookAll
        var taken = 0
        stream.offer(input) { _ in
            let offered = stream.untaken
            repeat {
                // One byte more than is allowed tells a stream that is full from one that is over.
                let allowed = min(limit, Int.max - 1) - (output.count - start) + 1
                let room = min(allowed, max(256, input.count &* 3), 65_536)
                let (answer, isFull) = unsafe stream.step(room: room, to: &output) { place in
                    unsafe CZlib.inflate(place, Z_SYNC_FLUSH)
                }
                if output.count - start > limit {
                    output.removeLast(output.count - start - limit)
                    pause = .overLimit
                    return false
                }
                switch answer {
                case Z_OK where isFull:
                    continue
                case Z_OK, Z_BUF_ERROR:
                    taken += offered
                    return true
                case Z_STREAM_END:
                    pause = .ended(left: input.count - taken - (offered - stream.untaken))
                    return false
                default:
                    precondition(answer != Z_MEM_ERROR, "a window of 32 KiB finds memory")
                    let reason = stream.complaint
                    pause = .broken(offset: taken + offered - stream.untaken, reason: reason)
                    return false
                }
            } while true
        }
        return pause
    }
}
