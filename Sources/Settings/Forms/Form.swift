/// How a setting's value is read, judged and written: the rule of one kind of setting.
package struct Form<Value: Equatable & Sendable>: Sendable {
    /// What must be, reading on from the setting's name: `must be 1 to 65535`.
    package let rule: String
    /// Answers with the value, or with nil and at least one refusal.
    let read: @Sendable (Given, inout [Refusal]) -> Value?
    /// The value as TOML, secrets masked.
    let write: @Sendable (Value) -> String

    /// A form that looks at the parts of what it is given, each of which may be refused.
    init(
        _ rule: String,
        readParts read: @escaping @Sendable (Given, inout [Refusal]) -> Value?,
        write: @escaping @Sendable (Value) -> String
    ) {
        self.rule = rule
        self.read = read
        self.write = write
    }

    /// A form that takes or refuses what it is given as one.
    init(
        _ rule: String,
        read: @escaping @Sendable (Given) -> Value?,
        suggest: @escaping @Sendable (Given) -> String? = { _ in nil },
        write: @escaping @Sendable (Value) -> String
    ) {
        self.rule = rule
        self.read = { given, refusals in
            if let value = read(given) { return value }
            refusals.append(Refusal(rule, of: given, suggestion: suggest(given)))
            return nil
        }
        self.write = write
    }
}

/// Why a part of what was given is not a value.
struct Refusal {
    /// The part, as it follows a setting's name: `[1].urls`.
    var part = ""
    var rule: String
    var line: Int?
    /// What was given, unless the fault is that nothing was.
    var shown: String?
    var suggestion: String?

    init(_ rule: String, of given: Given, suggestion: String? = nil) {
        self.rule = rule
        line = given.line
        shown = given.shown
        self.suggestion = suggestion
    }

    /// Something that should be there isn't.
    init(_ rule: String, missingIn given: Given, suggestion: String? = nil) {
        self.init(rule, of: given, suggestion: suggestion)
        shown = nil
    }
}
