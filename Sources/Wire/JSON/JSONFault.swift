/// Why some bytes are not JSON we accept: the first byte that broke a rule, and the rule.
///
/// Never quotes the bytes themselves, which may hold a secret.
package struct JSONFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Rule: String, Hashable, Sendable {
        case tooManyBytes = "the text must be within its limit of bytes"
        case tooDeep = "arrays and objects must be within the limit of depth"
        case tooManyElements = "values must be within the limit of elements"
        case unfinished = "the text must not end in the middle of a value"
        case unexpectedByte = "a value must begin with one of { [ \" t f n - or a digit"
        case badLiteral = "a bare word must be true, false or null"
        case badNumber = "a number must have digits where RFC 8259 section 6 wants them"
        case leadingZero = "a number must not begin with a needless 0"
        case numberTooLong = "a number must be at most 256 bytes"
        case numberOutOfRange = "a number must fit into 64 bits of floating point"
        case controlCharacter = "a control character in a string must be escaped"
        case badEscape = "an escape must be one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX"
        case loneSurrogate = "a \\u surrogate must be one of a pair, high then low"
        case invalidUTF8 = "a string must be valid UTF-8"
        case missingName = "an object's member must begin with a name in double quotes"
        case missingColon = "a member's name must be followed by a colon"
        case missingComma = "values must be parted by a comma"
        case duplicateName = "an object must not have two members of one name"
        case trailingBytes = "nothing may follow the value"
    }

    package var offset: Int
    package var rule: Rule

    package init(offset: Int, rule: Rule) {
        self.offset = offset
        self.rule = rule
    }

    package var description: String { "JSON byte \(offset): \(rule.rawValue)" }
}
