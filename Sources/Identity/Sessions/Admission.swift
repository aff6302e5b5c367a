internal import Basics

/// Whether a request may act for a session, or might be made by another site's page.
///
/// A browser sends cookies along with requests that any page makes it send. So a request that changes
/// something and is known by its cookie alone must also show the session's CSRF token in
/// `X-CSRF-Token`, which only a page of this site can read (the MMCSRF cookie).
///
/// `X-Requested-With: XMLHttpRequest`, which Mattermost takes instead, is not taken: it proves only that
/// no plain form made the request, and one lenient CORS rule in a proxy would make it prove nothing.
///
/// Opening a websocket is a GET and passes here; the door for websockets checks the origin instead.
package enum Admission: Hashable, Sendable {
    case allowed
    case refused(Refusal)

    package enum Refusal: String, Hashable, Sendable, CustomStringConvertible {
        case noCredentials =
            "log in first; send the session's token as \"Authorization: Bearer …\" or as its cookie"
        case noToken =
            "a request by cookie needs the header X-CSRF-Token with the value of the MMCSRF cookie"
        case wrongToken =
            "X-CSRF-Token is not that of this session; read the MMCSRF cookie again"

        package var description: String { rawValue }

        /// A short word for metrics.
        package var code: String {
            switch self {
            case .noCredentials: "no_credentials"
            case .noToken: "no_csrf_token"
            case .wrongToken: "wrong_csrf_token"
            }
        }
    }

    /// Judges a request by its method and its `X-CSRF-Token` header.
    package init(
        _ credentials: Credentials,
        method: String,
        csrfHeader: Span<UInt8>?,
        session: Session
    ) {
        switch credentials {
        case .none:
            self = .refused(.noCredentials)
        case .bearer:
            self = .allowed
        case .cookie where Self.safeMethods.contains(method):
            self = .allowed
        case .cookie:
            guard let csrfHeader, !csrfHeader.isEmpty else {
                self = .refused(.noToken)
                return
            }
            guard csrfHeader.count == Identifier.length else {
                self = .refused(.wrongToken)
                return
            }
            // Secrets are compared in a time that tells nothing.
            let shown = Secret(csrfHeader.indices.map { csrfHeader[$0] })
            self = shown == session.csrf ? .allowed : .refused(.wrongToken)
        }
    }

    /// Methods that change nothing (RFC 9110, section 9.2.1). They are written in capitals, and any
    /// other spelling is another method.
    private static let safeMethods: Set<String> = ["GET", "HEAD", "OPTIONS", "TRACE"]
}
