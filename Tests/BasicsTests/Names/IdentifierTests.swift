import Basics
import Testing

@Suite struct `An identifier` {
    @Test func `is read from 26 small letters and digits, and written as it was`() {
        let text = "abcdefghijklmnopqrstuvwxy9"
        #expect(Identifier(text).map { "\($0)" } == text)
        let bytes = Array(text.utf8)
        let read = Identifier(bytes.span)
        #expect(read.map { "\($0)" } == text)
    }

    @Test(arguments: [
        "", "abcdefghijklmnopqrstuvwxy", "abcdefghijklmnopqrstuvwxyz0",
        "Abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwx-z",
        "abcdefghijklmnopqrstuvwx\u{e9}",
    ])
    func `is nothing else`(text: String) {
        #expect(Identifier(text) == nil)
        let bytes = Array(text.utf8)
        let read = Identifier(bytes.span)
        #expect(read == nil)
    }

    @Test func `can be drawn, and read again`() {
        var random = SeededRandom(seed: 1)
        for _ in 0..<1_000 {
            let id = Identifier(using: &random)
            #expect(Identifier("\(id)") == id)
        }
    }

    /// 36,000 draws of each place: every character about 1,000 times.
    @Test func `favours no character at any place`() {
        var random = SeededRandom(seed: 2)
        var counts = [[Int]](repeating: [Int](repeating: 0, count: 128), count: 26)
        for _ in 0..<36_000 {
            for (place, byte) in Identifier(using: &random).utf8.enumerated() {
                counts[place][Int(byte)] += 1
            }
        }
        for place in counts {
            let seen = place.filter { $0 > 0 }
            #expect(seen.count == 36)
            #expect(seen.allSatisfy { abs($0 - 1_000) < 200 })
        }
    }

    /// A word at or above the largest multiple of 36¹² must be drawn again.
    @Test func `throws away draws that would favour the first ids`() {
        var dice = Dice(words: [.max, 4_738_381_338_321_616_896 * 3, 0, 0, 0])
        #expect("\(Identifier(using: &dice))" == String(repeating: "0", count: 26))
        #expect(dice.words.isEmpty)
    }

    @Test func `is ordered as its text is`() throws {
        var random = SeededRandom(seed: 3)
        let ids = (0..<100).map { _ in Identifier(using: &random) }
        #expect(ids.sorted().map { "\($0)" } == ids.map { "\($0)" }.sorted())
    }
}

private struct Dice: RandomNumberGenerator {
    var words: [UInt64]

    mutating func next() -> UInt64 { words.removeFirst() }
}
