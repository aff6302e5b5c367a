/// Values, and the two that hold others.
extension TOMLParser {
    mutating func value() throws(TOMLFault) -> TOMLValue {
        let position = position
        switch next {
        case nil, UInt8(ascii: "#"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
            throw fault(.missingValue)
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            return TOMLValue(.string(try string()), at: position)
        case UInt8(ascii: "["): return TOMLValue(.array(try array()), at: position)
        case UInt8(ascii: "{"): return TOMLValue(.table(try inlineTable()), at: position)
        default: return TOMLValue(try word(), at: position)
        }
    }

    private mutating func array() throws(TOMLFault) -> [TOMLValue] {
        try deepen()
        openSpans += 1
        offset += 1
        var values: [TOMLValue] = []
        try skipLines()
        while !skip(UInt8(ascii: "]")) {
            guard next != nil, next != UInt8(ascii: ",") else { throw fault(.unclosedArray) }
            try countElement()
            values.append(try value())
            try skipLines()
            if skip(UInt8(ascii: ",")) {
                try skipLines()
            } else if next != UInt8(ascii: "]") {
                throw fault(.unclosedArray)
            }
        }
        openSpans -= 1
        depth -= 1
        return values
    }

    /// One line, no comma at the end, and closed for good: TOML 1.0's rules.
    private mutating func inlineTable() throws(TOMLFault) -> TOMLTable {
        try deepen()
        offset += 1
        var tree = TOMLTree()
        skipBlanks()
        if !skip(UInt8(ascii: "}")) {
            repeat {
                let outside = depth
                let path = try path(under: outside)
                guard skip(UInt8(ascii: "=")) else { throw fault(.missingEquals) }
                skipBlanks()
                depth += path.count
                try tree.set(path, to: try value())
                depth = outside
                skipBlanks()
            } while skip(UInt8(ascii: ","))
            guard skip(UInt8(ascii: "}")) else { throw fault(.unclosedInlineTable) }
        }
        depth -= 1
        return tree.root
    }

    private mutating func deepen() throws(TOMLFault) {
        guard depth < limits.depth else { throw fault(.tooDeep) }
        depth += 1
    }

    /// Blanks, comments and line ends, which are all the same inside an array.
    private mutating func skipLines() throws(TOMLFault) {
        repeat {
            skipBlanks()
            try skipComment()
        } while skipNewline()
    }

    /// A boolean, a number or a date: whatever is written without quotes.
    private mutating func word() throws(TOMLFault) -> TOMLValue.Content {
        let start = offset
        let position = position
        while let byte = next, byte.isWord { offset += 1 }
        guard offset > start else { throw fault(.badValue) }
        if TOMLDateTime.isDate(bytes.extracting(start..<offset)), hasTimeAfterSpace {
            offset += 1
            while let byte = next, byte.isWord { offset += 1 }
        }
        let word = bytes.extracting(start..<offset)
        if TOMLDateTime.looksRight(word) {
            guard TOMLDateTime.isValid(word) else {
                throw TOMLFault(position: position, rule: .badDateTime)
            }
            return .dateTime(text(start..<offset))
        }
        if offset - start <= 5 {
            switch text(start..<offset) {
            case "true": return .boolean(true)
            case "false": return .boolean(false)
            case "inf", "+inf": return .float(.infinity)
            case "-inf": return .float(-.infinity)
            case "nan", "+nan", "-nan": return .float(.nan)
            default: break
            }
        }
        do {
            return try TOMLNumber.content(of: word)
        } catch {
            throw TOMLFault(position: position, rule: error)
        }
    }

    private var hasTimeAfterSpace: Bool {
        offset + 3 < bytes.count && bytes[offset] == 0x20 && bytes[offset + 1].isDigit
            && bytes[offset + 2].isDigit && bytes[offset + 3] == UInt8(ascii: ":")
    }
}

extension UInt8 {
    fileprivate var isWord: Bool {
        isBareKey || self == UInt8(ascii: "+") || self == UInt8(ascii: ".")
            || self == UInt8(ascii: ":")
    }
}
