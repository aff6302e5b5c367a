package import Basics

/// A moment as RTCP writes it: seconds since 1900 and a fraction, 32 bits each (RFC 3550 section 4).
///
/// The seconds wrap in 2036. Differences are taken the shorter way round, so that nobody notices.
package struct NTPTime: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
    package var rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    package init(_ time: WallTime) {
        let seconds = UInt64(bitPattern: time.seconds &+ Self.from1900To1970)
        let fraction = UInt64(time.nanoseconds.magnitude) << 32 / 1_000_000_000
        rawValue = seconds << 32 | fraction
    }

    /// The middle 32 bits, which say a moment within 18 hours to 15 us: what LSR bears.
    package var compact: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 16) }

    /// From `other` to here, by the shorter way round.
    package func nanoseconds(since other: NTPTime) -> Int64 {
        let units = Int64(bitPattern: rawValue &- other.rawValue)
        let seconds = units >> 32
        let fraction = ((units & 0xFFFF_FFFF) &* 1_000_000_000) >> 32
        return seconds &* 1_000_000_000 &+ fraction
    }

    package func advanced(byNanoseconds nanoseconds: Int64) -> NTPTime {
        // Rounded down, so that the rest is never negative.
        var seconds = nanoseconds / 1_000_000_000
        var rest = nanoseconds % 1_000_000_000
        if rest < 0 {
            seconds &-= 1
            rest &+= 1_000_000_000
        }
        let units =
            UInt64(bitPattern: seconds) << 32 &+ UInt64(bitPattern: rest << 32 / 1_000_000_000)
        return NTPTime(rawValue: rawValue &+ units)
    }

    /// So long in 1/65536 s, as DLSR has it. Less than nothing is nothing; what does not fit is the
    /// most that does.
    package static func compact(nanoseconds: Int64) -> UInt32 {
        guard nanoseconds > 0 else { return 0 }
        let seconds = nanoseconds / 1_000_000_000
        guard seconds < 65_536 else { return .max }
        let rest = nanoseconds % 1_000_000_000
        return UInt32(truncatingIfNeeded: seconds << 16 | rest << 16 / 1_000_000_000)
    }

    private static var from1900To1970: Int64 { 2_208_988_800 }
}
