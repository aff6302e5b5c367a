/// The 32 bits that count DATA chunks and wrap (RFC 9260 section 1.6).
package struct TSN: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package var rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package init(_ rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// How many chunks after `other` this one is, by the shorter way round.
    func distance(from other: TSN) -> Int {
        Int(Int32(bitPattern: rawValue &- other.rawValue))
    }

    func advanced(by count: Int) -> TSN {
        TSN(rawValue &+ UInt32(truncatingIfNeeded: count))
    }

    package var description: String { String(rawValue) }
}
