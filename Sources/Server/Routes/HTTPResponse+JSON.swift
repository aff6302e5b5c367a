package import IO
package import Wire

extension HTTPFields: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (StaticString, String)...) {
        self.init()
        for (name, value) in elements { append(name, value) }
    }
}

extension HTTPResponse {
    /// A JSON answer, written straight into its bytes.
    package static func json(
        _ status: HTTPStatus = .ok,
        _ body: (inout JSONWriter) -> Void
    ) -> HTTPResponse {
        var bytes: [UInt8] = []
        JSONWriter.append(to: &bytes) { writer in
            writer.beginObject()
            body(&writer)
            writer.endObject()
        }
        return .json(status, bytes)
    }

    /// An error, in the shape that clients of the Calls plugin read.
    package static func fault(_ status: HTTPStatus, _ message: String) -> HTTPResponse {
        .json(status) { json in
            json.member("message", message)
            json.member("status_code", Int(status.rawValue))
        }
    }

    package static let nothingHere = fault(.notFound, "nothing is at this path")
}
