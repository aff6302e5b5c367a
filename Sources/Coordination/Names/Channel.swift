/// Where at most one call is at a time: the key under which its place is kept.
package struct Channel: Hashable, Sendable, Comparable, CustomStringConvertible {
    package static let limit = 64

    private let text: String

    /// Reads a name of 1 to 64 bytes, visible ASCII but for `{` and `}`, which Redis takes for itself.
    package init?(_ text: some StringProtocol) {
        guard (1...Self.limit).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed)
        else { return nil }
        self.text = String(text)
    }

    package var description: String { text }
    package var utf8: String.UTF8View { text.utf8 }

    package static func < (lhs: Channel, rhs: Channel) -> Bool { lhs.text < rhs.text }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "{") && byte != UInt8(ascii: "}")
    }
}
