/// A body compressed while it is being made, for responses that go out in chunks (RFC 1952).
///
///     feed ──▶ … ──▶ feed ──▶ finish
///            ╰▶ flush ▶╯
///
/// Holds a ``Deflater`` (268 KiB) until it goes, so one lives as long as its response.
package struct GzipStream: ~Copyable {
    private let deflater: Deflater

    package init(level: Int = 6) {
        deflater = Deflater(.gzip, level: level)
    }

    /// Takes a piece of the body, and appends what is ready: often nothing yet.
    package mutating func feed(_ piece: Span<UInt8>, to output: inout [UInt8]) {
        deflater.deflate(piece, flush: .none, to: &output)
    }

    /// Appends all that was fed, so that the peer can read it now. Costs some compression.
    package mutating func flush(to output: inout [UInt8]) {
        deflater.deflate(Span(), flush: .sync, to: &output)
    }

    /// Appends all that was fed and the end of the file.
    package consuming func finish(to output: inout [UInt8]) {
        deflater.deflate(Span(), flush: .finish, to: &output)
    }
}
