internal import Basics
internal import Wire

/// One line of JSON for each thing that happened, the cast first.
extension DrillHistory {
    func write(into bytes: inout [UInt8]) {
        for (index, person) in cast.enumerated() {
            JSONWriter.append(to: &bytes) { json in
                json.beginObject()
                json.member("person", index)
                json.member("user", person.user)
                json.member("channel", person.channel)
                json.member("speaks", person.speaks)
                json.endObject()
            }
            bytes.append(UInt8(ascii: "\n"))
        }
        for entry in entries {
            JSONWriter.append(to: &bytes) { json in
                json.beginObject()
                json.member("at", entry.at.nanoseconds / 1_000)
                entry.what.write(into: &json)
                json.endObject()
            }
            bytes.append(UInt8(ascii: "\n"))
        }
    }
}

extension DrillHistory.Happening {
    fileprivate func write(into json: inout JSONWriter) {
        switch self {
        case .asked(let person, let deed, let serial):
            Self.begin("invoke", person, &json)
            json.member("deed", deed.rawValue)
            json.member("serial", serial)
        case .answered(let person, let deed, let serial, let outcome):
            switch outcome {
            case .ok: Self.begin("ok", person, &json)
            case .failed(let why):
                Self.begin("fail", person, &json)
                json.member("why", why)
            case .unknown: Self.begin("info", person, &json)
            }
            json.member("deed", deed.rawValue)
            json.member("serial", serial)
        case .opened(let person, let line, let node, let isResumed):
            Self.begin("opened", person, &json)
            json.member("line", line)
            json.member("node", node)
            json.member("resumed", isResumed)
        case .cut(let person, let why):
            Self.begin("cut", person, &json)
            json.member("why", why)
        case .heard(let person, let line, let event):
            Self.begin("heard", person, &json)
            json.member("line", line)
            event.write(into: &json)
        case .joined(let person, let session):
            Self.begin("joined", person, &json)
            json.member("session", session)
        case .hears(let person, let speaker):
            Self.begin("hears", person, &json)
            json.member("speaker", speaker)
        case .hearsAgain(let person, let speaker, let since):
            Self.begin("hears-again", person, &json)
            json.member("speaker", speaker)
            json.member("since", since.nanoseconds / 1_000)
        case .listens(let person, let speakers):
            Self.begin("listens", person, &json)
            json.key("speakers")
            json.beginArray()
            for speaker in speakers { json.integer(Int64(speaker)) }
            json.endArray()
        case .unlinked(let person, let why):
            Self.begin("unlinked", person, &json)
            json.member("why", why)
        case .thrownOut(let person, let why):
            Self.begin("thrown out", person, &json)
            json.member("why", why)
        case .struck(let blow, let node, let channels):
            json.member("type", "fault")
            json.member("blow", blow.rawValue)
            if let node { json.member("node", node) }
            json.member("channels", .array(channels.map { .string($0) }))
        case .mended(let blow, let node):
            json.member("type", "mended")
            json.member("blow", blow.rawValue)
            if let node { json.member("node", node) }
        case .placed(let channel, let token, let node):
            json.member("type", "placed")
            json.member("channel", channel)
            json.member("token", token)
            json.member("node", node)
        case .uneven(let node, let why):
            json.member("type", "uneven")
            json.member("node", node)
            json.member("why", why)
        case .died(let node, let why):
            json.member("type", "died")
            json.member("node", node)
            json.member("why", why)
        case .quiet: json.member("type", "quiet")
        case .stirred: json.member("type", "stirred")
        case .held(let claimant, let hold):
            json.member("type", "held")
            json.member("claimant", claimant)
            json.member("name", hold.name)
            json.member("fence", hold.fence)
            switch hold.kind {
            case .has(let since):
                json.member("what", "has")
                json.member("since", since.nanoseconds / 1_000)
            case .uses: json.member("what", "uses")
            case .frees: json.member("what", "frees")
            case .misses: json.member("what", "misses")
            }
        }
    }

    private static func begin(_ type: String, _ person: Int, _ json: inout JSONWriter) {
        json.member("type", type)
        json.member("person", person)
    }
}

extension HeardEvent {
    fileprivate func write(into json: inout JSONWriter) {
        json.member("event", name)
        json.member("number", number)
        let texts = [
            ("session", session), ("user", user), ("connection", connection), ("host", host),
        ]
        for (name, text) in texts { if let text { json.member(name, text) } }
        // Descriptions are long, and no claim is made about them.
        if let text, name != "signal" { json.member("text", text) }
        guard let picture else { return }
        json.member("call", picture.id)
        json.member("hosted", picture.host)
        json.key("sessions")
        json.beginObject()
        for (name, session) in picture.sessions.sorted(by: { $0.key < $1.key }) {
            let marks = (session.isUnmuted ? "u" : "m") + (session.isHandUp ? "h" : "-")
            json.member(name, "\(marks) \(session.user)")
        }
        json.endObject()
    }
}
