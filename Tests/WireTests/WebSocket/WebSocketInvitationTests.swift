import Testing
import Wire

@Suite struct `A WebSocket invitation` {
    private let nonce = Array("the sample nonce".utf8)
    /// The test needs no hash, only that both ends use the same one.
    private let digest = [UInt8](0..<20)

    @Test func `asks as the RFC's sample does`() {
        let invitation = WebSocketInvitation(nonce: nonce.span, subprotocols: ["a", "b"])
        #expect(invitation.fields.string("sec-websocket-key") == "dGhlIHNhbXBsZSBub25jZQ==")
        #expect(invitation.fields.string("sec-websocket-protocol") == "a, b")
        let challenge = "dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        #expect(invitation.challenge == Array(challenge.utf8))
    }

    @Test(arguments: [true, false], [true, false])
    func `is understood by a server, and understands it`(offers: Bool, allows: Bool) throws {
        let invitation = WebSocketInvitation(
            nonce: nonce.span,
            subprotocols: ["x", "calls.v1"],
            offersDeflate: offers
        )
        let terms = WebSocketHandshake.Terms(subprotocols: ["calls.v1"], allowsDeflate: allows)
        let accepted = try WebSocketHandshake.judge(
            invitation.fields,
            of: .get,
            .http11,
            terms: terms
        )
        #expect(accepted.challenge == invitation.challenge)
        let answer = accepted.fields(digest: digest.span)
        let agreement = try invitation.judge(.switchingProtocols, answer, digest: digest.span)
        #expect(agreement.subprotocol == "calls.v1")
        #expect(agreement.deflate == accepted.deflate)
        #expect((agreement.deflate != nil) == (offers && allows))
    }

    @Test(arguments: [
        ("; server_no_context_takeover", 15),
        ("; server_no_context_takeover; client_no_context_takeover", 15),
        ("; server_no_context_takeover; server_max_window_bits=8", 8),
    ])
    func `takes every answer that the offer allows`(parameters: String, bits: Int) throws {
        let answer = answer(("sec-websocket-extensions", "permessage-deflate" + parameters))
        let agreement = try judge(answer)
        #expect(agreement.deflate == WebSocketDeflate.Agreement(serverWindowBits: bits))
    }

    @Test func `refuses answers to another question`() {
        let good = answer()
        #expect(throws: WebSocketInvitation.Fault.status) { try judge(good, status: .ok) }
        let other = [UInt8](repeating: 0, count: 20)
        #expect(throws: WebSocketInvitation.Fault.accept) { try judge(good, digest: other) }
        for (name, fault) in [
            ("upgrade", .upgrade), ("connection", .connection), ("sec-websocket-accept", .accept),
        ] as [(StaticString, WebSocketInvitation.Fault)] {
            #expect(throws: fault) { try judge(answer((name, nil))) }
            #expect(throws: fault) { try judge(answer((name, "x"))) }
        }
    }

    @Test func `refuses what was not offered`() {
        for chosen in ["z", "", "a, b"] {
            #expect(throws: WebSocketInvitation.Fault.subprotocol) {
                try judge(answer(("sec-websocket-protocol", chosen)))
            }
        }
        for chosen in [
            "x-other", "permessage-deflate", "permessage-deflate; client_no_context_takeover",
            "permessage-deflate; server_no_context_takeover; client_max_window_bits=15",
            "permessage-deflate; server_no_context_takeover; what",
            "permessage-deflate; server_no_context_takeover, permessage-deflate", "a b",
        ] {
            #expect(throws: WebSocketInvitation.Fault.extensions) {
                try judge(answer(("sec-websocket-extensions", chosen)))
            }
        }
        let unasked = "permessage-deflate; server_no_context_takeover"
        #expect(throws: WebSocketInvitation.Fault.extensions) {
            try judge(answer(("sec-websocket-extensions", unasked)), offersDeflate: false)
        }
    }

    private func answer(_ change: (name: StaticString, value: String?)? = nil) -> HTTPFields {
        var fields = HTTPFields()
        for (name, value) in [
            ("upgrade", "WebSocket"), ("connection", "upgrade"),
            ("sec-websocket-accept", "AAECAwQFBgcICQoLDA0ODxAREhM="),
        ] as [(StaticString, String)] where "\(name)" != change.map({ "\($0.name)" }) {
            fields.append(name, value)
        }
        if let name = change?.name, let value = change?.value { fields.append(name, value) }
        return fields
    }

    private func judge(
        _ answer: HTTPFields,
        status: HTTPStatus = .switchingProtocols,
        digest: [UInt8]? = nil,
        offersDeflate: Bool = true
    ) throws -> WebSocketInvitation.Agreement {
        let invitation = WebSocketInvitation(
            nonce: nonce.span,
            subprotocols: ["a", "b"],
            offersDeflate: offersDeflate
        )
        let hash = digest ?? self.digest
        return try invitation.judge(status, answer, digest: hash.span)
    }
}
