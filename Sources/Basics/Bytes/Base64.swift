/// Bytes as text in 64 characters (RFC 4648): with padding, or for URLs without.
///
/// Strict, so that one value has one spelling and a comparison of texts is one of values: no white
/// space, padding exactly where it belongs, no bits to spare (section 3.5). Three bytes of room are
/// asked for each four characters, which bounds memory by the length of the text.
package enum Base64: Sendable {
    /// `+` and `/`, padded with `=` (section 4).
    case standard
    /// `-` and `_`, never padded (section 5, as JWS wants it: RFC 7515, section 2).
    case url

    package func encode(_ bytes: Span<UInt8>) -> String {
        var text: [UInt8] = []
        append(bytes, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    package func append(_ bytes: Span<UInt8>, to text: inout [UInt8]) {
        text.reserveCapacity(text.count + (bytes.count + 2) / 3 * 4)
        var index = 0
        while index + 2 < bytes.count {
            let group =
                UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8
                | UInt32(bytes[index + 2])
            append(group, characters: 4, to: &text)
            index += 3
        }
        switch bytes.count - index {
        case 1: append(UInt32(bytes[index]) << 16, characters: 2, to: &text)
        case 2:
            let group = UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8
            append(group, characters: 3, to: &text)
        default: break
        }
    }

    package func decode(_ text: Span<UInt8>) throws(EncodingFault) -> [UInt8] {
        let count = try countOfCharacters(in: text)
        guard count % 4 != 1 else { throw EncodingFault(offset: count, rule: .badLength) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count / 4 * 3 + 2)
        var group: UInt32 = 0
        for index in 0..<count {
            guard let value = value(of: text[index]) else {
                throw EncodingFault(offset: index, rule: strangeness(of: text[index]))
            }
            group = group << 6 | UInt32(value)
            guard index % 4 == 3 else { continue }
            bytes.append(UInt8(truncatingIfNeeded: group >> 16))
            bytes.append(UInt8(truncatingIfNeeded: group >> 8))
            bytes.append(UInt8(truncatingIfNeeded: group))
            group = 0
        }
        let spare: UInt32
        switch count % 4 {
        case 2:
            bytes.append(UInt8(truncatingIfNeeded: group >> 4))
            spare = group & 0b1111
        case 3:
            bytes.append(UInt8(truncatingIfNeeded: group >> 10))
            bytes.append(UInt8(truncatingIfNeeded: group >> 2))
            spare = group & 0b11
        default:
            spare = 0
        }
        guard spare == 0 else { throw EncodingFault(offset: count - 1, rule: .strayBits) }
        return bytes
    }

    /// How many characters stand before the padding.
    private func countOfCharacters(in text: Span<UInt8>) throws(EncodingFault) -> Int {
        guard self == .standard else { return text.count }
        let padding = UInt8(ascii: "=")
        var count = text.count
        while count > 0, text.count - count < 2, text[count - 1] == padding { count -= 1 }
        guard text.count % 4 == 0 else {
            // A strange character is the better thing to name, if there is one.
            for index in 0..<count where value(of: text[index]) == nil {
                throw EncodingFault(offset: index, rule: strangeness(of: text[index]))
            }
            throw EncodingFault(offset: text.count, rule: .badPadding)
        }
        return count
    }

    private func strangeness(of byte: UInt8) -> EncodingFault.Rule {
        self == .standard && byte == UInt8(ascii: "=") ? .badPadding : .strangeByte
    }

    private func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+") where self == .standard, UInt8(ascii: "-") where self == .url: 62
        case UInt8(ascii: "/") where self == .standard, UInt8(ascii: "_") where self == .url: 63
        default: nil
        }
    }

    private func character(of value: UInt8) -> UInt8 {
        switch value {
        case 0..<26: value + UInt8(ascii: "A")
        case 26..<52: value - 26 + UInt8(ascii: "a")
        case 52..<62: value - 52 + UInt8(ascii: "0")
        case 62: self == .standard ? UInt8(ascii: "+") : UInt8(ascii: "-")
        default: self == .standard ? UInt8(ascii: "/") : UInt8(ascii: "_")
        }
    }

    private func append(_ group: UInt32, characters: Int, to text: inout [UInt8]) {
        for place in 0..<4 {
            if place < characters {
                let value = UInt8(truncatingIfNeeded: group >> UInt32(18 - 6 * place)) & 63
                text.append(character(of: value))
            } else if self == .standard {
                text.append(UInt8(ascii: "="))
            }
        }
    }
}
