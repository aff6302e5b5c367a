/// Says whether bytes that arrive in pieces are UTF-8, and refuses the first one that can't be.
///
/// A text that comes in many fragments must be refused as soon as it is wrong, not when its last
/// fragment arrives, and a character may be cut anywhere. So the validator remembers, between two
/// pieces, how many continuation bytes are due and between which bounds the next must lie. The
/// bounds are those of the table in RFC 3629 section 4: they leave out overlong forms, surrogates and
/// all above U+10FFFF.
///
///                  C2…DF: one due, 80…BF
///     ╭── 00…7F    E0: two, A0…BF   E1…EC, EE, EF: two, 80…BF   ED: two, 80…9F
///     ╰─▶ whole    F0: three, 90…BF   F1…F3: three, 80…BF   F4: three, 80…8F
///           │ ▲
///           ▼ │ last one due
///          due ──╮ one less due, 80…BF
///             ▲──╯
package struct UTF8Validator: Sendable {
    private var due: UInt8 = 0
    private var lowest: UInt8 = 0x80
    private var highest: UInt8 = 0xBF

    package init() {}

    /// Whether everything so far ends at the end of a character.
    package var isWhole: Bool { due == 0 }

    /// Takes the next piece. Returns the offset in it of the first byte that makes the text invalid,
    /// or nil if there is none; after an offset the validator has no more to say.
    package mutating func accept(_ piece: Span<UInt8>) -> Int? {
        var offset = 0
        while offset < piece.count {
            if due == 0 {
                offset = endOfASCII(in: piece, from: offset)
                guard offset < piece.count else { return nil }
            }
            guard accept(piece[offset]) else { return offset }
            offset += 1
        }
        return nil
    }

    private mutating func accept(_ byte: UInt8) -> Bool {
        if due > 0 {
            guard byte >= lowest && byte <= highest else { return false }
            due -= 1
            lowest = 0x80
            highest = 0xBF
            return true
        }
        switch byte {
        case 0x00...0x7F: break
        case 0xC2...0xDF: expect(1)
        case 0xE0: expect(2, from: 0xA0)
        case 0xED: expect(2, to: 0x9F)
        case 0xE1...0xEF: expect(2)
        case 0xF0: expect(3, from: 0x90)
        case 0xF1...0xF3: expect(3)
        case 0xF4: expect(3, to: 0x8F)
        default: return false
        }
        return true
    }

    private mutating func expect(_ count: UInt8, from low: UInt8 = 0x80, to high: UInt8 = 0xBF) {
        due = count
        lowest = low
        highest = high
    }

    /// Nearly all of what is said here is JSON, and nearly all of that is ASCII: eight at a time.
    private func endOfASCII(in piece: Span<UInt8>, from start: Int) -> Int {
        let bytes = unsafe piece.bytes
        var offset = start
        while offset + 8 <= piece.count {
            // The loop's condition is the bound that the load needs.
            let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let high = word.littleEndian & 0x8080_8080_8080_8080
            guard high == 0 else { return offset + high.trailingZeroBitCount / 8 }
            offset += 8
        }
        while offset < piece.count && piece[offset] < 0x80 { offset += 1 }
        return offset
    }
}
