/// The four kinds of TOML dates (RFC 3339, and the parts of it that have no time or no place).
enum TOMLDateTime {
    /// Whether a word means to be a date or a time, be it a good one or not.
    static func looksRight(_ word: Span<UInt8>) -> Bool {
        (word.count > 4 && isDigits(word, 0..<4) && word[4] == UInt8(ascii: "-"))
            || (word.count > 2 && isDigits(word, 0..<2) && word[2] == UInt8(ascii: ":"))
    }

    static func isValid(_ word: Span<UInt8>) -> Bool {
        guard isDate(word.extracting(first: 10)) else { return isTime(word) }
        if word.count == 10 { return true }
        guard word[10] | 0x20 == UInt8(ascii: "t") || word[10] == 0x20 else { return false }
        let time = word.extracting(11..<word.count)
        let local = timeCount(time)
        guard local > 0 else { return false }
        return local == time.count || isZone(time.extracting(local..<time.count))
    }

    /// `2026-01-31`
    static func isDate(_ word: Span<UInt8>) -> Bool {
        guard word.count == 10, isDigits(word, 0..<4), word[4] == UInt8(ascii: "-"),
            isDigits(word, 5..<7), word[7] == UInt8(ascii: "-"), isDigits(word, 8..<10)
        else { return false }
        let year = number(word, 0..<4)
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        let month = number(word, 5..<7)
        return 1...12 ~= month && 1...days[month - 1] ~= number(word, 8..<10)
    }

    private static func isTime(_ word: Span<UInt8>) -> Bool {
        timeCount(word) == word.count && word.count > 0
    }

    /// How many bytes `07:32:00` or `07:32:00.999` takes up at the beginning; 0 if it isn't there.
    private static func timeCount(_ word: Span<UInt8>) -> Int {
        guard word.count >= 8, isDigits(word, 0..<2), word[2] == UInt8(ascii: ":"),
            isDigits(word, 3..<5), word[5] == UInt8(ascii: ":"), isDigits(word, 6..<8),
            number(word, 0..<2) < 24, number(word, 3..<5) < 60, number(word, 6..<8) <= 60
        else { return 0 }
        guard word.count > 8, word[8] == UInt8(ascii: ".") else { return 8 }
        var count = 9
        while count < word.count, word[count].isDigit { count += 1 }
        return count > 9 ? count : 0
    }

    /// `Z` or `+01:00`
    private static func isZone(_ word: Span<UInt8>) -> Bool {
        if word.count == 1 { return word[0] | 0x20 == UInt8(ascii: "z") }
        return word.count == 6 && (word[0] == UInt8(ascii: "+") || word[0] == UInt8(ascii: "-"))
            && isDigits(word, 1..<3) && word[3] == UInt8(ascii: ":") && isDigits(word, 4..<6)
            && number(word, 1..<3) < 24 && number(word, 4..<6) < 60
    }

    private static func isDigits(_ word: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for place in range where !word[place].isDigit { return false }
        return true
    }

    private static func number(_ word: Span<UInt8>, _ range: Range<Int>) -> Int {
        var value = 0
        for place in range { value = value * 10 + Int(word[place] - UInt8(ascii: "0")) }
        return value
    }
}
