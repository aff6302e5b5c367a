/// Why some text is not Base64, Base64URL or Hex: the first byte that broke a rule, and the rule.
///
/// Never quotes the text, which may hold a secret.
package struct EncodingFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Rule: String, Hashable, Sendable {
        case strangeByte = "every character must be of the alphabet"
        case badLength = "the text must not end in the middle of a byte"
        case badPadding = "padding must fill the last group of four, and stand nowhere else"
        case strayBits = "the bits that the last character has to spare must be zero"
    }

    package var offset: Int
    package var rule: Rule

    package init(offset: Int, rule: Rule) {
        self.offset = offset
        self.rule = rule
    }

    package var description: String { "byte \(offset): \(rule.rawValue)" }
}
