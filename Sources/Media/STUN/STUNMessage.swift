/// A STUN message, read where it lies (RFC 8489 section 5).
///
///      0                   1                   2                   3
///     |0 0|    type                   |            length             |
///     |                  magic cookie 2112A442                        |
///     |                      transaction, 96 bits                     |
///     |    attribute's type           |    its length                 |
///     |    its value, padded to four bytes                           ...
///
/// Creating one walks the attributes once, so that afterwards each can be visited without a check
/// that fails. Nothing is copied or allocated. What follows MESSAGE-INTEGRITY is not vouched for by
/// anybody and therefore not shown (section 14.5); of several attributes of one type the first
/// counts (section 14).
package struct STUNMessage: ~Escapable {
    package let kind: STUNClass
    package let method: STUNMethod
    package let transaction: STUNTransactionID
    let bytes: Span<UInt8>
    /// Where these two attributes begin, if they are there.
    let integrityOffset: Int?
    let fingerprintOffset: Int?
    /// Where the attributes end that anybody may look at.
    private let visibleEnd: Int

    /// Reads one datagram, or one message cut out of a stream with ``size(from:)``.
    @_lifetime(copy bytes)
    package init(_ bytes: Span<UInt8>) throws(STUNFault) {
        guard let size = try Self.size(from: bytes), bytes.count >= Self.headerSize else {
            throw STUNFault(.header, at: bytes.count)
        }
        guard size == bytes.count else { throw STUNFault(.length, at: 2) }
        guard bytes.number32(at: 4) == Self.cookie else { throw STUNFault(.cookie, at: 4) }
        let type = STUNMessageType(bits: bytes.number16(at: 0))
        kind = type.kind
        method = type.method
        transaction = STUNTransactionID(high: bytes.number32(at: 8), low: bytes.number64(at: 12))
        self.bytes = bytes

        var integrity: Int?
        var fingerprint: Int?
        var visibleEnd: Int?
        var offset = Self.headerSize
        while offset < bytes.count {
            // The length is a multiple of four and so is every step, so a head is whole.
            let count = Int(bytes.number16(at: offset + 2))
            let end = offset + 4 + count.roundedUpToFour
            guard end <= bytes.count else { throw STUNFault(.attribute, at: offset) }
            switch STUNAttributeType(rawValue: bytes.number16(at: offset)) {
            case .messageIntegrity where visibleEnd == nil:
                guard count == 20 else { throw STUNFault(.integrity, at: offset) }
                integrity = offset
                visibleEnd = offset
            case .messageIntegritySHA256 where visibleEnd == nil:
                visibleEnd = offset
            case .fingerprint:
                guard count == 4, end == bytes.count else {
                    throw STUNFault(.fingerprint, at: offset)
                }
                fingerprint = offset
                visibleEnd = visibleEnd ?? offset
            default: break
            }
            offset = end
        }
        integrityOffset = integrity
        fingerprintOffset = fingerprint
        self.visibleEnd = visibleEnd ?? bytes.count
    }

    /// How many bytes the message takes that begins here, or nil if more must come to tell.
    ///
    /// For streams, which don't keep messages apart. At most 65,552.
    package static func size(from bytes: Span<UInt8>) throws(STUNFault) -> Int? {
        guard !bytes.isEmpty else { return nil }
        guard bytes[0] < 0b0100_0000 else { throw STUNFault(.firstBits, at: 0) }
        guard bytes.count >= 4 else { return nil }
        let length = Int(bytes.number16(at: 2))
        guard length.isMultiple(of: 4) else { throw STUNFault(.length, at: 2) }
        return headerSize + length
    }

    /// The attributes that may be looked at, in their order.
    package var attributes: STUNAttributes {
        @_lifetime(copy self)
        get { STUNAttributes(bytes.extracting(Self.headerSize..<visibleEnd)) }
    }

    /// The value of the first attribute of this type.
    package subscript(type: STUNAttributeType) -> Span<UInt8>? {
        @_lifetime(copy self)
        get {
            var attributes = attributes
            while let attribute = attributes.next() {
                if attribute.type == type { return attribute.value }
            }
            return nil
        }
    }

    static var headerSize: Int { 20 }
    static var cookie: UInt32 { 0x2112_A442 }
}
