import Basics
import Testing

@Suite struct `Base64 text` {
    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func `spells the words of its RFC`(plain: String, coded: String) throws {
        let bytes = Array(plain.utf8)
        #expect(encode(bytes, .standard) == coded)
        #expect(try decode(coded, .standard) == bytes)
        let unpadded = coded.filter { $0 != "=" }
        #expect(encode(bytes, .url) == unpadded)
        #expect(try decode(unpadded, .url) == bytes)
    }

    @Test func `has two characters for URLs that the standard spells otherwise`() {
        #expect(encode([0xfb, 0xff], .standard) == "+/8=")
        #expect(encode([0xfb, 0xff], .url) == "-_8")
        #expect(fault(of: "-_8=", .standard) == EncodingFault(offset: 0, rule: .strangeByte))
        #expect(fault(of: "+/8", .url) == EncodingFault(offset: 0, rule: .strangeByte))
    }

    @Test(arguments: [
        ("Zg", 2, EncodingFault.Rule.badPadding), ("Zg=", 3, .badPadding), ("Z===", 1, .badPadding),
        ("=", 1, .badPadding), ("====", 0, .badPadding), ("Zg==Zg==", 2, .badPadding),
        ("Zh==", 1, .strayBits), ("Zm9=", 2, .strayBits), ("Zg==\n", 2, .badPadding),
        ("Zm9v ", 4, .strangeByte), ("Zm\u{e9}v", 2, .strangeByte), ("Zg==A", 2, .badPadding),
    ])
    func `refuses a second spelling`(text: String, offset: Int, rule: EncodingFault.Rule) {
        #expect(fault(of: text, .standard) == EncodingFault(offset: offset, rule: rule))
    }

    @Test(arguments: [
        ("Z", 1, EncodingFault.Rule.badLength), ("Zg==", 2, .strangeByte), ("Zh", 1, .strayBits),
        ("Zm9", 2, .strayBits), ("Zm9vZ", 5, .badLength),
    ])
    func `refuses a second spelling for URLs`(
        text: String,
        offset: Int,
        rule: EncodingFault.Rule
    ) {
        #expect(fault(of: text, .url) == EncodingFault(offset: offset, rule: rule))
    }

    @Test(arguments: UInt64(0)..<50)
    func `gives back what it was given`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let count = Int.random(in: 0...300, using: &random)
        let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        for form in [Base64.standard, .url] {
            let text = form.encode(bytes.span)
            #expect(try decode(text, form) == bytes)
        }
        let digits = Array(Hex.encode(bytes.span).utf8)
        let again = try Hex.decode(digits.span)
        #expect(again == bytes)
    }

    private func encode(_ bytes: [UInt8], _ form: Base64) -> String {
        form.encode(bytes.span)
    }

    private func decode(_ text: String, _ form: Base64) throws(EncodingFault) -> [UInt8] {
        let bytes = Array(text.utf8)
        return try form.decode(bytes.span)
    }

    private func fault(of text: String, _ form: Base64) -> EncodingFault? {
        do {
            _ = try decode(text, form)
            return nil
        } catch {
            return error
        }
    }
}

@Suite struct `Hexadecimal text` {
    @Test func `is written small and read in either case`() throws {
        let bytes: [UInt8] = [0, 0x9a, 0xff]
        let text = Hex.encode(bytes.span)
        #expect(text == "009aff")
        #expect(try decode("009AfF") == bytes)
    }

    @Test func `names the byte that is wrong`() {
        #expect(throws: EncodingFault(offset: 3, rule: .strangeByte)) {
            try decode("00fg")
        }
        #expect(throws: EncodingFault(offset: 3, rule: .badLength)) {
            try decode("00f")
        }
    }

    private func decode(_ text: String) throws(EncodingFault) -> [UInt8] {
        let bytes = Array(text.utf8)
        return try Hex.decode(bytes.span)
    }
}
