/// The client's half of the opening handshake (RFC 6455 section 4.1): what to ask, and whether the
/// answer is one.
package struct WebSocketInvitation: Sendable {
    /// What the server agreed to.
    package struct Agreement: Hashable, Sendable {
        package let subprotocol: String?
        package let deflate: WebSocketDeflate.Agreement?
    }

    /// Why an answer can't be believed. The connection ends here, without a close frame.
    package enum Fault: String, Error, CustomStringConvertible {
        case status = "the server did not switch to WebSocket; check the address and its rights"
        case upgrade = "the server switched to something that is not WebSocket; check the address"
        case connection = "the answer has no Connection: Upgrade; look for a proxy in between"
        case accept = "Sec-WebSocket-Accept does not answer our key; look for a cache in between"
        case subprotocol = "the server chose a subprotocol that was not offered; mend the server"
        case extensions = "the server chose an extension that was not offered; mend the server"

        package var description: String { rawValue }
    }

    /// What to hash with SHA-1 for ``judge(_:_:digest:)``.
    package let challenge: [UInt8]
    /// The request's fields, besides Host.
    package let fields: HTTPFields
    private let subprotocols: [String]
    private let offersDeflate: Bool

    /// Makes an invitation of 16 bytes that nobody could have foreseen.
    package init(nonce: Span<UInt8>, subprotocols: [String] = [], offersDeflate: Bool = true) {
        precondition(nonce.count == 16, "a WebSocket key has 16 bytes")
        let key = WebSocketKey.base64(nonce)
        challenge = WebSocketKey.challenge(for: key.span)
        self.subprotocols = subprotocols
        self.offersDeflate = offersDeflate
        var fields = HTTPFields()
        fields.append("upgrade", "websocket")
        fields.append("connection", "Upgrade")
        fields.append("sec-websocket-version", "13")
        fields.append("sec-websocket-key", key.span)
        if !subprotocols.isEmpty {
            fields.append("sec-websocket-protocol", subprotocols.joined(separator: ", "))
        }
        if offersDeflate { fields.append("sec-websocket-extensions", WebSocketDeflate.offer) }
        self.fields = fields
    }

    /// Judges the answer, given the 20 bytes of the challenge's SHA-1.
    package func judge(
        _ status: HTTPStatus,
        _ answer: HTTPFields,
        digest: Span<UInt8>
    ) throws(Fault) -> Agreement {
        guard status == .switchingProtocols else { throw .status }
        guard answer.first("upgrade", is: "websocket") else { throw .upgrade }
        guard answer.hasToken("upgrade", in: "connection") else { throw .connection }
        let accepts = answer.all("sec-websocket-accept")
        guard accepts.count == 1, accepts[0].elementsEqual(WebSocketKey.base64(digest)) else {
            throw .accept
        }
        return Agreement(subprotocol: try subprotocol(in: answer), deflate: try deflate(in: answer))
    }

    private func subprotocol(in answer: HTTPFields) throws(Fault) -> String? {
        let values = answer.all("sec-websocket-protocol")
        guard let value = values.first else { return nil }
        let chosen = subprotocols.first { value.elementsEqual($0.utf8) }
        guard let chosen, values.count == 1 else { throw .subprotocol }
        return chosen
    }

    private func deflate(in answer: HTTPFields) throws(Fault) -> WebSocketDeflate.Agreement? {
        let values = answer.all("sec-websocket-extensions")
        guard let chosen = WebSocketExtension.list(in: values) else { throw .extensions }
        guard let first = chosen.first else { return nil }
        let agreement = WebSocketDeflate.agreement(in: first)
        guard let agreement, offersDeflate, chosen.count == 1 else { throw .extensions }
        return agreement
    }
}
