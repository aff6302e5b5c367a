/// Bytes as text in sixteen digits (RFC 4648, section 8): written small, read in either case.
package enum Hex {
    package static func encode(_ bytes: Span<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for index in bytes.indices {
            text.append(digit(of: bytes[index] >> 4))
            text.append(digit(of: bytes[index] & 15))
        }
        return String(decoding: text, as: UTF8.self)
    }

    package static func decode(_ text: Span<UInt8>) throws(EncodingFault) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2)
        var high: UInt8?
        for index in text.indices {
            guard let value = value(of: text[index]) else {
                throw EncodingFault(offset: index, rule: .strangeByte)
            }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        guard high == nil else { throw EncodingFault(offset: text.count, rule: .badLength) }
        return bytes
    }

    private static func digit(of value: UInt8) -> UInt8 {
        value < 10 ? value + UInt8(ascii: "0") : value - 10 + UInt8(ascii: "a")
    }

    private static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
