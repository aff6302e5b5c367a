package import Basics

/// The three cookies of a session, named as stock clients expect them.
package enum SessionCookies {
    /// The token itself, out of reach of scripts.
    package static let session = "MMAUTHTOKEN"
    /// The person's id, for the page to read.
    package static let person = "MMUSERID"
    /// The CSRF token, for the page to read and show in `X-CSRF-Token`.
    package static let csrf = "MMCSRF"

    /// Values of `Set-Cookie` that begin a session (RFC 6265, section 4.1).
    ///
    /// `SameSite=Lax`: a link from elsewhere arrives logged in, and a form from elsewhere doesn't.
    /// Secure exactly when the client came through TLS, or a browser would drop them over plain HTTP.
    package static func begin(
        token: Secret,
        session: Session,
        lifetime: Int64,
        isSecure: Bool,
        path: String = "/"
    ) -> [Secret] {
        let tail = attributes(lifetime: lifetime, isSecure: isSecure, path: path)
        return [
            Secret("\(Self.session)=\(token.revealedText)\(tail); HttpOnly"),
            Secret("\(person)=\(session.principal.id)\(tail)"),
            Secret("\(csrf)=\(session.csrf.revealedText)\(tail)"),
        ]
    }

    /// Values of `Set-Cookie` that end it in the browser.
    package static func end(isSecure: Bool, path: String = "/") -> [String] {
        let tail = attributes(lifetime: 0, isSecure: isSecure, path: path)
        return ["\(session)=\(tail); HttpOnly", "\(person)=\(tail)", "\(csrf)=\(tail)"]
    }

    private static func attributes(lifetime: Int64, isSecure: Bool, path: String) -> String {
        "; Path=\(path); Max-Age=\(lifetime); SameSite=Lax" + (isSecure ? "; Secure" : "")
    }
}
