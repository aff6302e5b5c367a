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

    private let around: ClientSocket.Surroundings
    private let values: Mutex<Values>

    init(around: ClientSocket.Surroundings, values: Values) {
        self.around = around
        self.values = Mutex(values)
    }

    func apply(_ values: Values) {
        self.values.withLock { $0 = values }
    }

    func add(to router: inout Router, withEcho: Bool) {
        router.on(.get, "/api/v4/websocket") { [self] in open($0) }
        if withEcho {
            router.on(.get, "/diagnostics/echo") { [self] visit in
                let policy = values.withLock { $0.policy }
                if case .refused(let reason) = policy.standing(of: visit.request) {
                    return .now(.fault(.forbidden, reason))
                }
                return .webSocket(WebSocketAcceptance { _ in EchoSocket() })
            }
        }
    }

    private func open(_ visit: Visit) -> HTTPAnswer {
        let request = visit.request
        let values = values.withLock { $0 }
        var finding = around.desk.find(request.head)
        switch values.policy.standing(of: request) {
        case .refused(let reason):
            return .now(.fault(.forbidden, reason))
        case .anybody where finding.isByCookie:
            // The browser sent our cookie, but who made it do so is anybody's guess.
            finding = .nobody(reason: "cookies of this site do not count on other sites' pages")
        case .anybody, .own, .named:
            break
        }
        if case .caller(let caller) = finding {
            return accept(.known(caller), request, values.rules)
        }
        guard around.lobby.hasRoom(for: request.client) else {
            return .now(.fault(.tooManyRequests, "too many sockets wait to be authenticated"))
        }
        if case .unknown(let credentials) = finding {
            return accept(.claims(credentials), request, values.rules)
        }
        return accept(.stranger, request, values.rules)
    }

    private func accept(
        _ owner: ClientSocket.Owner,
        _ request: HTTPRequest,
        _ rules: ClientSocketRules
    ) -> HTTPAnswer {
        let hope = SocketHall.Hope(query: request)
        return .webSocket(
            WebSocketAcceptance(
                open: { [around] socket in
                    let client = ClientSocket(
                        socket,
                        owner: owner,
                        hope: hope,
                        around: around,
                        rules: rules
                    )
                    client.begin()
                    return client
                }
            )
        )
    }
}

extension LoginDesk.Finding {
    fileprivate var isByCookie: Bool {
        switch self {
        case .caller(.session(_, .cookie)), .unknown(.cookie): true
        case .caller, .unknown, .nobody: false
        }
    }
}
