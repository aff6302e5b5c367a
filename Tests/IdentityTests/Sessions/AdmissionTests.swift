import Basics
import Identity
import Testing

@Suite struct `An admission` {
    private let session: Session

    init() {
        var random = SeededRandom(seed: 1)
        var book = SessionBook()
        session = book.begin(for: person("ana"), at: at(0), using: &random).session
    }

    @Test(arguments: ["GET", "HEAD", "OPTIONS"])
    func `lets a cookie read`(method: String) {
        #expect(judge(.cookie(Secret("x")), method, nil) == .allowed)
    }

    @Test(arguments: ["POST", "PUT", "PATCH", "DELETE", "get", "", "BREW"])
    func `asks a cookie that changes something for the session's token`(method: String) {
        let cookie = Credentials.cookie(Secret("x"))
        let right = session.csrf.revealedText
        #expect(judge(cookie, method, nil) == .refused(.noToken))
        #expect(judge(cookie, method, "") == .refused(.noToken))
        #expect(judge(cookie, method, "XMLHttpRequest") == .refused(.wrongToken))
        #expect(judge(cookie, method, String(right.dropLast())) == .refused(.wrongToken))
        #expect(judge(cookie, method, right + "a") == .refused(.wrongToken))
        #expect(judge(cookie, method, String(right.reversed())) == .refused(.wrongToken))
        #expect(judge(cookie, method, right) == .allowed)
    }

    @Test func `asks a bearer for nothing more`() {
        #expect(judge(.bearer(Secret("x")), "POST", nil) == .allowed)
    }

    @Test func `refuses who shows nothing`() {
        #expect(judge(.none, "GET", session.csrf.revealedText) == .refused(.noCredentials))
    }

    private func judge(_ credentials: Credentials, _ method: String, _ header: String?) -> Admission
    {
        guard let header else {
            return Admission(credentials, method: method, csrfHeader: nil, session: session)
        }
        let bytes = Array(header.utf8)
        return Admission(credentials, method: method, csrfHeader: bytes.span, session: session)
    }
}

@Suite struct `The credentials of a request` {
    @Test(arguments: [
        ("Bearer abc", Credentials.bearer(Secret("abc"))), ("bearer  abc ", .bearer(Secret("abc"))),
        ("BEARER abc", .bearer(Secret("abc"))), ("Bearer ", .none), ("Bearer", .none), ("", .none),
        ("Basic abc", .none), ("Bearerabc", .none),
    ])
    func `are read from the authorization`(header: String, credentials: Credentials) {
        #expect(read(authorization: header, cookie: nil) == credentials)
    }

    @Test(arguments: [
        ("MMAUTHTOKEN=abc", Credentials.cookie(Secret("abc"))),
        ("a=b; MMAUTHTOKEN=abc; c=d", .cookie(Secret("abc"))),
        ("a=b;MMAUTHTOKEN=abc", .cookie(Secret("abc"))), ("MMAUTHTOKEN=", .none),
        ("XMMAUTHTOKEN=abc", .none), ("MMAUTHTOKENX=abc", .none), ("mmauthtoken=abc", .none),
        ("MMAUTHTOKEN", .none), ("; ;=;", .none), ("", .none),
    ])
    func `are read from the cookies`(header: String, credentials: Credentials) {
        #expect(read(authorization: nil, cookie: header) == credentials)
    }

    @Test func `are none when a cookie stands there with two values`() {
        #expect(read(authorization: nil, cookie: "MMAUTHTOKEN=a; MMAUTHTOKEN=b") == .none)
        #expect(
            read(authorization: nil, cookie: "MMAUTHTOKEN=a; MMAUTHTOKEN=a") == .cookie(Secret("a"))
        )
    }

    /// A page that could add a bad authorization must not fall back to the cookie's rules.
    @Test func `are the authorization's alone when there is one`() {
        #expect(read(authorization: "Bearer a", cookie: "MMAUTHTOKEN=b") == .bearer(Secret("a")))
        #expect(read(authorization: "Basic a", cookie: "MMAUTHTOKEN=b") == .none)
    }

    @Test func `are no longer than any token`() {
        let long = String(repeating: "a", count: 4_096)
        #expect(read(authorization: "Bearer " + long, cookie: nil) == .bearer(Secret(long)))
        #expect(read(authorization: "Bearer a" + long, cookie: nil) == .none)
        #expect(read(authorization: nil, cookie: "MMAUTHTOKEN=" + long) == .cookie(Secret(long)))
        #expect(read(authorization: nil, cookie: "MMAUTHTOKEN=a" + long) == .none)
    }

    private func read(authorization: String?, cookie: String?) -> Credentials {
        let first = Array((authorization ?? "").utf8)
        let second = Array((cookie ?? "").utf8)
        return switch (authorization, cookie) {
        case (nil, nil): Credentials(authorization: nil, cookie: nil)
        case (_?, nil): Credentials(authorization: first.span, cookie: nil)
        case (nil, _?): Credentials(authorization: nil, cookie: second.span)
        case (_?, _?): Credentials(authorization: first.span, cookie: second.span)
        }
    }
}

@Suite struct `A session's cookies` {
    @Test func `hide the token from scripts and show them the rest`() {
        var random = SeededRandom(seed: 1)
        var book = SessionBook()
        let begun = book.begin(for: person("ana"), at: at(0), using: &random)
        let cookies = SessionCookies.begin(
            token: begun.token,
            session: begun.session,
            lifetime: 60,
            isSecure: true
        ).map(\.revealedText)
        let tail = "; Path=/; Max-Age=60; SameSite=Lax; Secure"
        #expect(cookies[0] == "MMAUTHTOKEN=\(begun.token.revealedText)\(tail); HttpOnly")
        #expect(cookies[1] == "MMUSERID=\(begun.session.principal.id)\(tail)")
        #expect(cookies[2] == "MMCSRF=\(begun.session.csrf.revealedText)\(tail)")
    }

    @Test func `are secure only where there is TLS, and can be taken back`() {
        let cookies = SessionCookies.end(isSecure: false, path: "/calls")
        #expect(cookies.allSatisfy { $0.contains("=; Path=/calls; Max-Age=0; SameSite=Lax") })
        #expect(cookies.allSatisfy { !$0.contains("Secure") })
    }
}
