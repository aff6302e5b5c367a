internal import Basics
internal import IO
internal import Identity
internal import Settings
internal import Wire

/// The door of operators, on the listener for figures: the cluster as a page and as JSON, and what may be done
/// about it.
///
/// Whoever is on this machine may read, and may change things with a field that pages of other sites can't
/// send; whoever has the token may do both from anywhere. The page itself tells nothing and is
/// everybody's. A name that leads here by a detour does not count as this machine: a site could have its own
/// name lead to 127.0.0.1.
struct ClusterRoutes: Sendable {
    private enum Right {
        case reading
        case changing
    }

    private let desk: ClusterDesk
    private let settings: CurrentSettings

    init(desk: ClusterDesk, settings: CurrentSettings) {
        self.desk = desk
        self.settings = settings
    }

    func add(to router: inout Router) {
        ClusterPage.add(to: &router)
        router.on(.get, "/cluster.json") { [self] visit in
            if let refusal = refusal(of: visit.request, .reading) { return .now(refusal) }
            return .later(bodyLimit: Self.bodyLimit) { [self] _, _ in
                let picture = await desk.picture(of: settings.value.cluster.name)
                var response = HTTPResponse.json { picture.write(to: &$0) }
                response.fields.append("cache-control", "no-store")
                return response
            }
        }
        change("/cluster/drain", in: &router) { [desk] (wish) async throws(WishFault) in
            try await desk.drain(wish.text("node"), true)
        }
        change("/cluster/undrain", in: &router) { [desk] (wish) async throws(WishFault) in
            try await desk.drain(wish.text("node"), false)
        }
        change("/cluster/move", in: &router) { [desk] (wish) async throws(WishFault) in
            try await desk.move(wish.text("channel"), to: wish.text("node"))
        }
    }

    private func change(
        _ path: String,
        in router: inout Router,
        _ body: @escaping @Sendable (Wish) async throws(WishFault) -> Verdict
    ) {
        router.on(.post, path) { [self] visit in
            if let refusal = refusal(of: visit.request, .changing) { return .now(refusal) }
            return .later(bodyLimit: Self.bodyLimit) { [desk] _, bytes in
                do throws(WishFault) {
                    let verdict = try await body(try Wish(bytes))
                    desk.log.info(
                        "an operator has asked for something",
                        ["what": .string(path), "outcome": .string(verdict.text)]
                    )
                    guard verdict.isDone else { return .fault(.conflict, verdict.text) }
                    return .json { $0.member("message", verdict.text) }
                } catch {
                    return .fault(.badRequest, error.text)
                }
            }
        }
    }

    private static let bodyLimit = 4_096

    // MARK: - Who may

    private func refusal(of request: HTTPRequest, _ right: Right) -> HTTPResponse? {
        let fields = request.head.fields
        let authorization = fields.first("authorization")
        let credentials = Credentials(authorization: authorization?.span, cookie: nil)
        if case .bearer(let token) = credentials {
            // Each is compared, in a time that tells nothing.
            let matches = AdminToken.all(settings.value).filter { $0.secret == token }
            guard matches.isEmpty else { return nil }
            return unauthorized(
                "this is not the token that `roost cluster token` prints with this node's settings"
            )
        }
        guard request.client.isLoopback, Self.isThisMachine(request.head.host) else {
            let isPossible = !AdminToken.all(settings.value).isEmpty
            return unauthorized(
                isPossible
                    ? """
                    from elsewhere this takes the token that `roost cluster token` prints, as \
                    Authorization: Bearer TOKEN
                    """
                    : """
                    from elsewhere nobody is let in, since there is no cluster.secret to derive a token \
                    from: ask on the node's machine, at 127.0.0.1
                    """
            )
        }
        guard right == .changing, !fields.first("x-roost-admin", is: "1") else { return nil }
        return .fault(
            .forbidden,
            "without a token, changes take the field X-Roost-Admin: 1, so that no other site's page can"
        )
    }

    private func unauthorized(_ why: String) -> HTTPResponse {
        var response = HTTPResponse.fault(.unauthorized, why)
        response.fields.append("www-authenticate", #"Bearer realm="roost cluster""#)
        return response
    }

    /// Whether a Host field names the machine itself: an address, or localhost.
    private static func isThisMachine(_ host: ArraySlice<UInt8>) -> Bool {
        var name = String(decoding: host, as: UTF8.self)
        if let bracket = name.lastIndex(of: "]") {
            name = String(name[..<bracket].dropFirst())
        } else if let colon = name.lastIndex(of: ":") {
            name = String(name[..<colon])
        }
        guard name.lowercased() != "localhost" else { return true }
        return (try? IPAddress(name)) != nil  // anything else is a name
    }
}

/// What an operator asks for, as it comes.
private struct Wish {
    private let members: JSONObject

    init(_ bytes: [UInt8]) throws(WishFault) {
        let value: JSONValue
        do throws(JSONFault) {
            value = try JSONValue(parsing: bytes.span)
        } catch {
            throw WishFault(text: "the body is no JSON: \(error)")
        }
        guard let members = value.object else {
            throw WishFault(text: "the body is to be an object, such as {\"node\": \"node-1\"}")
        }
        self.members = members
    }

    func text(_ name: String) throws(WishFault) -> String {
        guard let text = members[name]?.string, (1...128).contains(text.utf8.count) else {
            throw WishFault(text: "say which: {\"\(name)\": \"…\"}, of 1 to 128 bytes")
        }
        return text
    }
}

private struct WishFault: Error {
    var text: String
}
