internal import IO
internal import Wire

/// Which other sites' pages may use this server from a browser.
struct SitePolicy: Sendable {
    enum Standing: Sendable {
        /// A page of ours, or no page at all.
        case own
        /// A page of a site that the operator has named: as good as ours.
        case named(origin: String)
        /// Anybody's page, where the operator has said `*`. It may ask, but our cookies do not count:
        /// they are sent along whatever page it is.
        case anybody
        case refused(reason: String)
    }

    private let rule: OriginRule
    private let ownRule = OriginRule()
    private let allowsAnybody: Bool

    /// Takes the texts of `http.allowed_origins`, which have been checked.
    init(allowed: [String]) {
        allowsAnybody = allowed.contains("*")
        rule = OriginRule(allowed: Set(allowed.compactMap { WebOrigin($0.utf8.span) }))
    }

    func standing(of request: HTTPRequest) -> Standing {
        let head = request.head
        let host = head.host.span
        switch ownRule.judge(head.fields, host: host, isSecure: request.isSecure) {
        case .allowed, .absent: return .own
        case .refused: break
        }
        switch rule.judge(head.fields, host: host, isSecure: request.isSecure) {
        case .allowed, .absent:
            return .named(origin: head.fields.string("origin") ?? "")
        case .refused(let reason):
            return allowsAnybody ? .anybody : .refused(reason: reason)
        }
    }
}
