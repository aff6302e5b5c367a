/// The name of an attribute (RFC 8489 section 18.3, RFC 8445 section 20.1, RFC 8656 section 18).
package struct STUNAttributeType: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let mappedAddress = STUNAttributeType(rawValue: 0x0001)
    package static let username = STUNAttributeType(rawValue: 0x0006)
    package static let messageIntegrity = STUNAttributeType(rawValue: 0x0008)
    package static let errorCode = STUNAttributeType(rawValue: 0x0009)
    package static let unknownAttributes = STUNAttributeType(rawValue: 0x000A)
    package static let lifetime = STUNAttributeType(rawValue: 0x000D)
    package static let xorPeerAddress = STUNAttributeType(rawValue: 0x0012)
    package static let data = STUNAttributeType(rawValue: 0x0013)
    package static let realm = STUNAttributeType(rawValue: 0x0014)
    package static let nonce = STUNAttributeType(rawValue: 0x0015)
    package static let xorRelayedAddress = STUNAttributeType(rawValue: 0x0016)
    package static let requestedTransport = STUNAttributeType(rawValue: 0x0019)
    package static let messageIntegritySHA256 = STUNAttributeType(rawValue: 0x001C)
    package static let xorMappedAddress = STUNAttributeType(rawValue: 0x0020)
    package static let priority = STUNAttributeType(rawValue: 0x0024)
    package static let useCandidate = STUNAttributeType(rawValue: 0x0025)
    package static let software = STUNAttributeType(rawValue: 0x8022)
    package static let fingerprint = STUNAttributeType(rawValue: 0x8028)
    package static let iceControlled = STUNAttributeType(rawValue: 0x8029)
    package static let iceControlling = STUNAttributeType(rawValue: 0x802A)

    /// Whether a request that bears this must be refused by those who don't know it.
    package var mustBeKnown: Bool { rawValue < 0x8000 }
}

/// One attribute of a message, where it lies.
package struct STUNAttribute: ~Escapable {
    package let type: STUNAttributeType
    /// Without the padding.
    package let value: Span<UInt8>

    @_lifetime(copy value)
    init(_ type: STUNAttributeType, _ value: Span<UInt8>) {
        self.type = type
        self.value = value
    }
}

/// Visits the attributes of a message in their order.
package struct STUNAttributes: ~Escapable {
    private let bytes: Span<UInt8>
    private var offset = 0

    /// `bytes` holds whole attributes with their padding; ``STUNMessage`` has made sure.
    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>) {
        self.bytes = bytes
    }

    @_lifetime(copy self)
    package mutating func next() -> STUNAttribute? {
        guard offset + 4 <= bytes.count else { return nil }
        let type = STUNAttributeType(rawValue: bytes.number16(at: offset))
        let start = offset + 4
        let end = start + Int(bytes.number16(at: offset + 2))
        offset = end.roundedUpToFour
        return STUNAttribute(type, bytes.extracting(start..<end))
    }
}
