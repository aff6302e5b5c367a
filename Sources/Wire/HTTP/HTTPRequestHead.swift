/// All of a request before its content: already judged, so that what can be asked here is true.
///
/// Slices point into the one array of bytes; taking one copies nothing.
package struct HTTPRequestHead: Equatable, Sendable {
    package let method: HTTPMethod
    package let version: HTTPVersion
    package let fields: HTTPFields
    package let framing: HTTPFraming
    /// Whether the client means to send another request on this connection.
    package let keepAlive: Bool
    /// Whether the client waits for ``HTTPResponseWriter/writeContinue(to:)`` before its content.
    package let expectsContinue: Bool
    /// Whether the client offers to speak another protocol from here on. Never so for HTTP/1.0, nor
    /// for a request with content, whose bytes the new protocol could be made to read.
    package let isUpgrade: Bool
    let places: Places

    /// Where the parts of the first line are, and the host. All within the fields' bytes.
    struct Places: Equatable, Sendable {
        var method = 0..<0
        var target = 0..<0
        var path = 0..<0
        /// Without its question mark; nil if there is none.
        var query: Range<Int>?
        var host = 0..<0
    }

    package var methodName: ArraySlice<UInt8> { fields.bytes[places.method] }

    /// The target as it was sent, in whichever form.
    package var target: ArraySlice<UInt8> { fields.bytes[places.target] }

    /// The path of the target, which begins with a slash; `*` for an OPTIONS about the server.
    /// Escapes are still escapes and dots still dots: ``RequestTarget`` resolves them.
    package var path: ArraySlice<UInt8> { fields.bytes[places.path] }

    /// What follows the question mark, if there is one.
    package var query: ArraySlice<UInt8>? { places.query.map { fields.bytes[$0] } }

    /// The name or address, and perhaps port, that the client believes it talks to. Empty only in
    /// HTTP/1.0.
    package var host: ArraySlice<UInt8> { fields.bytes[places.host] }

    package func pathEquals(_ text: StaticString) -> Bool {
        fields.bytes.span.extracting(places.path).equals(text)
    }

    /// Whether the client offers to speak this protocol, named in lower case, from here on.
    package func offersUpgrade(to name: StaticString) -> Bool {
        isUpgrade && namesUpgrade(to: name)
    }

    /// Whether it names the protocol at all, be it in a request that can't be an offer.
    package func namesUpgrade(to name: StaticString) -> Bool {
        fields.hasToken(name, in: "upgrade")
    }
}
