package import Wire

/// What a service answers. The connection adds Date, framing and Connection itself.
package struct HTTPResponse: Sendable {
    package enum Body: Sendable {
        case none
        /// Whole and shared: a body sent to many is in memory once.
        case bytes([UInt8])
        /// Written bit by bit, at the pace at which the client takes it. With a length it is sent as
        /// such, and must come to exactly that; without one it is chunked.
        case stream(length: UInt64?, @Sendable (HTTPBodyWriter) async throws -> Void)
    }

    package var status: HTTPStatus
    package var fields: HTTPFields
    package var body: Body
    /// Whether the body is text that is worth compressing for a client that asks for it.
    package var isCompressible = false
    /// Whether this must be the connection's last response.
    package var endsConnection = false

    package init(_ status: HTTPStatus, fields: HTTPFields = HTTPFields(), body: Body = .none) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    package static func text(_ status: HTTPStatus, _ text: String) -> HTTPResponse {
        HTTPResponse(status, type: "text/plain; charset=utf-8", [UInt8](text.utf8))
    }

    package static func json(_ status: HTTPStatus, _ bytes: [UInt8]) -> HTTPResponse {
        HTTPResponse(status, type: "application/json", bytes)
    }

    package init(_ status: HTTPStatus, type: StaticString, _ bytes: [UInt8]) {
        var fields = HTTPFields()
        fields.append("Content-Type", type.description)
        self.init(status, fields: fields, body: .bytes(bytes))
        isCompressible = true
    }
}
