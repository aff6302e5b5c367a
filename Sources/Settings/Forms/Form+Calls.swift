import Basics
import Wire

extension Form<String> {
    /// A language as ISO 639-1 writes it, or nothing.
    static var language: Form {
        Form(
            "must be empty or two small letters, such as en",
            read: { given in
                guard let text = given.text, text.isEmpty || text.utf8.count == 2 else {
                    return nil
                }
                let isSmall = text.utf8.allSatisfy { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 }
                return isSmall ? text : nil
            },
            suggest: { given in
                guard let text = given.text, text.utf8.count == 2 else { return nil }
                return TOMLText.quoted(text.lowercased())
            },
            write: TOMLText.quoted
        )
    }

    /// A URL that a request of ours can go to.
    static var webhookURL: Form {
        Form(
            "must be a URL such as https://app.example.org/calls",
            read: { given in
                guard let text = given.text else { return nil }
                do throws(HTTPLocationFault) {
                    _ = try HTTPLocation(text)
                    return text
                } catch {
                    return nil
                }
            },
            write: TOMLText.quoted
        )
    }
}

extension Form<Secret> {
    /// Long enough that nobody guesses it, and of what a header can hold. No dots: what has dots is
    /// read as a signed token.
    static var apiKey: Form {
        Form(
            "must be 24 to 256 letters, digits, - or _; `openssl rand -hex 32` makes one",
            read: { given in
                guard let text = given.text, (24...256).contains(text.utf8.count) else {
                    return nil
                }
                let isPlain = text.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"),
                        UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
                return isPlain ? Secret(text) : nil
            },
            write: { TOMLText.quoted($0.isEmpty ? "" : Secret.mask) }
        )
    }
}
