/// Why a client's message is not taken: the part that broke a rule, and the rule.
///
/// Written for whoever writes the client. Never quotes what was sent, which may be long or secret.
package struct MessageFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// As a reader of the message would point at it: `data.channelID`.
    package var part: String
    /// What holds for it, as the rest of a sentence: `must be text`.
    package var rule: String

    package init(_ part: String, _ rule: String) {
        self.part = part
        self.rule = rule
    }

    package var description: String { "\(part) \(rule)" }
}
