import Basics
import Testing
import Wire

@Suite struct `A WebSocket handshake` {
    /// RFC 6455 section 1.3: the SHA-1 of the sample key and the constant.
    private let digest: [UInt8] = [
        0xB3, 0x7A, 0x4F, 0x2C, 0xC0, 0x62, 0x4F, 0x16, 0x90, 0xF6, 0x46, 0x06, 0xCF, 0x38, 0x59,
        0x45, 0xB2, 0xBE, 0xC4, 0xEA,
    ]

    @Test func `answers the sample of the RFC`() throws {
        let accepted = try judge([])
        let challenge = "dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        #expect(accepted.challenge == Array(challenge.utf8))
        let fields = accepted.fields(digest: digest.span)
        #expect(fields.string("upgrade") == "websocket")
        #expect(fields.string("connection") == "Upgrade")
        #expect(fields.string("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(fields.count == 3)
    }

    @Test func `takes names in any case, and Connection as a list`() throws {
        _ = try judge([("upgrade", "h2c, WebSocket"), ("connection", "keep-alive, UPGRADE")])
    }

    @Test func `refuses what is no GET of HTTP/1.1`() {
        #expect(refusal(of: [], method: .post)?.status == .methodNotAllowed)
        #expect(refusal(of: [], method: .post)?.fields.string("allow") == "GET")
        #expect(refusal(of: [], version: .http10)?.status == .badRequest)
    }

    @Test(arguments: ["12", "13, 8", "", "013", "14"])
    func `asks for version 13`(version: String) {
        let refusal = refusal(of: [("sec-websocket-version", version)])
        #expect(refusal?.status == .upgradeRequired)
        #expect(refusal?.fields.string("sec-websocket-version") == "13")
        #expect(refusal?.fields.string("upgrade") == "websocket")
    }

    @Test func `asks for an upgrade where there is none`() {
        #expect(refusal(of: [("upgrade", nil)])?.status == .upgradeRequired)
        #expect(refusal(of: [("upgrade", "websockets")])?.status == .upgradeRequired)
        #expect(refusal(of: [("connection", nil)])?.status == .badRequest)
        #expect(refusal(of: [("connection", "keep-alive")])?.status == .badRequest)
        #expect(refusal(of: [("sec-websocket-version", nil)])?.status == .upgradeRequired)
    }

    @Test(arguments: [
        nil, "", "AAAA", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ===",
        "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQAA", "dGhlIHNhbXBsZSBub25j!Q==",
        "dGhlIHNhbXBsZSBub25jZWU=",
    ])
    func `refuses a key that is not 16 bytes in base64`(key: String?) {
        #expect(refusal(of: [("sec-websocket-key", key)])?.status == .badRequest)
    }

    @Test func `refuses two keys and two versions`() {
        var fields = request([])
        fields.append("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        #expect(refusal(of: fields)?.status == .badRequest)
        fields = request([])
        fields.append("sec-websocket-version", "13")
        #expect(refusal(of: fields)?.status == .upgradeRequired)
    }

    @Test func `chooses the first of the client's subprotocols that it knows`() throws {
        let terms = WebSocketHandshake.Terms(subprotocols: ["calls.v1", "calls.v2"])
        for (offered, chosen) in [
            ("calls.v2, calls.v1", "calls.v2"), ("x,, calls.v1", "calls.v1"), ("x", nil),
            ("Calls.v1", nil), ("calls.v1.x", nil),
        ] {
            let accepted = try judge([("sec-websocket-protocol", offered)], terms: terms)
            #expect(accepted.subprotocol == chosen)
            let fields = accepted.fields(digest: digest.span)
            #expect(fields.string("sec-websocket-protocol") == chosen)
        }
        let broken = refusal(of: [("sec-websocket-protocol", "calls v1")])
        #expect(broken?.status == .badRequest)
    }

    @Test(arguments: [
        ("permessage-deflate", 15, ""),
        ("permessage-deflate; client_max_window_bits", 15, ""),
        ("permessage-deflate; client_max_window_bits=8", 15, ""),
        ("permessage-deflate;server_no_context_takeover;client_no_context_takeover", 15, ""),
        ("permessage-deflate; server_max_window_bits=9", 9, "9"),
        ("permessage-deflate; server_max_window_bits=\"10\"", 10, "10"),
        ("permessage-deflate; server_max_window_bits=15", 15, "15"),
        ("x-other; a=b, permessage-deflate", 15, ""),
        // The first offer can't be kept; the second can.
        ("permessage-deflate; server_max_window_bits=8, permessage-deflate", 15, ""),
        ("permessage-deflate; nonsense, permessage-deflate; server_max_window_bits=12", 12, "12"),
        (", permessage-deflate ; server_max_window_bits = 14 ,", 14, "14"),
    ])
    func `agrees to compress`(offer: String, bits: Int, answered: String) throws {
        let accepted = try judge([("sec-websocket-extensions", offer)])
        #expect(accepted.deflate == WebSocketDeflate.Agreement(serverWindowBits: bits))
        let forgetful =
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        let answer = answered.isEmpty ? "" : "; server_max_window_bits=\(answered)"
        let fields = accepted.fields(digest: digest.span)
        #expect(fields.string("sec-websocket-extensions") == forgetful + answer)
    }

    @Test(arguments: [
        "x-nothing", "permessage-bzip2", "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=7", "permessage-deflate; what",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=08",
        "permessage-deflate; server_max_window_bits=8",
        "permessage-deflate; client_max_window_bits=16",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; client_no_context_takeover=true",
        "permessage-deflate; client_max_window_bits; client_max_window_bits",
        "permessage-deflate; client_max_window_bits=9; client_max_window_bits",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
        "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9",
    ])
    func `declines offers that it can't keep, and goes on without`(offer: String) throws {
        let accepted = try judge([("sec-websocket-extensions", offer)])
        #expect(accepted.deflate == nil)
        #expect(!accepted.fields(digest: digest.span).contains("sec-websocket-extensions"))
    }

    @Test func `declines all offers when told to`() throws {
        let terms = WebSocketHandshake.Terms(allowsDeflate: false)
        let offer = [("sec-websocket-extensions", "permessage-deflate")] as [Change]
        #expect(try judge(offer, terms: terms).deflate == nil)
    }

    @Test(arguments: [
        "permessage-deflate;", "permessage-deflate; =9", "permessage-deflate; a=", "a b", "a; b c",
        "permessage-deflate; a=\"", "permessage-deflate; a=\"b c\"", "a; b=\"\"", "\"a\"", "a/b",
        "a; b=\"c\\", "a; b=\"c\"d", "é",
    ])
    func `refuses what is no list of extensions`(offer: String) {
        let refusal = refusal(of: [("sec-websocket-extensions", offer)])
        #expect(refusal?.status == .badRequest)
    }

    @Test func `takes 16 extensions of 16 parameters, and refuses one more of either`() throws {
        let parameters = { (count: Int) in "a" + String(repeating: "; p", count: count) }
        let list = { (count: Int) in Array(repeating: "a", count: count).joined(separator: ", ") }
        for offer in [parameters(16), list(16)] {
            _ = try judge([("sec-websocket-extensions", offer)])
        }
        for offer in [parameters(17), list(17)] {
            #expect(refusal(of: [("sec-websocket-extensions", offer)])?.status == .badRequest)
        }
    }

    @Test func `that refuses says what to do, in a sentence`() {
        for change in [("upgrade", nil), ("connection", nil), ("sec-websocket-key", "?")]
            as [Change]
        {
            let sentence = refusal(of: [change])?.description ?? ""
            #expect(sentence.contains("; send"))
        }
    }

    private typealias Change = (name: StaticString, value: String?)

    /// The RFC's sample request with some of its fields changed, or left out by nil.
    private func request(_ changes: [Change]) -> HTTPFields {
        var sample: [Change] = [
            ("upgrade", "websocket"), ("connection", "Upgrade"), ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ]
        for change in changes {
            sample.removeAll { "\($0.name)" == "\(change.name)" }
            sample.append(change)
        }
        var fields = HTTPFields()
        for (name, value) in sample {
            if let value { fields.append(name, value) }
        }
        return fields
    }

    private func judge(
        _ changes: [Change],
        terms: WebSocketHandshake.Terms = .init()
    ) throws -> WebSocketHandshake.Acceptance {
        try WebSocketHandshake.judge(request(changes), of: .get, .http11, terms: terms)
    }

    private func refusal(
        of changes: [Change],
        method: HTTPMethod = .get,
        version: HTTPVersion = .http11
    ) -> WebSocketHandshake.Refusal? {
        refusal(of: request(changes), method: method, version: version)
    }

    private func refusal(
        of fields: HTTPFields,
        method: HTTPMethod = .get,
        version: HTTPVersion = .http11
    ) -> WebSocketHandshake.Refusal? {
        do throws(WebSocketHandshake.Refusal) {
            _ = try WebSocketHandshake.judge(fields, of: method, version)
            return nil
        } catch {
            return error
        }
    }
}
