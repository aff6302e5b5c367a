internal import Basics
internal import Wire

/// What somebody has typed after `/call`.
///
/// Clients of calls carry out most of it themselves; what they leave to the server, and what a client
/// without calls sends, comes here.
enum SlashCommand: Hashable, Sendable {
    /// What the typist's client has to do, named as it was typed.
    case clients(String)
    case link
    /// What the client has measured, as JSON.
    case statistics(String)
    /// Makes that person the host, by name.
    case host(String)
    case end
    case record

    struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        /// Whether it is no command for calls at all.
        var isOfOthers = false
        var description: String
    }

    static let trigger = "/call"
    static let usage = """
        /call start, join, leave and logs are your client's to do; /call link, /call stats, /call end, \
        /call host @name and /call recording start or stop are done here
        """
    /// More than what a client has measured in a long call, in Base64.
    static let longest = 32 << 10

    init(_ text: String) throws(Fault) {
        guard text.utf8.count <= Self.longest else {
            throw Fault(description: "a command has at most \(Self.longest) bytes")
        }
        let words = text.split(separator: " ").map(String.init)
        guard words.first == Self.trigger else {
            throw Fault(isOfOthers: true, description: "no command is called so; there is /call")
        }
        let word = words.dropFirst().first ?? ""
        let rest = Array(words.dropFirst(2))
        switch word {
        case "start", "join", "leave", "logs": self = .clients(word)
        case "link": self = .link
        case "end": self = .end
        case "stats": self = .statistics(try Self.statistics(rest))
        case "recording" where rest == ["start"] || rest == ["stop"]: self = .record
        case "host":
            guard rest.count == 1, let name = rest.first, name.hasPrefix("@"), name.count > 1 else {
                throw Fault(description: "say whom: /call host @name")
            }
            self = .host(String(name.dropFirst()))
        default: throw Fault(description: Self.usage)
        }
    }

    /// Reads Base64 of a JSON object, and writes it anew, so that nothing but JSON is shown.
    private static func statistics(_ words: [String]) throws(Fault) -> String {
        let fault = Fault(description: "your client has nothing to show; be in a call first")
        guard words.count == 1, let word = words.first else { throw fault }
        do {
            let bytes = try Base64.standard.decode(word.utf8.span)
            let json = try JSONValue(parsing: bytes.span)
            guard json.object != nil else { throw fault }
            return json.text
        } catch {
            throw fault
        }
    }
}
