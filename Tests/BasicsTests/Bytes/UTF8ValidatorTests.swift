import Basics
import Testing

@Suite struct `A UTF-8 validator` {
    @Test func `takes every character there is, cut at every byte`() {
        for value in UInt32(0)...0x10_FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            var validator = UTF8Validator()
            let bytes = Array(String(scalar).utf8)
            for (index, byte) in bytes.enumerated() {
                guard validator.accept([byte].span) == nil else {
                    Issue.record("refuses byte \(index) of U+\(String(value, radix: 16))")
                    return
                }
                guard validator.isWhole == (index == bytes.count - 1) else {
                    Issue.record("loses count at U+\(String(value, radix: 16))")
                    return
                }
            }
        }
    }

    @Test(
        arguments: [
            ([0x80], 0), ([0xC0, 0xAF], 0), ([0xC1, 0xBF], 0), ([0xE0, 0x9F, 0xBF], 1),
            ([0xED, 0xA0, 0x80], 1), ([0xF0, 0x8F, 0xBF, 0xBF], 1), ([0xF4, 0x90, 0x80, 0x80], 1),
            ([0xF5], 0), ([0xFE], 0), ([0xFF], 0), ([0xCE, 0x41], 1), ([0xE2, 0x82, 0x41], 2),
        ] as [([UInt8], Int)]
    )
    func `names the byte that spoils a text`(bytes: [UInt8], offset: Int) {
        for prefix in 0...20 {
            var validator = UTF8Validator()
            let text = [UInt8](repeating: 0x20, count: prefix) + bytes
            #expect(validator.accept(text.span) == prefix + offset)
        }
    }

    @Test func `is not whole within a character`() {
        var validator = UTF8Validator()
        #expect(validator.accept([0x41, 0xE2, 0x82].span) == nil)
        #expect(!validator.isWhole)
        #expect(validator.accept([0xAC].span) == nil)
        #expect(validator.isWhole)
    }

    /// Random bytes that are often nearly right, in random pieces, against the standard library.
    @Test(arguments: UInt64(0)..<200)
    func `agrees with the standard library, however the text was cut`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let words = ["a", "plain ascii words ", "é", "€", "😀", "\u{0}"].map { Array($0.utf8) }
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 0...30, using: &random) {
            bytes += words.randomElement(using: &random) ?? []
        }
        if !bytes.isEmpty, Bool.random(using: &random) {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            bytes[place] = UInt8.random(in: .min ... .max, using: &random)
        }
        var validator = UTF8Validator()
        var start = 0
        var fault: Int?
        while start < bytes.count, fault == nil {
            let end = min(bytes.count, start + Int.random(in: 1...24, using: &random))
            fault = validator.accept(bytes.span.extracting(start..<end)).map { start + $0 }
            start = end
        }
        let isValid = String(validating: bytes, as: UTF8.self) != nil
        #expect((fault == nil && validator.isWhole) == isValid, "seed \(seed)")
        guard let fault else { return }
        // Up to the fault it could have become a text; with it, it can't.
        let before = String(decoding: bytes[..<fault], as: UTF8.self).unicodeScalars
        #expect(before.filter { $0 == "\u{FFFD}" }.count <= 1, "seed \(seed)")
    }
}
