/// Whoever answers requests.
///
/// Called on the connection's loop as soon as the head is there, before any of the body, so that a
/// request that will be refused costs no more than its head. It must not block; what takes time is
/// answered ``HTTPAnswer/later(bodyLimit:_:)``.
package protocol HTTPService: Sendable {
    func answer(_ request: HTTPRequest) -> HTTPAnswer
}

package enum HTTPAnswer: Sendable {
    /// A response that needs no more than the head. A body, if one comes, is read and dropped.
    case now(HTTPResponse)
    /// A response made from the whole body, which is gathered first, up to a limit.
    case later(bodyLimit: Int, @Sendable (HTTPRequest, [UInt8]) async -> HTTPResponse)
    /// A response made while the body comes in. The body is read at the pace of the reader.
    case streaming(bodyLimit: UInt64, @Sendable (HTTPRequest, HTTPBodyReader) async -> HTTPResponse)
    /// The connection becomes a websocket.
    case webSocket(WebSocketAcceptance)

    var isWebSocket: Bool {
        switch self {
        case .webSocket: true
        case .now, .later, .streaming: false
        }
    }
}
