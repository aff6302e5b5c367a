internal import Calls
internal import IO
internal import Identity

/// One websocket as the hall knows it: where it is, and whose.
final class SocketSeat: Sendable {
    let socket: WebSocketConnection
    let principal: Principal

    var person: PersonID { PersonID(principal.id) }

    init(_ socket: WebSocketConnection, of principal: Principal) {
        self.socket = socket
        self.principal = principal
    }
}

extension Loop {
    /// At once if the caller is on the loop, else soon.
    func visit(_ body: @escaping @Sendable () -> Void) {
        if isCurrent {
            body()
        } else {
            execute(body)
        }
    }
}
