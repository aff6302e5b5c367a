/// Which pages may open a WebSocket here.
///
/// A browser lets any page open a WebSocket to any server and sends the user's cookies along, so the
/// server must look where the page came from (RFC 6455 section 10.2). Origins are compared whole:
/// no suffixes, no patterns.
package struct OriginRule: Hashable, Sendable {
    package enum Answer: Hashable, Sendable {
        case allowed
        /// There is none, so this is no browser, or a browser for a page of no site. Only a caller
        /// that knows how the user proved itself can say whether that is enough.
        case absent
        /// What to tell the client, with status 403.
        case refused(reason: String)
    }

    private let allowed: Set<WebOrigin>
    private let allowsSameOrigin: Bool

    /// - Parameter allowsSameOrigin: Whether pages served under the Host that the request names may.
    package init(allowed: Set<WebOrigin> = [], allowsSameOrigin: Bool = true) {
        self.allowed = allowed
        self.allowsSameOrigin = allowsSameOrigin
    }

    /// - Parameter isSecure: Whether the client speaks TLS, to this server or to a trusted proxy.
    package func judge(_ fields: HTTPFields, host: Span<UInt8>, isSecure: Bool) -> Answer {
        let origins = fields.all("origin")
        guard let text = origins.first else { return .absent }
        guard origins.count == 1, let origin = WebOrigin(text.span) else {
            return .refused(
                reason: "the Origin is not one scheme, host and port; send it as browsers do"
            )
        }
        if allowed.contains(origin) { return .allowed }
        if allowsSameOrigin, origin == WebOrigin(host: host, isSecure: isSecure) { return .allowed }
        return .refused(reason: "pages of \(origin) may not connect here; ask for it to be allowed")
    }
}
