import Basics
import Testing
import Wire

@Suite struct `A JSON value` {
    @Test func `is read with its numbers told apart`() throws {
        let value = try parse(#" { "a" : [ 1 , -2.5, 1e2, true, false, null, "x" ] , "b" : {} } "#)
        #expect(value["a"] == .array([1, -2.5, 100.0, true, false, nil, "x"]))
        #expect(value["a"]?[0]?.integer == 1)
        #expect(value["a"]?[0]?.number == 1.0)
        #expect(value["a"]?[2]?.integer == nil)
        #expect(value["a"]?[6]?.string == "x")
        #expect(value["a"]?[7] == nil)
        #expect(value["b"]?.object?.members.isEmpty == true)
        #expect(value["c"] == nil)
    }

    @Test func `keeps its members in the order in which they were written`() throws {
        let object = try #require(try parse(#"{"z":1,"a":2,"m":3}"#).object)
        #expect(object.members.map(\.name) == ["z", "a", "m"])
    }

    @Test func `reads whole numbers as far as 64 bits go, and larger ones as floating point`()
        throws
    {
        #expect(try parse("9223372036854775807") == .integer(.max))
        #expect(try parse("-9223372036854775808") == .integer(.min))
        #expect(try parse("9223372036854775808") == .number(9_223_372_036_854_775_808))
        #expect(try parse("-0") == .integer(0))
    }

    @Test func `unescapes strings, surrogate pairs too`() throws {
        let value = try parse(#""\"\\\/\b\f\n\r\t\u00e9\ud83e\udd89é🦉""#)
        #expect(value.string == "\"\\/\u{8}\u{c}\n\r\té🦉é🦉")
    }

    static let refused: [(String, Int, JSONFault.Rule)] = [
        ("", 0, .unfinished),
        ("  ", 2, .unfinished),
        ("01", 0, .leadingZero),
        ("-012", 1, .leadingZero),
        ("-", 1, .unfinished),
        ("+1", 0, .unexpectedByte),
        (".5", 0, .unexpectedByte),
        ("1.", 2, .unfinished),
        ("1.x", 2, .badNumber),
        ("1e", 2, .unfinished),
        ("1e+]", 3, .badNumber),
        ("1e999", 0, .numberOutOfRange),
        ("tru", 3, .unfinished),
        ("trux", 0, .badLiteral),
        ("NaN", 0, .unexpectedByte),
        ("'a'", 0, .unexpectedByte),
        ("\"a", 2, .unfinished),
        ("\"a\\", 3, .unfinished),
        ("\"a\nb\"", 2, .controlCharacter),
        (#""a\x""#, 2, .badEscape),
        (#""\u12g4""#, 1, .badEscape),
        (#""\u12""#, 1, .badEscape),
        (#""\ud800""#, 1, .loneSurrogate),
        (#""\udc00""#, 1, .loneSurrogate),
        (#""\ud800\u0041""#, 1, .loneSurrogate),
        (#""\ud800\ud800""#, 1, .loneSurrogate),
        ("[1,]", 3, .unexpectedByte),
        ("[1 2]", 3, .missingComma),
        ("[1", 2, .unfinished),
        ("{1:2}", 1, .missingName),
        ("{\"a\" 1}", 5, .missingColon),
        ("{\"a\":1,}", 7, .missingName),
        ("{\"a\":1,\"b\":2,\"a\":3}", 13, .duplicateName),
        ("1 2", 2, .trailingBytes),
        ("{}}", 2, .trailingBytes),
        ("// c", 0, .unexpectedByte),
        ("\u{FEFF}1", 0, .unexpectedByte),
    ]

    @Test(arguments: refused)
    func `names the byte and the rule that it breaks`(
        text: String,
        offset: Int,
        rule: JSONFault.Rule
    ) {
        #expect(throws: JSONFault(offset: offset, rule: rule)) { try parse(text) }
    }

    @Test func `refuses text that is not UTF-8, at the byte that is not`() {
        let bytes: [UInt8] = Array("\"ab".utf8) + [0xC0, 0x80] + Array("\"".utf8)
        #expect(throws: JSONFault(offset: 3, rule: .invalidUTF8)) {
            try JSONValue(parsing: bytes.span)
        }
    }

    @Test func `refuses a second member of one name among many, too`() {
        let members = (0..<100).map { "\"k\($0)\":0" } + ["\"k99\":1"]
        let text = "{" + members.joined(separator: ",") + "}"
        #expect(throws: JSONFault(offset: text.utf8.count - 8, rule: .duplicateName)) {
            try parse(text)
        }
    }

    @Test func `is as deep as its limit and no deeper`() throws {
        #expect(
            try parse(String(repeating: "[", count: 8) + String(repeating: "]", count: 8)) != nil
        )
        #expect(throws: JSONFault(offset: 8, rule: .tooDeep)) {
            try parse(String(repeating: "[", count: 9) + String(repeating: "]", count: 9))
        }
    }

    @Test func `has as many elements as its limit and no more`() throws {
        func list(_ count: Int) -> String {
            "[" + Array(repeating: "1", count: count).joined(separator: ",") + "]"
        }
        #expect(try parse(list(4_095)).array?.count == 4_095)
        #expect(throws: JSONFault(offset: 8_191, rule: .tooManyElements)) { try parse(list(4_096)) }
    }

    @Test func `has as many bytes as its limit and no more`() throws {
        let limits = JSONLimits(bytes: 4)
        #expect(try parse("1234", limits).integer == 1_234)
        #expect(throws: JSONFault(offset: 4, rule: .tooManyBytes)) { try parse("12345", limits) }
    }

    @Test func `has numbers as long as their limit and no longer`() throws {
        let digits = "0." + String(repeating: "3", count: 254)
        #expect(try parse(digits).number == 1.0 / 3)
        #expect(throws: JSONFault(offset: 0, rule: .numberTooLong)) { try parse(digits + "3") }
    }

    /// Values drawn by seed are written and read back; nothing may change.
    @Test(arguments: UInt64(0)..<300)
    func `comes back from its own text unchanged`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let value = JSONValue.drawn(depth: 4, using: &random)
        #expect(try parse(value.text) == value, "seed \(seed): \(value.text)")
    }
}

@discardableResult
private func parse(_ text: String, _ limits: JSONLimits = JSONLimits()) throws -> JSONValue {
    try JSONValue(parsing: Array(text.utf8).span, limits: limits)
}

extension JSONValue {
    fileprivate static func drawn(depth: Int, using random: inout SeededRandom) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
        case 0: return .null
        case 1: return .boolean(Bool.random(using: &random))
        case 2: return .integer(Int64.random(in: .min ... .max, using: &random))
        case 3: return .integer(Int64.random(in: -20...20, using: &random))
        case 4:
            let number = Double(bitPattern: random.next())
            return .number(number.isFinite ? number : 0.5)
        case 5: return .string(text(using: &random))
        case 6:
            return .array(
                (0..<Int.random(in: 0...5, using: &random)).map { _ in
                    drawn(depth: depth - 1, using: &random)
                }
            )
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                object[text(using: &random)] = drawn(depth: depth - 1, using: &random)
            }
            return .object(object)
        }
    }

    private static func text(using random: inout SeededRandom) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            let number = UInt32.random(in: 0...0x2FFFF, using: &random)
            text.unicodeScalars.append(
                Unicode.Scalar(Bool.random(using: &random) ? number % 128 : number) ?? "\\"
            )
        }
        return text
    }
}
