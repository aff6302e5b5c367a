internal import Basics
internal import Crypto
internal import IO
internal import Identity
internal import Synchronization
internal import Wire

/// Where websockets are opened.
final class SocketRoutes: Sendable {
    struct Values: Sendable {
        var policy: SitePolicy
        var rules: ClientSocketRules
    }

    private let desk: LoginDesk
    private let lobby: SocketLobby
    private let values: Mutex<Values>

    init(desk: LoginDesk, lobby: SocketLobby, values: Values) {
        self.desk = desk
        self.lobby = lobby
        self.values = Mutex(values)
    }

    func apply(_ values: Values) {
        self.values.withLock { $0 = values }
    }

    func add(to router: inout Router, withEcho: Bool) {
        router.on(.get, "/api/v4/websocket") { [self] in open($0) }
        if withEcho {
            router.on(.get, "/diagnostics/echo") { _ in
                .webSocket(WebSocketAcceptance { _ in EchoSocket() })
            }
        }
    }

    private func open(_ visit: Visit) -> HTTPAnswer {
        let request = visit.request
        let values = values.withLock { $0 }
        var finding = desk.find(request.head)
        switch values.policy.standing(of: request) {
        case .refused(let reason):
            return .now(.fault(.forbidden, reason))
        case .anybody:
            // The browser sent our cookie, but who made it do so is anybody's guess.
            if case .caller(.session(_, .cookie)) = finding {
                finding = .nobody(reason: "cookies of this site do not count on other sites' pages")
            }
        case .own, .named:
            break
        }
        guard case .caller(let caller) = finding else {
            return lobby.hasRoom(for: request.client)
                ? accept(nil, values.rules)
                : .now(.fault(.tooManyRequests, "too many sockets wait to be authenticated"))
        }
        return accept(caller, values.rules)
    }

    private func accept(_ caller: LoginDesk.Caller?, _ rules: ClientSocketRules) -> HTTPAnswer {
        .webSocket(
            WebSocketAcceptance(
                open: { [desk, lobby] socket in
                    var random = SecureRandom()
                    let client = ClientSocket(
                        socket,
                        caller: caller,
                        id: Identifier(using: &random),
                        desk: desk,
                        lobby: lobby,
                        rules: rules
                    )
                    client.begin()
                    return client
                }
            )
        )
    }
}
