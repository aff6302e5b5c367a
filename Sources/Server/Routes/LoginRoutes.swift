internal import Basics
internal import Crypto
internal import IO
internal import Identity
internal import Wire

/// Logging in, out, and asking who one is, at the paths and in the shapes of the chat server whose
/// clients come here.
struct LoginRoutes: Sendable {
    let desk: LoginDesk

    func add(to router: inout Router) {
        router.on(.post, "/api/v4/users/login") { visit in
            guard desk.mayLogIn(from: visit.request.client) else { return .now(LoginDesk.tooMany) }
            return .later(bodyLimit: Self.bodyLimit) { await logIn($0, $1) }
        }
        router.on(.post, "/api/v4/users/logout") { visit in
            desk.admit(visit) { caller, _ in
                guard case .session(let session, _) = caller else {
                    return .fault(.badRequest, "a signed token can't be logged out; let it expire")
                }
                await desk.end(session)
                var response = HTTPResponse.json { $0.member("status", "OK") }
                for cookie in SessionCookies.end(isSecure: visit.request.isSecure) {
                    response.fields.append("set-cookie", cookie)
                }
                return response
            }
        }
        router.on(.get, "/api/v4/users/me") { visit in
            desk.admit(visit) { caller, _ in .json { Person(caller.principal).write(to: &$0) } }
        }
    }

    private func logIn(_ request: HTTPRequest, _ body: [UInt8]) async -> HTTPResponse {
        let json: JSONValue
        do throws(JSONFault) {
            json = try JSONValue(parsing: body.span)
        } catch {
            return .fault(.badRequest, "the body is not JSON: \(error)")
        }
        do throws(LoginRefusal) {
            let begun = try await desk.begin(
                name: json["login_id"]?.string,
                token: json["token"]?.string
            )
            var response = HTTPResponse.json { Person(begun.session.principal).write(to: &$0) }
            Self.hand(begun, to: &response, desk, isSecure: request.isSecure)
            return response
        } catch {
            return .fault(error.status, error.sentence)
        }
    }

    /// Gives a session that has begun to its client: by a header, and as cookies.
    static func hand(
        _ begun: SessionBook.Begun,
        to response: inout HTTPResponse,
        _ desk: LoginDesk,
        isSecure: Bool
    ) {
        response.fields.append("token", begun.token.revealedText)
        response.fields.append("cache-control", "no-store")
        let cookies = SessionCookies.begin(
            token: begun.token,
            session: begun.session,
            lifetime: desk.sessionLifetime,
            isSecure: isSecure
        )
        for cookie in cookies { response.fields.append("set-cookie", cookie.revealedText) }
    }

    private static let bodyLimit = 16 * 1024
}

extension LoginDesk {
    /// Lets a request through whose sender is known, may do this, and does not ask too often: as often as
    /// they like where no budget is named.
    func admit(
        _ visit: Visit,
        bodyLimit: Int = 1_024,
        budget: Budget? = .chat,
        _ answer: @escaping @Sendable (Caller, [UInt8]) async -> HTTPResponse
    ) -> HTTPAnswer {
        let request = visit.request
        switch find(request.head) {
        case .nobody(let reason):
            return .now(Self.refusal(reason))
        case .caller(let caller):
            if let refusal = judge(caller, request, budget) { return .now(refusal) }
            return .later(bodyLimit: bodyLimit) { _, body in await answer(caller, body) }
        case .unknown(let credentials):
            return .later(bodyLimit: bodyLimit) { _, body in
                switch await self.recall(credentials) {
                case .caller(let caller):
                    if let refusal = self.judge(caller, request, budget) { return refusal }
                    return await answer(caller, body)
                case .nobody(let reason):
                    return Self.refusal(reason)
                case .unknown:
                    return Self.refusal("log in first")
                }
            }
        }
    }

    /// What stands against this caller's request, if anything.
    private func judge(
        _ caller: Caller,
        _ request: HTTPRequest,
        _ budget: Budget?
    ) -> HTTPResponse? {
        if case .session(let session, let credentials) = caller {
            let csrfHeader = request.head.fields.first("x-csrf-token")
            let admission = Admission(
                credentials,
                method: request.head.method.rawValue,
                csrfHeader: csrfHeader?.span,
                session: session
            )
            if case .refused(let refusal) = admission {
                return .fault(.forbidden, refusal.description)
            }
        }
        guard let budget, !mayAsk(caller.principal.id, of: budget) else { return nil }
        return Self.tooMany
    }

    /// Byte for byte what the Calls plugin says, for clients that compare.
    static let tooMany: HTTPResponse = {
        let text = #"{"message": "too many requests", "status_code": 429}"#
        var response = HTTPResponse.json(.tooManyRequests, [UInt8](text.utf8))
        response.fields.append("retry-after", "1")
        return response
    }()

    private static func refusal(_ reason: String) -> HTTPResponse {
        var response = HTTPResponse.fault(.unauthorized, reason)
        response.fields.append("www-authenticate", "Bearer")
        return response
    }
}
