/// What an operator calls a node: `node.name` in the settings, the same after every restart.
package struct NodeName: Hashable, Sendable, Comparable, CustomStringConvertible {
    package static let limit = 48

    private let text: String

    /// Reads a name of 1 to 48 letters, digits, `.`, `_` and `-`; nil unless it is exactly one.
    package init?(_ text: some StringProtocol) {
        guard (1...Self.limit).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed)
        else { return nil }
        self.text = String(text)
    }

    package var description: String { text }

    package static func < (lhs: NodeName, rhs: NodeName) -> Bool { lhs.text < rhs.text }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
