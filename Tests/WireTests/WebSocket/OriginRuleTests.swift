import Testing
import Wire

@Suite struct `An origin rule` {
    private let host = Array("calls.example.com".utf8)

    @Test(arguments: [
        "https://app.example.com", "HTTPS://APP.example.com", "https://app.example.com:443",
        "http://localhost:8065", "https://[2001:db8::1]:8443", "capacitor://localhost",
    ])
    func `allows the origins of its list, however they are written`(origin: String) throws {
        let rule = try rule(of: [
            "https://app.example.com", "http://localhost:8065", "https://[2001:DB8::1]:8443",
            "capacitor://localhost",
        ])
        #expect(judge(origin, by: rule) == .allowed)
    }

    @Test(arguments: [
        "http://app.example.com", "https://app.example.com:8443",
        "https://app.example.com.evil.net",
        "https://evil-app.example.com", "https://example.com", "https://sub.app.example.com",
        "null", "", "https://", "app.example.com", "https://app.example.com/",
        "https://app.example.com/x", "https://user@app.example.com",
        "https://app.example.com https://evil.net", "https://app.example.com:99999",
        "https://app.example.com:4 43", "file://", "://app.example.com",
    ])
    func `refuses all others`(origin: String) throws {
        let rule = try rule(of: ["https://app.example.com"])
        guard case .refused(let reason) = judge(origin, by: rule) else {
            Issue.record("\(origin) is not refused")
            return
        }
        #expect(reason.contains("; "))
    }

    @Test func `allows pages of this host, over this scheme`() {
        let rule = OriginRule()
        #expect(judge("https://calls.example.com", by: rule) == .allowed)
        #expect(judge("https://calls.example.com:443", by: rule) == .allowed)
        #expect(judge("http://calls.example.com", by: rule) != .allowed)
        #expect(judge("http://calls.example.com", by: rule, isSecure: false) == .allowed)
        #expect(judge("https://calls.example.com:8443", by: rule) != .allowed)
        let strict = OriginRule(allowsSameOrigin: false)
        #expect(judge("https://calls.example.com", by: strict) != .allowed)
    }

    @Test func `leaves an absent origin to the caller`() {
        let answer = OriginRule().judge(HTTPFields(), host: host.span, isSecure: true)
        #expect(answer == .absent)
    }

    @Test func `refuses two origins`() {
        var fields = HTTPFields()
        fields.append("origin", "https://calls.example.com")
        fields.append("origin", "https://calls.example.com")
        let answer = OriginRule().judge(fields, host: host.span, isSecure: true)
        #expect(answer != .allowed && answer != .absent)
    }

    @Test func `says an origin as a browser does`() throws {
        for text in ["https://a.b", "http://a.b:8065", "https://[::1]:1", "capacitor://localhost"] {
            let origin = WebOrigin(Array(text.utf8).span)
            #expect(origin?.description == text)
        }
        let usual = WebOrigin(Array("HTTP://A.b:80".utf8).span)
        #expect(usual?.description == "http://a.b")
    }

    private func rule(of origins: [String]) throws -> OriginRule {
        var allowed: Set<WebOrigin> = []
        for text in origins {
            let origin = WebOrigin(Array(text.utf8).span)
            allowed.insert(try #require(origin))
        }
        return OriginRule(allowed: allowed)
    }

    private func judge(
        _ origin: String,
        by rule: OriginRule,
        isSecure: Bool = true
    ) -> OriginRule.Answer {
        var fields = HTTPFields()
        fields.append("origin", origin)
        return rule.judge(fields, host: host.span, isSecure: isSecure)
    }
}
