package import Wire

/// A service's yes to a websocket: what it will be, and who listens to it.
///
/// The service has judged the request's origin and its sender by then; whether the request keeps to
/// RFC 6455 is the connection's to say.
package struct WebSocketAcceptance: Sendable {
    package var subprotocols: [String]
    /// Called on the loop once the handshake is done, before any message.
    package var open: @Sendable (WebSocketConnection) -> any WebSocketListener

    package init(
        subprotocols: [String] = [],
        open: @escaping @Sendable (WebSocketConnection) -> any WebSocketListener
    ) {
        self.subprotocols = subprotocols
        self.open = open
    }
}

/// Who listens to a websocket. Called on its loop, one message after the other; must not block.
package protocol WebSocketListener: AnyObject, Sendable {
    func receive(text: [UInt8], from socket: WebSocketConnection)
    func receive(binary: [UInt8], from socket: WebSocketConnection)
    /// The peer does not take what it is sent; leave out what it can do without. Told once each time
    /// it falls behind.
    func fellBehind(_ socket: WebSocketConnection)
    /// The peer has all that it was sent before ``WebSocketConnection/askReceipt(_:)`` was called with this
    /// number.
    func hasReceipt(_ number: Int, from socket: WebSocketConnection)
    /// The websocket is gone, by whoever's doing. Told once, last.
    func ended(_ socket: WebSocketConnection, code: WebSocketCloseCode, reason: String)
}

extension WebSocketListener {
    package func hasReceipt(_ number: Int, from socket: WebSocketConnection) {}
}
