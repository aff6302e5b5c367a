import Wire

private let names: [StaticString] = [
    "upgrade", "connection", "sec-websocket-version", "sec-websocket-key",
    "sec-websocket-protocol", "sec-websocket-extensions", "origin", "sec-websocket-accept",
]
private let samples = [
    "websocket", "Upgrade", "13", "dGhlIHNhbXBsZSBub25jZQ==", "b", "permessage-deflate", "http://a",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
]

/// Fields as lines: the first byte of a line chooses the name, the rest is the value. The very first
/// byte says which names are there with a lawful value.
///
/// Claims: what is accepted was offered; an answer read as an offer is answered the same; an origin
/// that is allowed is one of those meant, however it is written.
let fuzzWebSocketHandshake: FuzzTarget = { bytes in
    guard let choice = bytes.first else { return }
    var fields = HTTPFields()
    for (index, name) in names.enumerated() where choice & (1 << UInt8(index)) != 0 {
        fields.append(name, samples[index])
    }
    for line in bytes[1...].split(separator: 0x0A) {
        let value = line.dropFirst()
        fields.append(names[Int(line[line.startIndex]) % names.count], value.span)
    }
    judgeAsServer(fields)
    judgeAsClient(fields)
    judgeOrigin(fields)
}

private func judgeAsServer(_ fields: HTTPFields) {
    let terms = WebSocketHandshake.Terms(subprotocols: ["a", "b"])
    let digest = [UInt8](repeating: 0, count: 20)
    do throws(WebSocketHandshake.Refusal) {
        let accepted = try WebSocketHandshake.judge(fields, of: .get, .http11, terms: terms)
        precondition(accepted.challenge.count == 24 + 36)
        precondition(accepted.subprotocol.map(terms.subprotocols.contains) ?? true)
        let answer = accepted.fields(digest: digest.span)
        precondition(answer.contains("sec-websocket-extensions") == (accepted.deflate != nil))
        guard let extensions = answer.string("sec-websocket-extensions") else { return }
        precondition((9...15).contains(accepted.deflate?.serverWindowBits ?? 0))
        var offer = HTTPFields()
        for index in 0..<4 { offer.append(names[index], samples[index]) }
        offer.append("sec-websocket-extensions", extensions)
        let again = try WebSocketHandshake.judge(offer, of: .get, .http11)
        precondition(again.deflate == accepted.deflate, "an answer is an offer")
        precondition(
            again.fields(digest: digest.span).string("sec-websocket-extensions") == extensions
        )
        let invitation = WebSocketInvitation(nonce: digest.span.extracting(0..<16))
        var reply = again.fields(digest: digest.span)
        let understood = try? invitation.judge(.switchingProtocols, reply, digest: digest.span)
        precondition(understood?.deflate == accepted.deflate, "a client understands the answer")
        reply.append("sec-websocket-extensions", extensions)
        let twice = try? invitation.judge(.switchingProtocols, reply, digest: digest.span)
        precondition(twice == nil, "a client takes one answer")
    } catch {
        precondition(error.status.rawValue >= 400 && !error.description.isEmpty)
    }
}

private func judgeAsClient(_ fields: HTTPFields) {
    let nonce = [UInt8](repeating: 7, count: 16)
    let digest = [UInt8](repeating: 0, count: 20)
    for offersDeflate in [true, false] {
        let invitation = WebSocketInvitation(
            nonce: nonce.span,
            subprotocols: ["a", "b"],
            offersDeflate: offersDeflate
        )
        do throws(WebSocketInvitation.Fault) {
            let agreed = try invitation.judge(.switchingProtocols, fields, digest: digest.span)
            precondition(["a", "b", nil].contains(agreed.subprotocol))
            precondition(offersDeflate || agreed.deflate == nil)
            precondition((8...15).contains(agreed.deflate?.serverWindowBits ?? 15))
        } catch {
            precondition(!error.description.isEmpty)
        }
    }
}

private func judgeOrigin(_ fields: HTTPFields) {
    let text = fields.first("origin") ?? []
    let origin = WebOrigin(text.span)
    if let origin {
        precondition(WebOrigin(Array(origin.description.utf8).span) == origin)
    }
    let host = Array("h:81".utf8)
    let listed = WebOrigin(Array("https://a".utf8).span)
    let rule = OriginRule(allowed: Set([listed].compactMap { $0 }))
    switch rule.judge(fields, host: host.span, isSecure: false) {
    case .allowed: precondition(["https://a", "http://h:81"].contains(origin?.description))
    case .absent: precondition(!fields.contains("origin"))
    case .refused(let reason): precondition(!reason.isEmpty)
    }
}
