internal import Basics
internal import Wire

/// The members of an object that a client has sent, each asked for by name and type.
///
/// What came as JSON is read from the same values as what came as MessagePack. Members that nobody
/// asks for are passed over, and null counts as left out.
struct MessageMembers {
    /// Where in the message this object is: `data`, or `data.data` for one inside another's text.
    /// Empty for the message itself.
    private let part: String
    private var values: [String: MessagePackValue] = [:]

    /// Takes an object, or none at all, which has no members.
    init(_ value: MessagePackValue?, part: String) throws(MessageFault) {
        self.part = part
        guard let value, !value.isNull else { return }
        let subject = part.isEmpty ? "the message" : part
        guard let pairs = value.map else { throw MessageFault(subject, "must be an object") }
        for pair in pairs {
            guard let name = pair.key.string else {
                throw MessageFault(subject, "must have text for the names of its members")
            }
            guard values.updateValue(pair.value, forKey: name) == nil else {
                throw MessageFault(subject, "must not have two members of one name")
            }
        }
    }

    /// Takes the text of a JSON object.
    init(json text: [UInt8], part: String) throws(MessageFault) {
        let value: JSONValue
        do {
            let limits = JSONLimits(depth: 4, elements: 64, bytes: MediaDescription.longest)
            value = try JSONValue(parsing: text.span, limits: limits)
        } catch {
            throw MessageFault(part, "must be the text of a JSON object (\(error))")
        }
        guard case .object = value else {
            throw MessageFault(part, "must be the text of a JSON object")
        }
        try self.init(MessagePackValue(value), part: part)
    }

    func part(of name: String) -> String { part.isEmpty ? name : "\(part).\(name)" }

    subscript(name: String) -> MessagePackValue? {
        guard let value = values[name], !value.isNull else { return nil }
        return value
    }

    func members(_ name: String) throws(MessageFault) -> MessageMembers {
        try MessageMembers(self[name], part: part(of: name))
    }

    /// The object whose JSON is the text of a member.
    func json(_ name: String, limit: Int) throws(MessageFault) -> MessageMembers {
        let text = try text(name, limit: limit)
        return try MessageMembers(json: Array(text.utf8), part: part(of: name))
    }

    func text(_ name: String, limit: Int) throws(MessageFault) -> String {
        guard let text = try optionalText(name, limit: limit), !text.isEmpty else {
            throw MessageFault(part(of: name), "must be there, as text")
        }
        return text
    }

    func optionalText(_ name: String, limit: Int) throws(MessageFault) -> String? {
        guard let value = self[name] else { return nil }
        guard let text = value.string else { throw MessageFault(part(of: name), "must be text") }
        guard text.utf8.count <= limit else {
            throw MessageFault(part(of: name), "must be at most \(limit) bytes of text")
        }
        return text
    }

    func id<Kind>(_ name: String) throws(MessageFault) -> ID<Kind> {
        guard let id: ID<Kind> = try optionalID(name) else {
            throw MessageFault(part(of: name), Self.idRule)
        }
        return id
    }

    func optionalID<Kind>(_ name: String) throws(MessageFault) -> ID<Kind>? {
        try identifier(name).map { ID($0) }
    }

    /// What an id is made of, or nil where it is left out or empty.
    func identifier(_ name: String) throws(MessageFault) -> Identifier? {
        guard let value = self[name], value != .string("") else { return nil }
        guard let identifier = value.string.flatMap({ Identifier($0) }) else {
            throw MessageFault(part(of: name), Self.idRule)
        }
        return identifier
    }

    /// A whole number, in whichever form.
    func wholeNumber(_ name: String) throws(MessageFault) -> Int64? {
        guard let value = self[name] else { return nil }
        guard let number = value.integer ?? value.number.flatMap({ Int64(exactly: $0) }) else {
            throw MessageFault(part(of: name), "must be a whole number of 64 bits")
        }
        return number
    }

    /// True or false; false where it is left out.
    func flag(_ name: String) throws(MessageFault) -> Bool {
        guard let value = self[name] else { return false }
        guard let flag = value.boolean else {
            throw MessageFault(part(of: name), "must be true or false")
        }
        return flag
    }

    /// A number in a range; the lowest where it is left out.
    func number(_ name: String, in range: ClosedRange<Double>) throws(MessageFault) -> Double {
        guard let value = self[name] else { return range.lowerBound }
        guard let number = value.number, range.contains(number) else {
            throw MessageFault(
                part(of: name),
                "must be a number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }

    func binary(_ name: String) throws(MessageFault) -> [UInt8] {
        guard let binary = self[name]?.binary else {
            throw MessageFault(
                part(of: name),
                "must be bytes; send the message as MessagePack in a binary frame"
            )
        }
        return binary
    }

    /// One of a few words.
    func word(_ name: String, of words: [String]) throws(MessageFault) -> String {
        guard let word = self[name]?.string, words.contains(word) else {
            throw MessageFault(part(of: name), "must be one of \(words.joined(separator: ", "))")
        }
        return word
    }

    private static let idRule =
        "must be an id: \(Identifier.length) characters of a to z and 0 to 9"
}
