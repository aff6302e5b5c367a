package import Basics

// What attributes mean. A value that breaks its attribute's rule is no value: nil.
extension STUNMessage {
    /// MAPPED-ADDRESS as it stands; every other address combined with cookie and transaction
    /// (RFC 8489 sections 14.1 and 14.2).
    package func address(_ type: STUNAttributeType) -> SocketAddress? {
        guard let value = self[type], value.count >= 4 else { return nil }
        let mask = type == .mappedAddress ? STUNAddressMask.none : STUNAddressMask(transaction)
        let port = value.number16(at: 2) ^ mask.port
        switch (value[1], value.count) {
        case (0x01, 8):
            return SocketAddress(ip: IPAddress(v4: value.number32(at: 4) ^ mask.v4), port: port)
        case (0x02, 20):
            let high = value.number64(at: 4) ^ mask.high
            let low = value.number64(at: 12) ^ mask.low
            return SocketAddress(ip: IPAddress(v6: high, low), port: port)
        default:
            return nil
        }
    }

    /// PRIORITY, LIFETIME.
    package func number32(_ type: STUNAttributeType) -> UInt32? {
        guard let value = self[type], value.count == 4 else { return nil }
        return value.number32(at: 0)
    }

    /// ICE-CONTROLLED, ICE-CONTROLLING.
    package func number64(_ type: STUNAttributeType) -> UInt64? {
        guard let value = self[type], value.count == 8 else { return nil }
        return value.number64(at: 0)
    }

    /// USE-CANDIDATE, and whether any other attribute is there at all.
    package func has(_ type: STUNAttributeType) -> Bool {
        self[type] != nil
    }

    /// A value that is text. Bytes that are not UTF-8 become replacement characters.
    package func text(_ type: STUNAttributeType) -> String? {
        guard let value = self[type] else { return nil }
        return String(decoding: value.copied, as: UTF8.self)
    }

    /// A value for those who must hand it back as it came.
    package func copy(of type: STUNAttributeType) -> [UInt8]? {
        self[type]?.copied
    }

    package var error: STUNErrorCode? {
        guard let value = self[.errorCode], value.count >= 4 else { return nil }
        let (hundreds, rest) = (UInt16(value[2] & 7), UInt16(value[3]))
        guard (3...6).contains(hundreds), rest < 100 else { return nil }
        let reason = value.extracting(4..<value.count)
        return STUNErrorCode(
            hundreds * 100 + rest,
            String(decoding: reason.copied, as: UTF8.self)
        )
    }

    /// Attributes that must be known but, by this list, are not. A request that has any is answered
    /// 420 with their names (RFC 8489 section 6.3.1); sixteen say enough.
    package func unknownAttributes(besides known: [STUNAttributeType]) -> [STUNAttributeType] {
        var unknown: [STUNAttributeType] = []
        var attributes = attributes
        while let attribute = attributes.next() {
            let type = attribute.type
            guard type.mustBeKnown, !known.contains(type), !unknown.contains(type) else { continue }
            guard unknown.count < 16 else { break }
            unknown.append(type)
        }
        return unknown
    }
}

/// Why a request was refused (RFC 8489 section 14.8): 300 to 699, and words for people.
package struct STUNErrorCode: Hashable, Sendable, CustomStringConvertible {
    package var code: UInt16
    package var reason: String

    package init(_ code: UInt16, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    package static let unauthorized: UInt16 = 401
    package static let staleNonce: UInt16 = 438

    package var description: String { "\(code) \(reason)" }
}

/// What addresses are combined with, so that no gateway on the way takes them for its own and
/// rewrites them.
struct STUNAddressMask {
    var port: UInt16
    var v4: UInt32
    var high: UInt64
    var low: UInt64

    static var none: STUNAddressMask { STUNAddressMask(port: 0, v4: 0, high: 0, low: 0) }

    init(_ transaction: STUNTransactionID) {
        port = UInt16(STUNMessage.cookie >> 16)
        v4 = STUNMessage.cookie
        high = UInt64(STUNMessage.cookie) << 32 | UInt64(transaction.high)
        low = transaction.low
    }

    private init(port: UInt16, v4: UInt32, high: UInt64, low: UInt64) {
        self.port = port
        self.v4 = v4
        self.high = high
        self.low = low
    }
}
