/// What a parameter of INIT, INIT ACK or RE-CONFIG says (RFC 9260 section 3.2.1).
struct SCTPParameterType: RawRepresentable, Hashable, Sendable {
    var rawValue: UInt16

    static var stateCookie: SCTPParameterType { SCTPParameterType(rawValue: 7) }
    static var unrecognized: SCTPParameterType { SCTPParameterType(rawValue: 8) }
    static var hostName: SCTPParameterType { SCTPParameterType(rawValue: 11) }
    static var zeroChecksum: SCTPParameterType { SCTPParameterType(rawValue: 0x8001) }
    static var extensions: SCTPParameterType { SCTPParameterType(rawValue: 0x8008) }
    static var forwardTSN: SCTPParameterType { SCTPParameterType(rawValue: 0xC000) }

    static var outgoingReset: SCTPParameterType { SCTPParameterType(rawValue: 13) }
    static var incomingReset: SCTPParameterType { SCTPParameterType(rawValue: 14) }
    static var wholeReset: SCTPParameterType { SCTPParameterType(rawValue: 15) }
    static var resetResponse: SCTPParameterType { SCTPParameterType(rawValue: 16) }
    static var addOutgoing: SCTPParameterType { SCTPParameterType(rawValue: 17) }
    static var addIncoming: SCTPParameterType { SCTPParameterType(rawValue: 18) }

    /// Known here and of no use on a single path inside DTLS: addresses (5, 6), Cookie Preservative
    /// (9), address types (12), ECN (0x8000), what AUTH brings (0x8002-0x8004), padding (0x8005),
    /// the adaptation layer (0xC006).
    var isOfNoUse: Bool {
        switch rawValue {
        case 5, 6, 9, 12, 0x8000, 0x8002...0x8005, 0xC006: true
        default: false
        }
    }

    /// What to do about one that nobody here knows: go on to the next, and tell.
    var maySkip: Bool { rawValue & 0x8000 != 0 }
    var wantsReport: Bool { rawValue & 0x4000 != 0 }
}

/// One parameter, where it lies.
struct SCTPParameter: ~Escapable {
    let type: SCTPParameterType
    let value: Span<UInt8>
    let whole: Span<UInt8>

    @_lifetime(copy whole)
    fileprivate init(_ whole: Span<UInt8>) {
        type = SCTPParameterType(rawValue: whole.number16(at: 0))
        value = whole.extracting(4..<whole.count)
        self.whole = whole
    }
}

/// Visits parameters in their order and ends at the first that does not end within the chunk.
struct SCTPParameters: ~Escapable {
    private let bytes: Span<UInt8>
    private var offset = 0
    private(set) var isBroken = false

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>) {
        self.bytes = bytes
    }

    @_lifetime(copy self)
    mutating func next() -> SCTPParameter? {
        guard offset < bytes.count, !isBroken else { return nil }
        guard offset + 4 <= bytes.count else {
            isBroken = true
            return nil
        }
        let count = Int(bytes.number16(at: offset + 2))
        guard count >= 4, offset + count <= bytes.count else {
            isBroken = true
            return nil
        }
        let start = offset
        offset += count.roundedUpToFour
        return SCTPParameter(bytes.extracting(start..<start + count))
    }
}
