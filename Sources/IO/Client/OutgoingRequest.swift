package import Wire

/// A request of ours to another server, with all of its content.
package struct OutgoingRequest: Sendable {
    package var method: HTTPMethod
    package var location: HTTPLocation
    /// Host and what concerns the connection are written by the client; here they count for nothing.
    package var fields: HTTPFields
    package var body: [UInt8]

    package init(
        _ method: HTTPMethod = .get,
        _ location: HTTPLocation,
        fields: HTTPFields = HTTPFields(),
        body: [UInt8] = []
    ) {
        precondition(method != .connect && method != .other, "only known methods are sent")
        self.method = method
        self.location = location
        self.fields = fields
        self.body = body
    }

    /// Whether sending it twice does what sending it once does (RFC 9110 section 9.2.2).
    var isIdempotent: Bool {
        switch method {
        case .get, .head, .put, .delete, .options, .trace: true
        case .post, .patch, .connect, .other: false
        }
    }
}

/// What the other server answered, whole. A redirect is an answer like any other.
package struct IncomingResponse: Equatable, Sendable {
    package let head: HTTPResponseHead
    package let body: [UInt8]

    package var status: HTTPStatus { head.status }
}
