/// Whole bodies in and out of gzip (RFC 1952).
package enum Gzip {
    /// Why bytes are not a gzip file that may be read.
    package enum Fault: Error, Equatable, CustomStringConvertible {
        case overLimit(Int)
        case broken(offset: Int, reason: String)
        case cutShort

        package var description: String {
            switch self {
            case .overLimit(let limit):
                "the gzip data holds more than \(limit) bytes; allow more or send less"
            case .broken(let offset, let reason):
                "byte \(offset) of the gzip data is wrong (\(reason)); compress it again"
            case .cutShort:
                "the gzip data ends before its check sum; send all of it"
            }
        }
    }

    /// Compresses a body whose end is known.
    package static func compress(_ body: Span<UInt8>, level: Int = 6) -> [UInt8] {
        var compressed: [UInt8] = []
        Deflater(.gzip, level: level).deflate(body, flush: .finish, to: &compressed)
        return compressed
    }

    /// Expands a file of one member or several to at most `limit` bytes.
    package static func expand(
        _ file: Span<UInt8>,
        limit: Int
    ) throws(Fault) -> [UInt8] {
        let inflater = Inflater(.gzip)
        var body: [UInt8] = []
        var offset = 0
        repeat {
            let rest = file.extracting(offset..<file.count)
            switch inflater.inflate(rest, limit: limit - body.count, to: &body) {
            case .tookAll:
                throw .cutShort
            case .ended(let left):
                offset = file.count - left
                inflater.restart()
            case .overLimit:
                throw .overLimit(limit)
            case .broken(let place, let reason):
                throw .broken(offset: offset + place, reason: reason)
            }
        } while offset < file.count
        return body
    }
}
