import Basics

extension Form<String> {
    /// A part of the names of keys in Redis, and of nothing that has to be escaped there.
    static var clusterName: Form {
        Form(
            "must be 1 to 32 small letters, digits and -",
            read: { given in
                guard let text = given.text, (1...32).contains(text.utf8.count) else { return nil }
                return text.utf8.allSatisfy(isNameByte) ? text : nil
            },
            suggest: { given in
                guard let text = given.text?.lowercased(), (1...32).contains(text.utf8.count) else {
                    return nil
                }
                let name = text.utf8.map { isNameByte($0) ? $0 : UInt8(ascii: "-") }
                return TOMLText.quoted(String(decoding: name, as: UTF8.self))
            },
            write: TOMLText.quoted
        )
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// Nothing, or where other nodes can connect.
    static var endpoint: Form {
        Form(
            "must be empty or a host and port, such as 10.0.0.5:8046 or node-1.internal:8046",
            read: { given in
                guard let text = given.text else { return nil }
                return text.isEmpty || Endpoint(text) != nil ? text : nil
            },
            suggest: { given in
                guard let text = given.text, let endpoint = Endpoint(text, usualPort: 8_046) else {
                    return nil
                }
                return TOMLText.quoted(endpoint.description)
            },
            write: TOMLText.quoted
        )
    }

    /// What Redis' sentinels take for a name.
    static var sentinelMaster: Form {
        Form(
            "must be 1 to 128 letters, digits, ., - or _",
            read: { given in
                guard let text = given.text, (1...128).contains(text.utf8.count) else { return nil }
                let isPlain = text.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."),
                        UInt8(ascii: "_"):
                        true
                    default: isNameByte(byte)
                    }
                }
                return isPlain ? text : nil
            },
            write: TOMLText.quoted
        )
    }
}

extension Form<Endpoint> {
    static var sentinel: Form {
        Form(
            "must be a host and perhaps a port, such as 10.0.0.5:26379",
            read: { given in given.text.flatMap { Endpoint($0, usualPort: 26_379) } },
            write: { TOMLText.quoted($0.description) }
        )
    }
}

extension Form<Secret> {
    private static let shortestClusterSecret = 32

    /// Words of manuals and examples: what contains one, many people know.
    private static let sampleWords = [
        "changeme", "example", "sample", "password", "placeholder", "replaceme", "yoursecret",
        "mysecret", "clustersecret",
    ]

    /// Long and random enough that nobody who records what nodes say can guess it at home.
    static var clusterSecret: Form {
        let rule = "must be empty or 32 to 1024 bytes of chance; `openssl rand -hex 32` makes them"
        return Form(
            rule,
            readParts: { given, refusals in
                guard let text = given.text, !text.hasControls,
                    text.isEmpty || (shortestClusterSecret...1_024).contains(text.utf8.count)
                else {
                    refusals.append(Refusal(rule, of: given))
                    return nil
                }
                let letters = String(text.lowercased().filter(\.isLetter))
                let hasFew = Set(text.utf8).count < 8
                if !text.isEmpty, hasFew || sampleWords.contains(where: letters.contains) {
                    refusals.append(
                        Refusal(
                            "is a sample that anybody may know; `openssl rand -hex 32` makes a "
                                + "secret",
                            of: given
                        )
                    )
                    return nil
                }
                return Secret(text)
            },
            write: { TOMLText.quoted($0.isEmpty ? "" : Secret.mask) }
        )
    }
}
