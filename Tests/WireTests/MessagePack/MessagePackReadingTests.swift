import Basics
import Testing
import Wire

@Suite struct `MessagePack that comes in` {
    struct Sample: Sendable {
        var hex: String
        var value: MessagePackValue

        init(_ hex: String, _ value: MessagePackValue) {
            self.hex = hex
            self.value = value
        }
    }

    struct Refusal: Sendable {
        var hex: String
        var offset: Int
        var rule: MessagePackFault.Rule

        init(_ hex: String, _ offset: Int, _ rule: MessagePackFault.Rule) {
            self.hex = hex
            self.offset = offset
            self.rule = rule
        }
    }

    private static let numbers: [Sample] = [
        Sample("00", .integer(0)),
        Sample("7f", .integer(127)),
        Sample("ff", .integer(-1)),
        Sample("e0", .integer(-32)),
        Sample("cc01", .integer(1)),
        Sample("cc80", .integer(128)),
        Sample("cd0100", .integer(256)),
        Sample("ceffffffff", .integer(4_294_967_295)),
        Sample("cf0000000000000001", .integer(1)),
        Sample("cfffffffffffffffff", .unsigned(.max)),
        Sample("d080", .integer(-128)),
        Sample("d1ff7f", .integer(-129)),
        Sample("d2ffff7fff", .integer(-32_769)),
        Sample("d3ffffffffffffffff", .integer(-1)),
        Sample("ca3f800000", .number(1)),
        Sample("cb3fe0000000000000", .number(0.5)),
    ]

    private static let others: [Sample] = [
        Sample("c0", .null),
        Sample("c2", .boolean(false)),
        Sample("c3", .boolean(true)),
        Sample("a0", .string("")),
        Sample("a3666f6f", .string("foo")),
        Sample("d903666f6f", .string("foo")),
        Sample("da0003666f6f", .string("foo")),
        Sample("db00000003666f6f", .string("foo")),
        Sample("c4020102", .binary([1, 2])),
        Sample("c500020102", .binary([1, 2])),
        Sample("c6000000020102", .binary([1, 2])),
        Sample("920102", .array([.integer(1), .integer(2)])),
        Sample("dc000101", .array([.integer(1)])),
        Sample("dd0000000101", .array([.integer(1)])),
        Sample("81a16101", .map([.init(.string("a"), .integer(1))])),
        Sample("de0001a16101", .map([.init(.string("a"), .integer(1))])),
        Sample("df00000001a16101", .map([.init(.string("a"), .integer(1))])),
    ]

    private static let refusals: [Refusal] = [
        Refusal("", 0, .unfinished),
        Refusal("c1", 0, .reservedByte),
        Refusal("d40000", 0, .extensionType),
        Refusal("c70000", 0, .extensionType),
        Refusal("a2c3", 1, .unfinished),
        Refusal("a261ff", 2, .invalidUTF8),
        Refusal("0000", 1, .trailingBytes),
        Refusal("cb00", 1, .unfinished),
        Refusal("92", 1, .unfinished),
        // Lengths that nobody sends: four thousand million elements in five bytes.
        Refusal("ddffffffff", 5, .tooManyElements),
        Refusal("dfffffffff", 5, .tooManyElements),
        Refusal("dbffffffff", 5, .unfinished),
        Refusal("c6ffffffff", 5, .unfinished),
        Refusal("dc0fff", 3, .unfinished),
        Refusal("919191919191919191", 9, .tooDeep),
    ]

    private func read(
        _ hex: String,
        _ limits: MessagePackLimits = MessagePackLimits()
    ) throws -> MessagePackValue {
        let bytes = try Hex.decode(Array(hex.utf8).span)
        return try MessagePackValue(parsing: bytes.span, limits: limits)
    }

    @Test(arguments: numbers + others)
    func `is read in every form of every type`(sample: Sample) throws {
        #expect(try read(sample.hex) == sample.value)
    }

    @Test(arguments: refusals)
    func `is refused with where and why`(refusal: Refusal) {
        #expect(throws: MessagePackFault(offset: refusal.offset, rule: refusal.rule)) {
            try read(refusal.hex)
        }
    }

    @Test func `may be several values side by side`() throws {
        let bytes = try Hex.decode(Array("0781a3666f6fc3".utf8).span)
        var parser = MessagePackParser(bytes.span)
        let first = try parser.next()
        let rest = try parser.next()
        let isAtEnd = parser.isAtEnd
        #expect(first == .integer(7))
        #expect(rest["foo"] == .boolean(true))
        #expect(isAtEnd)
    }

    @Test func `is held no more than one is willing to`() throws {
        #expect(throws: MessagePackFault(offset: 1, rule: .tooManyElements)) {
            try read("93010203", MessagePackLimits(elements: 3))
        }
        #expect(throws: MessagePackFault(offset: 2, rule: .tooDeep)) {
            try read("9190", MessagePackLimits(depth: 1))
        }
        #expect(throws: MessagePackFault(offset: 0, rule: .tooManyBytes)) {
            try read("a3666f6f", MessagePackLimits(bytes: 3))
        }
        let enough = MessagePackLimits(depth: 2, elements: 4, bytes: 4)
        #expect(try read("93010203", enough).array?.count == 3)
        #expect(try read("9190", enough) == .array([.array([])]))
        #expect(try read("a3666f6f", enough) == .string("foo"))
    }

    @Test func `and JSON are the same once they are read`() throws {
        let text = #"{"a":[1,-2.5,"b",true,null]}"#
        let json = try JSONValue(parsing: Array(text.utf8).span)
        let packed = try read("81a1619501cbc004000000000000a162c3c0")
        #expect(MessagePackValue(json) == packed)
    }
}
