/// Why some bytes are not MessagePack we accept: the first byte that broke a rule, and the rule.
package struct MessagePackFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Rule: String, Hashable, Sendable {
        case unfinished = "a value must not end before its length says"
        case reservedByte = "no value begins with C1"
        case extensionType = "values of extension types are not spoken here"
        case tooDeep = "arrays and maps must be within the limit of depth"
        case tooManyElements = "values must be within the limit of elements"
        case tooManyBytes = "the value must be within its limit of bytes"
        case invalidUTF8 = "text must be valid UTF-8"
        case trailingBytes = "nothing may follow the value"
    }

    package var offset: Int
    package var rule: Rule

    package init(offset: Int, rule: Rule) {
        self.offset = offset
        self.rule = rule
    }

    package var description: String { "MessagePack byte \(offset): \(rule.rawValue)" }
}
