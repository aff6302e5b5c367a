/// Which bytes may stand where (RFC 9110 section 5.6, RFC 9112 section 3).
///
/// Each class is a set of 128 bits in two constants: one shift and no table to load.
enum HTTPSyntax {
    /// `tchar`: what names, methods and tokens are made of.
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool {
        isMember(byte, 0x03FF_6CFA_0000_0000, 0x57FF_FFFF_C7FF_FFFE)
    }

    /// Visible ASCII without `"`, `#`, `<` and `>`, which no client leaves unescaped in a target.
    @inline(__always)
    static func isTarget(_ byte: UInt8) -> Bool {
        isMember(byte, 0xAFFF_FFF2_0000_0000, 0x7FFF_FFFF_FFFF_FFFF)
    }

    /// `reg-name` without the comma, by which proxies join two Hosts into one.
    @inline(__always)
    static func isHostName(_ byte: UInt8) -> Bool {
        isMember(byte, 0x2BFF_6FF2_0000_0000, 0x47FF_FFFE_87FF_FFFE)
    }

    /// What a cookie's value is made of (RFC 6265 section 4.1.1).
    static func isCookie(_ byte: UInt8) -> Bool {
        isMember(byte, 0xF7FF_EFFA_0000_0000, 0x7FFF_FFFF_EFFF_FFFF)
    }

    /// Bytes that a line may hold besides its end: everything but controls, with tab.
    @inline(__always)
    static func isText(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7F || byte == 0x09
    }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09
    }

    @inline(__always)
    static func digit(_ byte: UInt8) -> UInt8? {
        byte &- 0x30 < 10 ? byte &- 0x30 : nil
    }

    @inline(__always)
    static func hexDigit(_ byte: UInt8) -> UInt8? {
        if byte &- 0x30 < 10 { return byte &- 0x30 }
        let letter = (byte | 0x20) &- 0x61
        return letter < 6 ? letter + 10 : nil
    }

    /// The byte in lower case, if it is a letter of ASCII.
    @inline(__always)
    static func lowercase(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    /// `host [ ":" port ]` with something in it (RFC 9110 section 7.2). No user, no list.
    static func isAuthority(_ text: Span<UInt8>) -> Bool {
        guard !text.isEmpty else { return false }
        var index = 0
        if text[0] == UInt8(ascii: "[") {
            index = 1
            while index < text.count, hexDigit(text[index]) != nil || isAddressMark(text[index]) {
                index += 1
            }
            guard index > 2, index < text.count, text[index] == UInt8(ascii: "]") else {
                return false
            }
            index += 1
        } else {
            while index < text.count, isHostName(text[index]) {
                index += 1
            }
            guard index > 0 else { return false }
        }
        guard index < text.count else { return true }
        guard text[index] == UInt8(ascii: ":"), text.count - index <= 6 else { return false }
        for index in index + 1..<text.count where digit(text[index]) == nil {
            return false
        }
        return true
    }

    private static func isAddressMark(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
    }

    @inline(__always)
    private static func isMember(_ byte: UInt8, _ low: UInt64, _ high: UInt64) -> Bool {
        guard byte < 128 else { return false }
        let half = byte < 64 ? low : high
        return half >> UInt64(byte & 63) & 1 != 0
    }
}

extension Span<UInt8> {
    /// Whether these are exactly the letters of `text`.
    @inline(__always)
    func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        let letters = unsafe text.utf8Start
        for index in 0..<count where unsafe self[index] != letters[index] {
            return false
        }
        return true
    }

    /// Whether these are the letters of `text`, which is in lower case, in any case.
    @inline(__always)
    func equalsInAnyCase(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        let letters = unsafe text.utf8Start
        for index in 0..<count where unsafe HTTPSyntax.lowercase(self[index]) != letters[index] {
            return false
        }
        return true
    }

    func equalsInAnyCase(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count
        where HTTPSyntax.lowercase(self[index]) != HTTPSyntax.lowercase(other[index]) {
            return false
        }
        return true
    }

    /// The part between the blanks at both ends of `range`.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, HTTPSyntax.isBlank(self[lower]) {
            lower += 1
        }
        while lower < upper, HTTPSyntax.isBlank(self[upper - 1]) {
            upper -= 1
        }
        return lower..<upper
    }

    /// Walks the members of a comma-separated list (RFC 9110 section 5.6.1), blanks trimmed and
    /// empty ones left out, until `body` returns true. Commas in quotes are not spared.
    func anyListMember(where body: (Range<Int>) -> Bool) -> Bool {
        var start = 0
        for index in 0...count where index == count || self[index] == UInt8(ascii: ",") {
            let member = trimmed(start..<index)
            if !member.isEmpty, body(member) { return true }
            start = index + 1
        }
        return false
    }
}
