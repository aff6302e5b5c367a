/// Why bytes are not a STUN message: the rule of RFC 8489 they break, and where.
package struct STUNFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Rule: String, Sendable {
        case header = "a message has a header of twenty bytes"
        case firstBits = "the first two bits of a message are zero"
        case length = "the length counts what follows the header, in fours"
        case cookie = "the fifth byte begins the magic cookie 2112A442"
        case attribute = "an attribute ends before its message does"
        case integrity = "MESSAGE-INTEGRITY has twenty bytes"
        case fingerprint = "FINGERPRINT has four bytes and comes last"
    }

    package var rule: Rule
    package var offset: Int

    init(_ rule: Rule, at offset: Int) {
        self.rule = rule
        self.offset = offset
    }

    package var description: String { "\(rule.rawValue) (byte \(offset))" }
}
