import Testing
import Wire

@Suite struct `A cookie` {
    private func fields(_ values: String...) -> HTTPFields {
        var fields = HTTPFields()
        for value in values {
            fields.append("cookie", value)
        }
        return fields
    }

    @Test(arguments: [
        ("session=abc", "abc"),
        ("a=b; session=abc; c=d", "abc"),
        ("a=b;session=abc", "abc"),
        ("session=\"abc\"", "abc"),
        ("session=a=b=c", "a=b=c"),
        ("session=", ""),
        (" session = abc ", "abc"),
        ("session=\"", "\""),
        ("=;;session=abc;", "abc"),
        ("Session=abc", nil),
        ("session", nil),
        ("xsession=abc", nil),
        ("a=session=abc", nil),
        ("", nil),
        (";", nil),
        ("=", nil),
    ])
    func `is found among others`(value: String, expected: String?) {
        #expect(fields(value).cookie("session").map(text) == expected)
    }

    @Test func `may come more than once, and each is seen`() {
        let fields = fields("s=1; s=2", "x=y; s=3")
        #expect(fields.cookies("s").map(text) == ["1", "2", "3"])
    }

    @Test func `is set cautiously unless told otherwise`() {
        let cookie = HTTPCookie(name: "session", value: "abc", isSecure: true)
        #expect(cookie?.text == "session=abc; Path=/; Secure; HttpOnly; SameSite=Lax")
        #expect(
            cookie?.expired.text
                == "session=abc; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax"
        )
        var open = HTTPCookie(name: "csrf", value: "", path: "/a", isSecure: false)
        open?.isHTTPOnly = false
        open?.sameSite = .strict
        open?.maxAgeSeconds = 60
        #expect(open?.text == "csrf=; Path=/a; Max-Age=60; SameSite=Strict")
    }

    @Test(arguments: ["a;b", "a b", "a\r\nb", "a,b", "a\"b", "a\\b", "caf\u{E9}", "\u{7F}", "\0"])
    func `is not made of a value that could end it early`(value: String) {
        #expect(HTTPCookie(name: "a", value: value, isSecure: true) == nil)
    }

    @Test func `is not made of a name or path that could end it early`() {
        #expect(HTTPCookie(name: "", value: "", isSecure: true) == nil)
        #expect(HTTPCookie(name: "a=b", value: "", isSecure: true) == nil)
        #expect(HTTPCookie(name: "a", value: "", path: "/;Domain=x", isSecure: true) == nil)
        #expect(HTTPCookie(name: "a", value: "", path: "/\n", isSecure: true) == nil)
    }
}
