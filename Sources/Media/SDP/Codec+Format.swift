extension SessionDescription.Format {
    /// What this format is, if it is something Roost forwards.
    ///
    /// Formats of one name are different codecs when their profiles differ: what one of them says the
    /// decoder of the other can't be relied on to understand (RFC 6184 section 8.2.2, RFC 9628
    /// section 6, AV1 RTP specification section 7.2).
    var codec: Codec? {
        for codec in Codec.allCases where codec.clockRate == clockRate {
            guard isNamed(codec.encodingName) else { continue }
            switch codec {
            // Opus is always said to have two (RFC 7587 section 4.1), so who says nothing means no other.
            case .opus: return channels <= 2 ? codec : nil
            case .red: return channels == 2 ? codec : nil
            case .vp8: return codec
            case .vp9: return parameter("profile-id") ?? "0" == "0" ? codec : nil
            case .av1: return parameter("profile") ?? "0" == "0" ? codec : nil
            case .h264:
                let isFragmented = parameter("packetization-mode") == "1"
                return isFragmented && isConstrainedBaseline ? codec : nil
            }
        }
        return nil
    }

    /// The payload type whose lost packets come again in this format (RFC 4588 section 8).
    var repaired: PayloadType? {
        guard isNamed("rtx"), let number = parameter("apt").flatMap({ UInt8($0) }), number <= 127
        else { return nil }
        return PayloadType(number)
    }

    /// The payload type of the first block in a packet of RFC 2198.
    var primary: PayloadType? {
        parameters.split(separator: "/").first.flatMap { UInt8($0) }.map { PayloadType($0) }
    }

    /// The value of one of the parameters, which stand as `name=value;name=value` in any order.
    func parameter(_ name: String) -> Substring? {
        for parameter in parameters.utf8.split(separator: UInt8(ascii: ";")) {
            let trimmed = parameter.drop { $0 == UInt8(ascii: " ") }
            guard let equals = trimmed.firstIndex(of: UInt8(ascii: "=")),
                trimmed[..<equals].equalsIgnoringCase(name.utf8)
            else { continue }
            let value = trimmed[trimmed.index(after: equals)...]
            return Substring(value.prefix { $0 != UInt8(ascii: " ") })
        }
        return nil
    }

    /// Encoding names are compared without regard to case (RFC 8866 section 6.6).
    private func isNamed(_ other: String) -> Bool { name.utf8.equalsIgnoringCase(other.utf8) }

    /// Whether every decoder of H.264 in a browser can show it: profile 66 with the second constraint,
    /// 77 with the first, or 88 with both (RFC 6184 section 8.1, table 5).
    private var isConstrainedBaseline: Bool {
        guard let text = parameter("profile-level-id"), text.utf8.count == 6,
            let number = UInt32(text, radix: 16)
        else { return false }
        let profile = number >> 16
        let constraints = number >> 8 & 0xFF
        return switch profile {
        case 0x42: constraints & 0b0100_1111 == 0b0100_0000
        case 0x4D: constraints & 0b1000_1111 == 0b1000_0000
        case 0x58: constraints & 0b1100_1111 == 0b1100_0000
        default: false
        }
    }
}

extension Collection<UInt8> {
    fileprivate func equalsIgnoringCase(_ other: some Collection<UInt8>) -> Bool {
        count == other.count
            && zip(self, other).allSatisfy { one, two in
                one == two
                    || (one ^ two == 0x20 && UInt8(ascii: "a")...UInt8(ascii: "z") ~= one | 0x20)
            }
    }
}
