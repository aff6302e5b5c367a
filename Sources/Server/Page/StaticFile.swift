internal import Basics
internal import Crypto
internal import IO
internal import Wire

/// A file that never changes while the process runs: compressed once, named by its content.
struct StaticFile: Sendable {
    private let type: String
    private let bytes: [UInt8]
    private let compressed: [UInt8]?
    private let tag: ETag
    private let compressedTag: ETag
    private let extraFields: HTTPFields

    init(type: String, bytes: [UInt8], fields: HTTPFields = HTTPFields()) {
        self.type = type
        self.bytes = bytes
        extraFields = fields
        let smaller = Gzip.compress(bytes.span, level: 9)
        compressed = smaller.count < bytes.count ? smaller : nil
        let name = Hex.encode(Array(Digest.of(bytes.span).prefix(12)).span)
        tag = ETag(name)
        compressedTag = ETag("\(name)-gzip")
    }

    /// Answers a GET or HEAD, with conditions, one range, and compression for those who want it.
    func answer(_ request: HTTPRequest) -> HTTPResponse {
        let head = request.head
        let wantsRange = head.fields.contains("range")
        let coding = wantsRange ? .identity : ContentCoding.best(for: head.fields)
        let usesGzip = coding == .gzip && compressed != nil
        let body = usesGzip ? compressed ?? bytes : bytes
        let tag = usesGzip ? compressedTag : self.tag
        var fields = extraFields
        fields.append("etag", tag.text)
        fields.append("cache-control", "no-cache")
        fields.append("vary", "Accept-Encoding")
        let now = HTTPDate(secondsSince1970: Loop.readWallClock().seconds)
        let conditions = HTTPConditions(etag: tag, now: now)
        switch conditions.verdict(on: head.fields, method: head.method) {
        case .notModified: return HTTPResponse(.notModified, fields: fields)
        case .preconditionFailed: return .fault(.preconditionFailed, "the file is another version")
        case .proceed: break
        }
        fields.append("content-type", type)
        fields.append("accept-ranges", "bytes")
        if usesGzip { fields.append("content-encoding", "gzip") }
        let length = UInt64(body.count)
        switch conditions.range(on: head.fields, method: head.method, length: length) {
        case .partial(let ranges) where ranges.count == 1:
            let range = Int(ranges[0].lowerBound)..<Int(ranges[0].upperBound)
            fields.append(
                "content-range",
                "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(length)"
            )
            return HTTPResponse(.partialContent, fields: fields, body: .bytes(Array(body[range])))
        case .unsatisfiable:
            fields.append("content-range", "bytes */\(length)")
            return HTTPResponse(.rangeNotSatisfiable, fields: fields)
        case .whole, .partial:
            return HTTPResponse(.ok, fields: fields, body: .bytes(body))
        }
    }
}
