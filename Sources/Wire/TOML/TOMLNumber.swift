/// Numbers as TOML writes them: four bases, and underscores between digits.
enum TOMLNumber {
    private static let longest = 256

    static func content(of word: Span<UInt8>) throws(TOMLFault.Rule) -> TOMLValue.Content {
        guard word.count <= longest else { throw .badNumber }
        if word.count > 2, word[0] == UInt8(ascii: "0"), let radix = radix(word[1]) {
            return .integer(try whole(word.extracting(2..<word.count), radix: radix))
        }
        return try decimal(word)
    }

    private static func radix(_ letter: UInt8) -> Int? {
        switch letter {
        case UInt8(ascii: "x"): 16
        case UInt8(ascii: "o"): 8
        case UInt8(ascii: "b"): 2
        default: nil
        }
    }

    private static func whole(_ word: Span<UInt8>, radix: Int) throws(TOMLFault.Rule) -> Int64 {
        var place = 0
        var digits: [UInt8] = []
        take(&digits, from: word, at: &place, radix: radix)
        guard place == word.count, !digits.isEmpty else { throw .badNumber }
        guard let value = Int64(String(decoding: digits, as: UTF8.self), radix: radix) else {
            throw .numberOutOfRange
        }
        return value
    }

    private static func decimal(_ word: Span<UInt8>) throws(TOMLFault.Rule) -> TOMLValue.Content {
        var place = 0
        var digits: [UInt8] = []
        let isSigned = word[0] == UInt8(ascii: "-") || word[0] == UInt8(ascii: "+")
        if isSigned {
            digits.append(word[0])
            place = 1
        }
        guard place < word.count, word[place].isDigit else {
            throw isSigned || word[0] == UInt8(ascii: ".") ? .badNumber : .badValue
        }
        let start = digits.count
        take(&digits, from: word, at: &place)
        guard digits[start] != UInt8(ascii: "0") || digits.count == start + 1 else {
            throw .badNumber
        }
        if place == word.count {
            guard let value = Int64(String(decoding: digits, as: UTF8.self)) else {
                throw .numberOutOfRange
            }
            return .integer(value)
        }
        if word[place] == UInt8(ascii: ".") {
            try step(&digits, over: word, at: &place)
        }
        if place < word.count, word[place] | 0x20 == UInt8(ascii: "e") {
            if place + 1 < word.count,
                word[place + 1] == UInt8(ascii: "-") || word[place + 1] == UInt8(ascii: "+")
            {
                digits.append(word[place])
                place += 1
            }
            try step(&digits, over: word, at: &place)
        }
        guard place == word.count, let value = Double(String(decoding: digits, as: UTF8.self))
        else {
            throw .badNumber
        }
        guard value.isFinite else { throw .numberOutOfRange }
        return .float(value)
    }

    /// Takes a sign that isn't a digit, and the digits that must follow it.
    private static func step(
        _ digits: inout [UInt8],
        over word: Span<UInt8>,
        at place: inout Int
    ) throws(TOMLFault.Rule) {
        digits.append(word[place])
        place += 1
        let start = digits.count
        take(&digits, from: word, at: &place)
        guard digits.count > start else { throw .badNumber }
    }

    /// Takes digits, and underscores that have a digit on either side.
    private static func take(
        _ digits: inout [UInt8],
        from word: Span<UInt8>,
        at place: inout Int,
        radix: Int = 10
    ) {
        func isDigit(_ place: Int) -> Bool {
            guard place < word.count, let value = word[place].hexDigitValue else { return false }
            return value < radix
        }
        while isDigit(place) {
            digits.append(word[place])
            place += 1
            if place < word.count, word[place] == UInt8(ascii: "_"), isDigit(place + 1) {
                place += 1
            }
        }
    }
}
