/// One run of one node's process. A node that is started again is a new member.
///
/// In text, a name and sixteen hexadecimal digits drawn at the start: `crow#00c0ffee00c0ffee`.
package struct MemberID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let name: NodeName
    package let nonce: UInt64

    package init(name: NodeName, nonce: UInt64) {
        self.name = name
        self.nonce = nonce
    }

    /// Reads an id; nil unless it is exactly one.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "#", omittingEmptySubsequences: false)
        guard parts.count == 2, let name = NodeName(parts[0]), parts[1].utf8.count == 16,
            parts[1].utf8.allSatisfy(Self.isDigit), let nonce = UInt64(parts[1], radix: 16)
        else { return nil }
        self.init(name: name, nonce: nonce)
    }

    package var description: String {
        let digits = String(nonce, radix: 16)
        return "\(name)#\(String(repeating: "0", count: 16 - digits.utf8.count))\(digits)"
    }

    package static func < (lhs: MemberID, rhs: MemberID) -> Bool {
        (lhs.name, lhs.nonce) < (rhs.name, rhs.nonce)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
    }
}
