internal import IO
internal import Wire

/// Says back what it hears, for conformance suites and for finding out what a proxy does to sockets.
final class EchoSocket: WebSocketListener {
    func receive(text: [UInt8], from socket: WebSocketConnection) {
        socket.send(text: text)
    }

    func receive(binary: [UInt8], from socket: WebSocketConnection) {
        socket.send(WebSocketMessage(binary: binary.span))
    }

    func fellBehind(_ socket: WebSocketConnection) {}

    func ended(_ socket: WebSocketConnection, code: WebSocketCloseCode, reason: String) {}
}
