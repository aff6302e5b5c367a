/// A number that only grows, and that Redis can hold: its scripts count in doubles.
package protocol Ordinal: RawRepresentable, Hashable, Sendable, Comparable,
    CustomStringConvertible
where RawValue == UInt64 {
    init(rawValue: UInt64)
}

extension Ordinal {
    package init(_ rawValue: UInt64) {
        self.init(rawValue: rawValue)
    }

    /// Reads a number in decimal digits without ornament; nil unless it is one that a double can hold.
    package init?(_ text: some StringProtocol) {
        guard let number = UInt64(decimal: text) else { return nil }
        self.init(rawValue: number)
    }

    package var next: Self { Self(rawValue: rawValue &+ 1) }
    /// Nil if this is 1, from which members count.
    package var previous: Self? { rawValue > 1 ? Self(rawValue: rawValue - 1) : nil }

    package var description: String { String(rawValue) }

    package static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}

extension UInt64 {
    /// The largest number below which a double knows every whole one.
    package static let exactLimit: UInt64 = 1 << 53

    /// Reads decimal digits, no sign and no ornament, up to ``exactLimit``.
    package init?(decimal text: some StringProtocol) {
        guard (1...16).contains(text.utf8.count) else { return nil }
        var number: UInt64 = 0
        for byte in text.utf8 {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            number = number * 10 + UInt64(byte - UInt8(ascii: "0"))
        }
        guard number <= Self.exactLimit else { return nil }
        self = number
    }
}
