/// The time of day, as people and other machines agree on it: seconds since 1970 in UTC.
///
/// For log lines, protocols and records. It may jump when somebody sets the clock, so nothing waits
/// for it; what waits takes an ``Instant``.
package struct WallTime: Hashable, Sendable, Comparable {
    package var seconds: Int64
    /// The part below a second, 0 to 999,999,999.
    package var nanoseconds: Int32

    package init(seconds: Int64, nanoseconds: Int32 = 0) {
        self.seconds = seconds
        self.nanoseconds = min(max(nanoseconds, 0), 999_999_999)
    }

    /// Milliseconds since 1970, as the client protocol and the store count.
    package init(milliseconds: Int64) {
        let part = milliseconds % 1_000
        let isBefore = part < 0
        seconds = milliseconds / 1_000 - (isBefore ? 1 : 0)
        nanoseconds = Int32((isBefore ? part + 1_000 : part) * 1_000_000)
    }

    /// Milliseconds since 1970. Beyond what fits, the nearest that does.
    package var milliseconds: Int64 {
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, spill) = whole.addingReportingOverflow(Int64(nanoseconds / 1_000_000))
        return spill ? .max : sum
    }

    package static func < (lhs: WallTime, rhs: WallTime) -> Bool {
        (lhs.seconds, lhs.nanoseconds) < (rhs.seconds, rhs.nanoseconds)
    }

    /// The date and time in UTC, by the calendar everyone uses, carried back before its invention.
    ///
    /// Years before 0 and after 9999 have no RFC 3339 form, so they are answered with the first and
    /// the last second that do.
    package var civil: Civil {
        let first: Int64 = -62_167_219_200  // 0000-01-01T00:00:00Z
        let last: Int64 = 253_402_300_799  // 9999-12-31T23:59:59Z
        let fromFirst = min(max(seconds, first), last) - first
        let days = fromFirst / 86_400
        let second = Int(fromFirst % 86_400)

        // Years begin in March here, so that a leap day is the last day of its year. Day 0 is
        // 0000-03-01 of an era of 400 years; January and February of year 0 belong to the era before.
        let shifted = days + 146_097 - 60
        let dayOfEra = Int(shifted % 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let era = Int(shifted / 146_097) - 1
        return Civil(
            year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
            month: month,
            day: dayOfYear - (153 * monthFromMarch + 2) / 5 + 1,
            hour: second / 3_600,
            minute: second / 60 % 60,
            second: second % 60,
            weekday: Int((days + 6) % 7)
        )
    }

    /// A date and time of day in UTC.
    package struct Civil: Hashable, Sendable {
        package var year: Int
        package var month: Int
        package var day: Int
        package var hour: Int
        package var minute: Int
        package var second: Int
        /// 0 for Sunday to 6 for Saturday.
        package var weekday: Int
    }

    /// As `2026-11-21T03:12:39.123Z` (RFC 3339 section 5.6).
    package var rfc3339: String {
        var bytes: [UInt8] = []
        appendRFC3339(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    package func appendRFC3339(to bytes: inout [UInt8]) {
        let civil = civil
        append(civil.year, digits: 4, "-", to: &bytes)
        append(civil.month, digits: 2, "-", to: &bytes)
        append(civil.day, digits: 2, "T", to: &bytes)
        append(civil.hour, digits: 2, ":", to: &bytes)
        append(civil.minute, digits: 2, ":", to: &bytes)
        append(civil.second, digits: 2, ".", to: &bytes)
        append(Int(nanoseconds) / 1_000_000, digits: 3, "Z", to: &bytes)
    }

    private func append(
        _ number: Int,
        digits: Int,
        _ mark: Unicode.Scalar,
        to bytes: inout [UInt8]
    ) {
        var place = 1
        for _ in 1..<digits { place *= 10 }
        while place > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(number / place % 10))
            place /= 10
        }
        bytes.append(UInt8(ascii: mark))
    }
}
