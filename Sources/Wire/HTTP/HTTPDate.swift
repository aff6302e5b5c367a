/// A moment in whole seconds, as HTTP writes it (RFC 9110 section 5.6.7).
///
/// Between 1970 and 9999, so that the year always has four digits.
package struct HTTPDate: Hashable, Comparable, Sendable {
    package let secondsSince1970: Int64

    /// The nearest moment that can be written.
    package init(secondsSince1970: Int64) {
        self.secondsSince1970 = min(max(0, secondsSince1970), Self.latest)
    }

    private static let latest: Int64 = 253_402_300_799

    /// Reads any of the three forms, or nothing: a field that isn't a date is to be ignored.
    ///
    /// The name of the weekday must be that of the date. `now` tells which century the two digits
    /// of a year in the second form mean: the one that puts it at most fifty years ahead.
    package init?(parsing text: Span<UInt8>, now: HTTPDate) {
        var reader = HTTPDateReader(text: text)
        guard let seconds = reader.read(thisYear: Self.civil(now.secondsSince1970).year),
            (0...Self.latest).contains(seconds)
        else { return nil }
        secondsSince1970 = seconds
    }

    /// Appends the 29 bytes of the first form: `Sun, 06 Nov 1994 08:49:37 GMT`.
    package func write(to bytes: inout [UInt8]) {
        let (year, month, day) = Self.civil(secondsSince1970)
        let time = secondsSince1970 % 86_400
        bytes.append(Self.weekdays[Self.weekday(secondsSince1970)])
        bytes.append(", ")
        Self.append(day, to: &bytes)
        bytes.append(" ")
        bytes.append(Self.months[Int(month) - 1])
        bytes.append(" ")
        Self.append(year / 100, to: &bytes)
        Self.append(year % 100, to: &bytes)
        bytes.append(" ")
        Self.append(time / 3_600, to: &bytes)
        bytes.append(":")
        Self.append(time / 60 % 60, to: &bytes)
        bytes.append(":")
        Self.append(time % 60, to: &bytes)
        bytes.append(" GMT")
    }

    /// The 29 bytes by themselves, to be kept for a second.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(29)
        write(to: &bytes)
        return bytes
    }

    package static func < (lhs: HTTPDate, rhs: HTTPDate) -> Bool {
        lhs.secondsSince1970 < rhs.secondsSince1970
    }

    static let weekdays: [StaticString] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// 1 January 1970 was a Thursday.
    static func weekday(_ seconds: Int64) -> Int { Int((seconds / 86_400 + 4) % 7) }

    private static func append(_ number: Int64, to bytes: inout [UInt8]) {
        bytes.append(UInt8(truncatingIfNeeded: 0x30 + number / 10 % 10))
        bytes.append(UInt8(truncatingIfNeeded: 0x30 + number % 10))
    }

    /// The Gregorian date, by counting in years that begin in March, so that leap days come last.
    private static func civil(_ seconds: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let days = seconds / 86_400 + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

/// Reads a date from its first byte to its last.
private struct HTTPDateReader: ~Escapable {
    let text: Span<UInt8>
    var index = 0

    @_lifetime(copy text)
    init(text: Span<UInt8>) {
        self.text = text
    }

    /// Seconds since 1970, if all of the text is a date in one of the three forms.
    mutating func read(thisYear: Int64) -> Int64? {
        if let weekday = name(of: HTTPDate.weekdays, then: ", ") {
            guard let day = number(2), skip(" "), let month = name(of: HTTPDate.months, then: " "),
                let year = number(4), skip(" "), let time = time(), skip(" GMT")
            else { return nil }
            return seconds(weekday, year, month, day, time)
        }
        if let weekday = name(of: Self.fullWeekdays, then: ", ") {
            guard let day = number(2), skip("-"), let month = name(of: HTTPDate.months, then: "-"),
                let digits = number(2), skip(" "), let time = time(), skip(" GMT")
            else { return nil }
            let year = thisYear - thisYear % 100 + digits
            let candidates = [year + 100, year, year - 100]
            guard let nearest = candidates.first(where: { $0 <= thisYear + 50 }) else { return nil }
            return seconds(weekday, nearest, month, day, time)
        }
        guard let weekday = name(of: HTTPDate.weekdays, then: " "),
            let month = name(of: HTTPDate.months, then: " "),
            let day = skip(" ") ? number(1) : number(2),
            skip(" "), let time = time(), skip(" "), let year = number(4)
        else { return nil }
        return seconds(weekday, year, month, day, time)
    }

    private static let fullWeekdays: [StaticString] = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]

    /// A leap second is the first of the next minute.
    private mutating func time() -> Int64? {
        guard let hour = number(2), skip(":"), let minute = number(2), skip(":"),
            let second = number(2), hour < 24, minute < 60, second <= 60
        else { return nil }
        return hour * 3_600 + minute * 60 + second
    }

    private func seconds(
        _ weekday: Int,
        _ year: Int64,
        _ month: Int,
        _ day: Int64,
        _ time: Int64
    ) -> Int64? {
        guard index == text.count, year >= 1970, year <= 9999 else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard day >= 1, day <= lengths[month] else { return nil }
        let years = year - 1
        let leapDays = years / 4 - years / 100 + years / 400 - 477
        let days = (year - 1970) * 365 + leapDays + lengths[..<month].reduce(0, +) + day - 1
        guard HTTPDate.weekday(days * 86_400) == weekday else { return nil }
        return days * 86_400 + time
    }

    private mutating func skip(_ mark: StaticString) -> Bool {
        let end = index + mark.utf8CodeUnitCount
        guard end <= text.count, text.extracting(index..<end).equals(mark) else { return false }
        index = end
        return true
    }

    /// Which of the names is next, with the mark that must follow; nothing is taken otherwise.
    private mutating func name(of names: [StaticString], then mark: StaticString) -> Int? {
        let start = index
        for number in names.indices {
            if skip(names[number]), skip(mark) { return number }
            index = start
        }
        return nil
    }

    private mutating func number(_ digits: Int) -> Int64? {
        guard index + digits <= text.count else { return nil }
        var number: Int64 = 0
        for place in index..<index + digits {
            guard let digit = HTTPSyntax.digit(text[place]) else { return nil }
            number = number * 10 + Int64(digit)
        }
        index += digits
        return number
    }
}
