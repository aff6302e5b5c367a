/// Reads JSON once, left to right. Every limit is checked before the memory it guards is taken.
struct JSONParser: ~Escapable {
    private static let longestNumber = 256
    /// Up to this many members, comparing names is cheaper than hashing them.
    private static let smallObject = 8

    private let bytes: Span<UInt8>
    private let limits: JSONLimits
    private var offset = 0
    private var depth = 0
    private var elements = 0

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func parse() throws(JSONFault) -> JSONValue {
        guard bytes.count <= limits.bytes else {
            throw JSONFault(offset: limits.bytes, rule: .tooManyBytes)
        }
        skipSpace()
        let value = try value()
        skipSpace()
        guard offset == bytes.count else { throw fault(.trailingBytes) }
        return value
    }

    private mutating func value() throws(JSONFault) -> JSONValue {
        guard let first = next else { throw fault(.unfinished) }
        elements += 1
        guard elements <= limits.elements else { throw fault(.tooManyElements) }
        switch first {
        case UInt8(ascii: "{"):
            return try nested { parser throws(JSONFault) in try parser.object() }
        case UInt8(ascii: "["): return try nested { parser throws(JSONFault) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .boolean(true))
        case UInt8(ascii: "f"): return try literal("false", .boolean(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw fault(.unexpectedByte)
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(JSONFault) -> JSONValue
    ) throws(JSONFault) -> JSONValue {
        guard depth < limits.depth else { throw fault(.tooDeep) }
        depth += 1
        offset += 1
        skipSpace()
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func array() throws(JSONFault) -> JSONValue {
        var values: [JSONValue] = []
        if skip(UInt8(ascii: "]")) { return .array(values) }
        repeat {
            skipSpace()
            values.append(try value())
            skipSpace()
        } while skip(UInt8(ascii: ","))
        guard skip(UInt8(ascii: "]")) else { throw unfinished(or: .missingComma) }
        return .array(values)
    }

    private mutating func object() throws(JSONFault) -> JSONValue {
        var members: [JSONObject.Member] = []
        var names: Set<String> = []
        if skip(UInt8(ascii: "}")) { return .object(JSONObject()) }
        repeat {
            skipSpace()
            let start = offset
            guard next == UInt8(ascii: "\"") else { throw unfinished(or: .missingName) }
            let name = try string()
            if members.count < Self.smallObject {
                guard !members.contains(where: { $0.name == name }) else {
                    throw JSONFault(offset: start, rule: .duplicateName)
                }
            } else {
                if names.isEmpty { names = Set(members.map(\.name)) }
                guard names.insert(name).inserted else {
                    throw JSONFault(offset: start, rule: .duplicateName)
                }
            }
            skipSpace()
            guard skip(UInt8(ascii: ":")) else { throw unfinished(or: .missingColon) }
            skipSpace()
            members.append(JSONObject.Member(name: name, value: try value()))
            skipSpace()
        } while skip(UInt8(ascii: ","))
        guard skip(UInt8(ascii: "}")) else { throw unfinished(or: .missingComma) }
        return .object(JSONObject(unique: members))
    }

    private mutating func literal(
        _ word: String,
        _ value: JSONValue
    ) throws(JSONFault) -> JSONValue {
        let start = offset
        for letter in word.utf8 {
            guard offset < bytes.count else { throw fault(.unfinished) }
            guard bytes[offset] == letter else {
                throw JSONFault(offset: start, rule: .badLiteral)
            }
            offset += 1
        }
        return value
    }

    /// `-? int frac? exp?` of RFC 8259 section 6.
    private mutating func number() throws(JSONFault) -> JSONValue {
        let start = offset
        let isNegative = skip(UInt8(ascii: "-"))
        var whole: Int64? = 0
        let firstDigit = offset
        while let digit = digit() {
            let scaled = whole?.multipliedReportingOverflow(by: 10)
            let step = Int64(isNegative ? -digit : digit)
            let next = scaled?.partialValue.addingReportingOverflow(step)
            whole = scaled?.overflow == false && next?.overflow == false ? next?.partialValue : nil
        }
        guard offset > firstDigit else { throw unfinished(or: .badNumber) }
        if bytes[firstDigit] == UInt8(ascii: "0"), offset > firstDigit + 1 {
            throw JSONFault(offset: firstDigit, rule: .leadingZero)
        }
        if skip(UInt8(ascii: ".")) {
            whole = nil
            try digits()
        }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            whole = nil
            if !skip(UInt8(ascii: "+")) { _ = skip(UInt8(ascii: "-")) }
            try digits()
        }
        guard offset - start <= Self.longestNumber else {
            throw JSONFault(offset: start, rule: .numberTooLong)
        }
        if let whole { return .integer(whole) }
        let text = try text(start..<offset)
        guard let number = Double(text), number.isFinite else {
            throw JSONFault(offset: start, rule: .numberOutOfRange)
        }
        return .number(number)
    }

    private mutating func digits() throws(JSONFault) {
        guard digit() != nil else { throw unfinished(or: .badNumber) }
        while digit() != nil {}
    }

    private mutating func digit() -> Int? {
        guard let byte = next, byte &- UInt8(ascii: "0") < 10 else { return nil }
        offset += 1
        return Int(byte - UInt8(ascii: "0"))
    }

    private mutating func string() throws(JSONFault) -> String {
        offset += 1
        let start = offset
        var hasEscapes = false
        while true {
            guard let byte = next else { throw fault(.unfinished) }
            if byte == UInt8(ascii: "\"") { break }
            guard byte >= 0x20 else { throw fault(.controlCharacter) }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                offset += 1
                guard offset < bytes.count else { throw fault(.unfinished) }
            }
            offset += 1
        }
        let end = offset
        offset += 1
        // Escapes are ASCII, so the text is valid UTF-8 before unescaping if and only if after.
        let raw = try text(start..<end)
        return hasEscapes ? try unescape(start..<end) : raw
    }

    private func unescape(_ range: Range<Int>) throws(JSONFault) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(range.count)
        var place = range.lowerBound
        while place < range.upperBound {
            let byte = bytes[place]
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                place += 1
                continue
            }
            switch bytes[place + 1] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
                text.append(bytes[place + 1])
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"):
                let scalar = try scalar(at: &place, within: range)
                text.append(contentsOf: String(scalar).utf8)
                continue
            default: throw JSONFault(offset: place, rule: .badEscape)
            }
            place += 2
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The scalar of a `\uXXXX`, or of two that form a surrogate pair; `place` moves past them.
    private func scalar(
        at place: inout Int,
        within range: Range<Int>
    ) throws(JSONFault) -> Unicode.Scalar {
        let start = place
        let high = try codeUnit(at: place, within: range)
        place += 6
        if let scalar = Unicode.Scalar(high) { return scalar }
        guard high < 0xDC00, place + 1 < range.upperBound, bytes[place] == UInt8(ascii: "\\"),
            bytes[place + 1] == UInt8(ascii: "u")
        else { throw JSONFault(offset: start, rule: .loneSurrogate) }
        let low = try codeUnit(at: place, within: range)
        guard 0xDC00...0xDFFF ~= low,
            let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        else { throw JSONFault(offset: start, rule: .loneSurrogate) }
        place += 6
        return scalar
    }

    private func codeUnit(at place: Int, within range: Range<Int>) throws(JSONFault) -> UInt32 {
        guard place + 6 <= range.upperBound else {
            throw JSONFault(offset: place, rule: .badEscape)
        }
        var unit: UInt32 = 0
        for digit in place + 2..<place + 6 {
            guard let value = bytes[digit].hexDigitValue else {
                throw JSONFault(offset: place, rule: .badEscape)
            }
            unit = unit << 4 | UInt32(value)
        }
        return unit
    }

    private func text(_ range: Range<Int>) throws(JSONFault) -> String {
        do {
            return String(copying: try UTF8Span(validating: bytes.extracting(range)))
        } catch {
            let place = range.lowerBound + error.byteOffsets.lowerBound
            throw JSONFault(offset: place, rule: .invalidUTF8)
        }
    }

    private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        offset += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            offset += 1
        }
    }

    private func fault(_ rule: JSONFault.Rule) -> JSONFault {
        JSONFault(offset: offset, rule: rule)
    }

    private func unfinished(or rule: JSONFault.Rule) -> JSONFault {
        fault(offset < bytes.count ? rule : .unfinished)
    }
}

extension UInt8 {
    /// The value of an ASCII hexadecimal digit.
    var hexDigitValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
