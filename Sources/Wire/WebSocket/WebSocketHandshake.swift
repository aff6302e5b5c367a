/// The server's half of the opening handshake (RFC 6455 section 4.2): judges a request, and says
/// what to answer.
///
///     request ──▶ judge ──▶ Acceptance ── SHA-1 of its challenge ──▶ fields of the 101
///                   │
///                   ╰─────▶ Refusal: status, fields and a sentence
///
/// Whether the request's origin may speak here is ``OriginRule``'s to say, and whether its user may,
/// another room's.
package enum WebSocketHandshake {
    /// What a server speaks.
    package struct Terms: Hashable, Sendable {
        /// The subprotocols it knows. The first of the client's that is among them is chosen.
        package var subprotocols: [String]
        package var allowsDeflate: Bool

        package init(subprotocols: [String] = [], allowsDeflate: Bool = true) {
            self.subprotocols = subprotocols
            self.allowsDeflate = allowsDeflate
        }
    }

    /// A request that asks for WebSocket as it should.
    package struct Acceptance: Hashable, Sendable {
        /// What to hash with SHA-1 for ``fields(digest:)``.
        package let challenge: [UInt8]
        package let subprotocol: String?
        /// For the machine, and for the choice of frames to send.
        package let deflate: WebSocketDeflate.Agreement?
        private let extensions: String?

        fileprivate init(
            challenge: [UInt8],
            subprotocol: String?,
            deflate: (agreement: WebSocketDeflate.Agreement, answer: String)?
        ) {
            self.challenge = challenge
            self.subprotocol = subprotocol
            self.deflate = deflate?.agreement
            extensions = deflate?.answer
        }

        /// The fields of the response 101, given the 20 bytes of the challenge's SHA-1.
        package func fields(digest: Span<UInt8>) -> HTTPFields {
            var fields = HTTPFields()
            fields.append("upgrade", "websocket")
            fields.append("connection", "Upgrade")
            let answer = WebSocketKey.base64(digest)
            fields.append("sec-websocket-accept", answer.span)
            if let subprotocol { fields.append("sec-websocket-protocol", subprotocol) }
            if let extensions { fields.append("sec-websocket-extensions", extensions) }
            return fields
        }
    }

    /// A request that can't become a WebSocket.
    package struct Refusal: Error, Equatable, Sendable, CustomStringConvertible {
        package let status: HTTPStatus
        /// What the response must say besides: the version that is spoken, or the method.
        package let fields: HTTPFields
        /// What the client should do instead.
        package let description: String

        fileprivate init(
            _ status: HTTPStatus,
            _ description: String,
            fields: KeyValuePairs<StaticString, String> = [:]
        ) {
            self.status = status
            self.description = description
            var all = HTTPFields()
            for (name, value) in fields { all.append(name, value) }
            self.fields = all
        }
    }

    package static func judge(
        _ head: HTTPRequestHead,
        terms: Terms = Terms()
    ) throws(Refusal) -> Acceptance {
        let acceptance = try judge(head.fields, of: head.method, head.version, terms: terms)
        guard head.isUpgrade else {
            throw Refusal(.badRequest, "a request for a WebSocket has no content; send none")
        }
        return acceptance
    }

    package static func judge(
        _ fields: HTTPFields,
        of method: HTTPMethod,
        _ version: HTTPVersion,
        terms: Terms = Terms()
    ) throws(Refusal) -> Acceptance {
        guard method == .get else {
            let advice = "a WebSocket begins with a GET; send one"
            throw Refusal(.methodNotAllowed, advice, fields: ["allow": "GET"])
        }
        guard version == .http11 else {
            throw Refusal(.badRequest, "a WebSocket begins with HTTP/1.1; send that")
        }
        guard fields.hasToken("websocket", in: "upgrade") else {
            let advice = "this is a WebSocket; send Upgrade: websocket and Connection: Upgrade"
            throw Refusal(.upgradeRequired, advice, fields: upgrade)
        }
        guard fields.hasToken("upgrade", in: "connection") else {
            let advice = "Upgrade is for the next hop only; send Connection: Upgrade with it"
            throw Refusal(.badRequest, advice)
        }
        let versions = fields.all("sec-websocket-version")
        guard versions.count == 1, versions[0].elementsEqual("13".utf8) else {
            let advice = "WebSocket is spoken in version 13; send Sec-WebSocket-Version: 13, once"
            throw Refusal(.upgradeRequired, advice, fields: upgrade)
        }
        let keys = fields.all("sec-websocket-key")
        guard keys.count == 1, let key = keys.first, WebSocketKey.isValid(key.span) else {
            let advice = "Sec-WebSocket-Key is to be 16 random bytes in base64; send it once"
            throw Refusal(.badRequest, advice)
        }
        return Acceptance(
            challenge: WebSocketKey.challenge(for: key.span),
            subprotocol: try subprotocol(in: fields, terms: terms),
            deflate: try deflate(in: fields, terms: terms)
        )
    }

    private static var upgrade: KeyValuePairs<StaticString, String> {
        [
            "upgrade": "websocket",
            "connection": "Upgrade",
            "sec-websocket-version": "13",
        ]
    }

    private static func subprotocol(
        in fields: HTTPFields,
        terms: Terms
    ) throws(Refusal) -> String? {
        var chosen: String?
        for value in fields.all("sec-websocket-protocol") {
            let value = value.span
            let isBroken = value.anyListMember { member in
                for index in member where !HTTPSyntax.isToken(value[index]) { return true }
                chosen = chosen ?? terms.subprotocols.first { value.extracting(member).equals($0) }
                return false
            }
            if isBroken {
                let advice = "Sec-WebSocket-Protocol is to be a list of tokens; send names alone"
                throw Refusal(.badRequest, advice)
            }
        }
        return chosen
    }

    private static func deflate(
        in fields: HTTPFields,
        terms: Terms
    ) throws(Refusal) -> (agreement: WebSocketDeflate.Agreement, answer: String)? {
        let values = fields.all("sec-websocket-extensions")
        guard let offers = WebSocketExtension.list(in: values) else {
            let advice = "Sec-WebSocket-Extensions is not a list of extensions; mend or omit it"
            throw Refusal(.badRequest, advice)
        }
        return terms.allowsDeflate ? WebSocketDeflate.accept(offers) : nil
    }
}

extension Span<UInt8> {
    fileprivate func equals(_ text: String) -> Bool {
        guard count == text.utf8.count else { return false }
        return zip(indices, text.utf8).allSatisfy { self[$0] == $1 }
    }
}
