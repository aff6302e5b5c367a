/// Bits a second.
package struct Bitrate: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package var rawValue: Int64

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    package init(bitsPerSecond: Int64) {
        rawValue = bitsPerSecond
    }

    package static func kilobits(_ count: Int64) -> Bitrate { Bitrate(rawValue: count * 1_000) }

    package static let zero = Bitrate(rawValue: 0)

    package static func < (lhs: Bitrate, rhs: Bitrate) -> Bool { lhs.rawValue < rhs.rawValue }

    package var description: String { "\(rawValue / 1_000) kbit/s" }
}
