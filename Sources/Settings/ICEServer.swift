package import Basics

/// A STUN or TURN server, in the words of WebRTC's RTCIceServer.
package struct ICEServer: Equatable, Sendable {
    package var urls: [String]
    package var username: String?
    package var credential: Secret?

    package init(urls: [String], username: String? = nil, credential: Secret? = nil) {
        self.urls = urls
        self.username = username
        self.credential = credential
    }
}

extension ICEServer {
    init?(_ given: Given, _ refusals: inout [Refusal]) {
        guard var record = Record(given) else {
            refusals.append(Refusal("must be a table of urls, username and credential", of: given))
            return nil
        }
        let urls = record.require("urls", .urls)
        let username = record.take("username", .text())
        let credential = record.take("credential", .secret())
        if record.refusals.isEmpty, (username == nil) != (credential == nil) {
            record.refuse("", "must have both username and credential, or neither")
        }
        let before = refusals.count
        record.finish(into: &refusals)
        guard refusals.count == before, let urls else { return nil }
        self.init(urls: urls, username: username, credential: credential)
    }

    var text: String {
        var fields = [(name: "urls", value: TOMLText.list(urls.map(TOMLText.quoted)))]
        if let username { fields.append(("username", TOMLText.quoted(username))) }
        if credential != nil { fields.append(("credential", TOMLText.quoted(Secret.mask))) }
        return TOMLText.table(fields)
    }
}

extension Form<[ICEServer]> {
    static var iceServers: Form {
        let rule = "must be a list of at most 32 tables, or JSON of the same"
        return Form(
            rule,
            readParts: { given, refusals in
                guard let elements = given.elements, elements.count <= 32 else {
                    refusals.append(Refusal(rule, of: given))
                    return nil
                }
                return elements.readEach(&refusals) { ICEServer($0, &$1) }
            },
            write: { TOMLText.list($0.map(\.text)) }
        )
    }
}

extension Form<[String]> {
    /// One URL or a list of them, as browsers take it too.
    fileprivate static var urls: Form {
        let url = Form<String>(
            "must be a URL that begins with stun:, stuns:, turn: or turns:",
            read: { given in
                guard let text = given.text, text.utf8.count <= 1_024, !text.hasControls else {
                    return nil
                }
                let schemes = ["stun:", "stuns:", "turn:", "turns:"]
                let scheme = schemes.first { text.hasPrefix($0) }
                return scheme.flatMap { text.utf8.count > $0.utf8.count ? text : nil }
            },
            write: TOMLText.quoted
        )
        let list = Form.list(of: url, upTo: 16)
        return Form(
            list.rule,
            readParts: { given, refusals in
                if case .string = given.content {
                    return url.read(given, &refusals).map { [$0] }
                }
                let urls = list.read(given, &refusals)
                if urls?.isEmpty == true {
                    refusals.append(Refusal("must have at least one URL", of: given))
                    return nil
                }
                return urls
            },
            write: list.write
        )
    }
}
