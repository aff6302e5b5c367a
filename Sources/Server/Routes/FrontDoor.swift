internal import Basics
internal import IO
internal import Synchronization
internal import Wire

/// What people's requests meet first: which sites may ask, then which route answers.
///
/// A page of another site can read an answer only if the answer says so (the Fetch standard's CORS
/// protocol). Sites that the operator has named may; others get answers they can't read, and can't
/// ask for a change at all. A CSRF token would not do for that: logging in needs none, and a form on
/// a stranger's page could log its visitors in as somebody else.
final class FrontDoor: HTTPService {
    private let router: Router
    private let policy: Mutex<SitePolicy>

    init(router: Router, policy: SitePolicy) {
        self.router = router
        self.policy = Mutex(policy)
    }

    /// Methods that change nothing (RFC 9110 section 9.2.1).
    private static let safeMethods: [HTTPMethod] = [.get, .head, .options]

    func apply(_ policy: SitePolicy) {
        self.policy.withLock { $0 = policy }
    }

    func answer(_ request: HTTPRequest) -> HTTPAnswer {
        guard request.head.fields.contains("origin") else { return router.answer(request) }
        switch policy.withLock({ $0.standing(of: request) }) {
        case .own:
            return router.answer(request)
        case .refused(let reason):
            guard Self.safeMethods.contains(request.head.method) else {
                return .now(.fault(.forbidden, reason))
            }
            return router.answer(request)
        case .named(let origin):
            return answer(request, allowing: origin, withCookies: true)
        case .anybody:
            return answer(request, allowing: "*", withCookies: false)
        }
    }

    private func answer(
        _ request: HTTPRequest,
        allowing origin: String,
        withCookies: Bool
    ) -> HTTPAnswer {
        var fields: [(StaticString, String)] = [
            ("access-control-allow-origin", origin), ("vary", "Origin"),
        ]
        if withCookies { fields.append(("access-control-allow-credentials", "true")) }
        let isPreflight =
            request.head.method == .options
            && request.head.fields.contains("access-control-request-method")
        if isPreflight {
            fields += [
                ("access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE"),
                ("access-control-allow-headers", "Authorization, Content-Type, X-CSRF-Token"),
                ("access-control-max-age", "600"),
            ]
            return .now(HTTPResponse(.noContent).with(fields))
        }
        let added = fields
        switch router.answer(request) {
        case .now(let response):
            return .now(response.with(added))
        case .later(let limit, let handler):
            return .later(bodyLimit: limit) { await handler($0, $1).with(added) }
        case .streaming(let limit, let handler):
            return .streaming(bodyLimit: limit) { await handler($0, $1).with(added) }
        case .webSocket(let acceptance):
            return .webSocket(acceptance)
        }
    }
}

extension HTTPResponse {
    fileprivate func with(_ added: [(StaticString, String)]) -> HTTPResponse {
        var response = self
        for (name, value) in added { response.fields.append(name, value) }
        return response
    }
}
