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

    /// Allows the origins of a list and, unless told not to, pages served under the very host that
    /// the request names.
    package init(allowed: Set<WebOrigin> = [], allowsSameOrigin: Bool = true) {
        self.allowed = allowed
        self.allowsSameOrigin = allowsSameOrigin
    }

    /// Judges a request by its fields and the host that it names. It is secure if its client speaks
    /// TLS, to this server or to a proxy that is trusted to say so.
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
