/// The four kinds of strings: "basic", 'literal', and both over several lines.
extension TOMLParser {
    mutating func string() throws(TOMLFault) -> String {
        let quote = bytes[offset]
        let isBasic = quote == UInt8(ascii: "\"")
        if startsTriple(quote) { return try longString(quote) }
        return isBasic ? try basicString() : try literalString()
    }

    mutating func literalString() throws(TOMLFault) -> String {
        let opening = position
        offset += 1
        let start = offset
        while let byte = next, byte != UInt8(ascii: "'") {
            try refuseEnd(byte, of: opening)
            offset += 1
        }
        guard skip(UInt8(ascii: "'")) else {
            throw TOMLFault(position: opening, rule: .unclosedString)
        }
        return text(start..<offset - 1)
    }

    mutating func basicString() throws(TOMLFault) -> String {
        let opening = position
        offset += 1
        var text: [UInt8] = []
        while let byte = next, byte != UInt8(ascii: "\"") {
            try refuseEnd(byte, of: opening)
            if byte == UInt8(ascii: "\\") {
                try escape(into: &text)
            } else {
                text.append(byte)
                offset += 1
            }
        }
        guard skip(UInt8(ascii: "\"")) else {
            throw TOMLFault(position: opening, rule: .unclosedString)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// A string in triple quotes. Its line ends become single line feeds.
    private mutating func longString(_ quote: UInt8) throws(TOMLFault) -> String {
        let opening = position
        openSpans += 1
        offset += 3
        _ = skipNewline()
        var text: [UInt8] = []
        while let byte = next {
            if byte == quote {
                if closesLongString(quote, into: &text) {
                    openSpans -= 1
                    return String(decoding: text, as: UTF8.self)
                }
            } else if skipNewline() {
                text.append(UInt8(ascii: "\n"))
            } else if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                if !skipFoldedLine() { try escape(into: &text) }
            } else {
                guard !byte.isControl else { throw fault(.controlCharacter) }
                text.append(byte)
                offset += 1
            }
        }
        throw TOMLFault(position: opening, rule: .unclosedString)
    }

    /// Takes a run of quotes: three close the string, and up to two before them belong to it.
    private mutating func closesLongString(_ quote: UInt8, into text: inout [UInt8]) -> Bool {
        var run = 0
        while run < 5, skip(quote) { run += 1 }
        let content = run < 3 ? run : run - 3
        for _ in 0..<content { text.append(quote) }
        return run >= 3
    }

    /// A backslash at a line's end, and all white space after it.
    private mutating func skipFoldedLine() -> Bool {
        let start = offset
        offset += 1
        skipBlanks()
        guard skipNewline() else {
            offset = start
            return false
        }
        repeat { skipBlanks() } while skipNewline()
        return true
    }

    private mutating func escape(into text: inout [UInt8]) throws(TOMLFault) {
        guard offset + 1 < bytes.count else { throw fault(.badEscape) }
        let letter = bytes[offset + 1]
        switch letter {
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append(letter)
        case UInt8(ascii: "u"): return try scalar(digits: 4, into: &text)
        case UInt8(ascii: "U"): return try scalar(digits: 8, into: &text)
        default: throw fault(.badEscape)
        }
        offset += 2
    }

    private mutating func scalar(digits: Int, into text: inout [UInt8]) throws(TOMLFault) {
        let end = offset + 2 + digits
        guard end <= bytes.count else { throw fault(.badEscape) }
        var number: UInt32 = 0
        for place in offset + 2..<end {
            guard let digit = bytes[place].hexDigitValue else { throw fault(.badEscape) }
            number = number << 4 | UInt32(digit)
        }
        guard let scalar = Unicode.Scalar(number) else { throw fault(.badEscape) }
        text.append(contentsOf: String(scalar).utf8)
        offset = end
    }

    private func startsTriple(_ quote: UInt8) -> Bool {
        offset + 2 < bytes.count && bytes[offset + 1] == quote && bytes[offset + 2] == quote
    }

    private func refuseEnd(_ byte: UInt8, of opening: TOMLPosition) throws(TOMLFault) {
        guard !isNewline else { throw TOMLFault(position: opening, rule: .unclosedString) }
        guard !byte.isControl else { throw fault(.controlCharacter) }
    }
}
