extension LogFormat {
    /// Whether a field of this name is masked, whatever its value.
    ///
    /// A name is taken for a secret's if a secret's word is anywhere in it, in capitals or not, with
    /// hyphens, dots and underscores left out. This is asked for every field of every line, so
    /// nothing is allocated, and a name with none of the words' first letters is read but once.
    package static func masks(_ name: String) -> Bool {
        var letters = InlineArray<64, UInt8>(repeating: 0)
        var count = 0
        for byte in name.utf8.prefix(nameLimit) {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): letters[count] = byte | 0x20
            case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): continue
            default: letters[count] = byte
            }
            count += 1
        }
        for start in 0..<count {
            switch letters[start] {
            case UInt8(ascii: "t"), UInt8(ascii: "s"), UInt8(ascii: "p"), UInt8(ascii: "a"),
                UInt8(ascii: "c"):
                if beginsWord(letters, from: start, to: count) { return true }
            default:
                continue
            }
        }
        return false
    }

    private static func beginsWord(
        _ letters: InlineArray<64, UInt8>,
        from start: Int,
        to end: Int
    ) -> Bool {
        words: for word in secretWords where word.count <= end - start {
            for offset in word.indices where letters[start + offset] != word[offset] {
                continue words
            }
            return true
        }
        return false
    }

    /// Each begins with one of the letters above.
    private static let secretWords: [[UInt8]] = [
        "token", "secret", "password", "passwd", "passphrase", "privatekey", "authorization",
        "authkey", "apikey", "cookie", "credential",
    ].map { Array($0.utf8) }
}
