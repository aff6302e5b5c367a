import Basics
import Testing
import Wire

@Suite struct `MessagePack that goes out` {
    @Test(arguments: 0..<50 as Range<UInt64>)
    func `is read back as the same, and no part of it is a value`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<10 {
            let value = Self.any(depth: 3, using: &random)
            var bytes: [UInt8] = []
            value.write(into: &bytes)
            #expect(try MessagePackValue(parsing: bytes.span) == value)
            for cut in 0..<min(bytes.count, 40) {
                #expect(throws: MessagePackFault.self) {
                    try MessagePackValue(parsing: Array(bytes[..<cut]).span)
                }
            }
        }
    }

    @Test func `has the shortest form there is`() {
        #expect(packed(.integer(127)) == "7f")
        #expect(packed(.integer(128)) == "cc80")
        #expect(packed(.integer(-32)) == "e0")
        #expect(packed(.integer(-33)) == "d0df")
        #expect(packed(.integer(65_536)) == "ce00010000")
        #expect(packed(.string("foo")) == "a3666f6f")
        #expect(packed(.binary([1])) == "c40101")
        #expect(packed(.number(0.5)) == "cb3fe0000000000000")
    }

    private func packed(_ value: MessagePackValue) -> String {
        var bytes: [UInt8] = []
        value.write(into: &bytes)
        return Hex.encode(bytes.span)
    }

    private static func any(depth: Int, using random: inout SeededRandom) -> MessagePackValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
        case 0: return .null
        case 1: return .boolean(.random(using: &random))
        case 2:
            let bits = Int.random(in: 0...63, using: &random)
            return .integer(Int64(bitPattern: random.next()) >> Int64(bits))
        case 3: return .number(.random(in: -1e9...1e9, using: &random))
        case 4: return .string(String(repeating: "é", count: count(using: &random) * 20))
        case 5: return .binary([UInt8](repeating: 7, count: count(using: &random) * 20))
        case 6: return .array(many(depth - 1, using: &random))
        default:
            return .map(
                many(depth - 1, using: &random).enumerated().map { index, value in
                    MessagePackValue.Pair(.integer(Int64(index)), value)
                }
            )
        }
    }

    private static func many(
        _ depth: Int,
        using random: inout SeededRandom
    ) -> [MessagePackValue] {
        var values: [MessagePackValue] = []
        for _ in 0..<count(using: &random) { values.append(any(depth: depth, using: &random)) }
        return values
    }

    /// On both sides of where the short forms end.
    private static func count(using random: inout SeededRandom) -> Int {
        [0, 1, 15, 16][Int.random(in: 0..<4, using: &random)]
    }
}
