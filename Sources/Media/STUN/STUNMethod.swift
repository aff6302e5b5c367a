/// What a message is about: twelve bits of its type (RFC 8489 section 18.2, RFC 8656 section 17).
package struct STUNMethod: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt16

    /// Bits above the twelfth are cut off.
    package init(rawValue: UInt16) {
        self.rawValue = rawValue & 0xFFF
    }

    package static let binding = STUNMethod(rawValue: 0x001)
    package static let allocate = STUNMethod(rawValue: 0x003)
    package static let refresh = STUNMethod(rawValue: 0x004)
}

/// What a message is in its exchange: two bits of its type (RFC 8489 section 5).
package enum STUNClass: UInt8, Sendable {
    case request = 0b00
    case indication = 0b01
    case success = 0b10
    case failure = 0b11
}

/// Class and method share fourteen bits, interleaved so that old messages kept their numbers:
/// `M11…M7 C1 M6…M4 C0 M3…M0`.
struct STUNMessageType {
    var kind: STUNClass
    var method: STUNMethod

    init(_ kind: STUNClass, _ method: STUNMethod) {
        self.kind = kind
        self.method = method
    }

    init(bits: UInt16) {
        kind =
            switch (bits >> 8 & 1, bits >> 4 & 1) {
            case (0, 0): .request
            case (0, _): .indication
            case (_, 0): .success
            case (_, _): .failure
            }
        method = STUNMethod(rawValue: bits & 0xF | bits >> 1 & 0x70 | bits >> 2 & 0xF80)
    }

    var bits: UInt16 {
        let method = method.rawValue
        let kind = UInt16(kind.rawValue)
        return method & 0xF | (method & 0x70) << 1 | (method & 0xF80) << 2
            | (kind & 1) << 4 | (kind >> 1) << 8
    }
}
