internal import Basics

/// What the two sides of a data channel say about it (RFC 8832 section 5).
///
///     |   type 3    | channel type |  priority    |
///     |        reliability parameter              |
///     | label's length   | protocol's length      |
///     | label ... protocol ...                    |
///
/// ACK is a single byte, 2.
package enum DCEPMessage: Equatable, Sendable {
    case open(ChannelOpening)
    case acknowledgement

    /// Nil if the bytes are no such message, or say lengths that they don't have.
    package init?(_ bytes: Span<UInt8>) {
        guard bytes.count >= 1 else { return nil }
        switch bytes[0] {
        case 2 where bytes.count == 1:
            self = .acknowledgement
        case 3 where bytes.count >= 12:
            let labelEnd = 12 + Int(bytes.number16(at: 8))
            let end = labelEnd + Int(bytes.number16(at: 10))
            guard end == bytes.count else { return nil }
            let parameter = bytes.number32(at: 4)
            let reliability: SCTPReliability
            switch bytes[1] & 0x7F {
            case 0: reliability = .full
            case 1: reliability = .retransmits(parameter)
            case 2: reliability = .lifetime(.milliseconds(Int64(parameter)))
            default: return nil
            }
            self = .open(
                ChannelOpening(
                    label: bytes.text(12..<labelEnd),
                    subprotocol: bytes.text(labelEnd..<end),
                    priority: bytes.number16(at: 2),
                    isOrdered: bytes[1] & 0x80 == 0,
                    reliability: reliability
                )
            )
        default: return nil
        }
    }

    /// A label or protocol beyond 65,535 bytes is cut there.
    package var bytes: [UInt8] {
        switch self {
        case .acknowledgement: [2]
        case .open(let opening): opening.bytes
        }
    }
}

/// How a data channel is to be (RFC 8831 section 6.4).
package struct ChannelOpening: Equatable, Sendable {
    package var label: String
    package var subprotocol: String
    package var priority: UInt16
    package var isOrdered: Bool
    package var reliability: SCTPReliability

    package init(
        label: String,
        subprotocol: String = "",
        priority: UInt16 = 256,
        isOrdered: Bool = true,
        reliability: SCTPReliability = .full
    ) {
        self.label = label
        self.subprotocol = subprotocol
        self.priority = priority
        self.isOrdered = isOrdered
        self.reliability = reliability
    }

    fileprivate var bytes: [UInt8] {
        let label = label.utf8.prefix(Int(UInt16.max))
        let subprotocol = subprotocol.utf8.prefix(Int(UInt16.max))
        let (kind, parameter): (UInt8, UInt32) =
            switch reliability {
            case .full: (0, 0)
            case .retransmits(let count): (1, count)
            case .lifetime(let duration): (2, UInt32(clamping: duration.milliseconds))
            }
        var bytes: [UInt8] = [3, isOrdered ? kind : kind | 0x80]
        bytes.append(number: priority)
        bytes.append(number: parameter)
        bytes.append(number: UInt16(label.count))
        bytes.append(number: UInt16(subprotocol.count))
        bytes += label
        bytes += subprotocol
        return bytes
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000)
        return isTooLong ? .max : whole &+ attoseconds / 1_000_000_000_000_000
    }
}

extension Span<UInt8> {
    /// Bytes that are not UTF-8 become replacement characters.
    fileprivate func text(_ range: Range<Int>) -> String {
        String(decoding: extracting(range).copied, as: UTF8.self)
    }
}

extension [UInt8] {
    fileprivate mutating func append(number: some FixedWidthInteger) {
        for place in stride(from: number.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: number >> place))
        }
    }
}
