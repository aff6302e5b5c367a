package import Basics

/// A moment as sender reports write it: seconds since 1900 and a 32-bit fraction (RFC 3550 section 4).
package struct NTPTime: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// `epoch` is the wall time, in nanoseconds since 1970, at which the instants began. Only
    /// differences matter to receivers, so it need not be exact, but must not change.
    package init(_ instant: Instant, epoch: Int64) {
        let nanoseconds = instant.nanoseconds &+ epoch
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        let fraction = (UInt64(max(rest, 0)) << 32) / 1_000_000_000
        rawValue = UInt64(bitPattern: seconds &+ 2_208_988_800) << 32 | fraction
    }

    /// The middle bits, as report blocks repeat them.
    package var middle: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 16) }
}
