package import Basics

/// Writes one STUN message into a buffer that the caller owns.
///
/// Append attributes in the order in which they shall lie, then MESSAGE-INTEGRITY, then
/// FINGERPRINT, then ask ``finish()`` for the size. A buffer that is too small is not an error of
/// each append but of the whole message: `finish()` answers nil.
package struct STUNWriter: ~Copyable, ~Escapable {
    private var bytes: MutableSpan<UInt8>
    private var count = STUNMessage.headerSize
    private var fits: Bool
    private let transaction: STUNTransactionID

    @_lifetime(copy buffer)
    package init(
        _ kind: STUNClass,
        _ method: STUNMethod,
        _ transaction: STUNTransactionID,
        into buffer: consuming MutableSpan<UInt8>
    ) {
        self.transaction = transaction
        fits = buffer.count >= STUNMessage.headerSize
        bytes = buffer
        guard fits else { return }
        bytes.set(STUNMessageType(kind, method).bits, at: 0)
        bytes.set(UInt16(0), at: 2)
        bytes.set(STUNMessage.cookie, at: 4)
        bytes.set(transaction.high, at: 8)
        bytes.set(transaction.low, at: 12)
    }

    /// The size of the whole message, or nil if the buffer was too small for it.
    package consuming func finish() -> Int? {
        fits ? count : nil
    }

    package mutating func append(_ type: STUNAttributeType, _ value: Span<UInt8>) {
        guard let start = begin(type, count: value.count) else { return }
        for index in value.indices { bytes[start + index] = value[index] }
    }

    package mutating func append(_ type: STUNAttributeType, _ text: String) {
        append(type, Array(text.utf8).span)
    }

    /// An attribute that says all by being there, such as USE-CANDIDATE.
    package mutating func append(_ type: STUNAttributeType) {
        _ = begin(type, count: 0)
    }

    package mutating func append(_ type: STUNAttributeType, _ number: UInt32) {
        guard let start = begin(type, count: 4) else { return }
        bytes.set(number, at: start)
    }

    package mutating func append(_ type: STUNAttributeType, _ number: UInt64) {
        guard let start = begin(type, count: 8) else { return }
        bytes.set(number, at: start)
    }

    /// MAPPED-ADDRESS as it is; every other address combined with cookie and transaction.
    package mutating func append(_ type: STUNAttributeType, _ address: SocketAddress) {
        let mask = type == .mappedAddress ? STUNAddressMask.none : STUNAddressMask(transaction)
        let bits = address.ip.v4Bits
        guard let start = begin(type, count: bits == nil ? 20 : 8) else { return }
        bytes[start] = 0
        bytes[start + 1] = bits == nil ? 0x02 : 0x01
        bytes.set(address.port ^ mask.port, at: start + 2)
        if let bits {
            bytes.set(bits ^ mask.v4, at: start + 4)
        } else {
            bytes.set(address.ip.high ^ mask.high, at: start + 4)
            bytes.set(address.ip.low ^ mask.low, at: start + 12)
        }
    }

    /// Of the reason at most 509 bytes, as section 14.8 wants it.
    package mutating func append(_ error: STUNErrorCode) {
        let reason = Array(error.reason.utf8.prefix(509))
        guard let start = begin(.errorCode, count: 4 + reason.count) else { return }
        bytes.set(UInt16(0), at: start)
        bytes[start + 2] = UInt8(truncatingIfNeeded: error.code / 100)
        bytes[start + 3] = UInt8(truncatingIfNeeded: error.code % 100)
        for (index, byte) in reason.enumerated() { bytes[start + 4 + index] = byte }
    }

    /// UNKNOWN-ATTRIBUTES.
    package mutating func append(unknown types: [STUNAttributeType]) {
        guard let start = begin(.unknownAttributes, count: 2 * types.count) else { return }
        for (index, type) in types.enumerated() { bytes.set(type.rawValue, at: start + 2 * index) }
    }

    /// MESSAGE-INTEGRITY over all that was appended so far.
    package mutating func appendIntegrity(_ key: STUNKey) {
        let end = count
        guard let start = begin(.messageIntegrity, count: STUNKey.tagSize) else { return }
        let tag = key.tag(of: bytes.span.extracting(0..<end))
        for index in tag.indices { bytes[start + index] = tag[index] }
    }

    /// FINGERPRINT over all that was appended so far. Nothing may follow it.
    package mutating func appendFingerprint() {
        let end = count
        guard let start = begin(.fingerprint, count: 4) else { return }
        bytes.set(STUNMessage.fingerprint(of: bytes.span.extracting(0..<end)), at: start)
    }

    /// Writes an attribute's head and padding, and the message's new length. Returns where the
    /// value goes, or nil if it does not fit.
    private mutating func begin(_ type: STUNAttributeType, count size: Int) -> Int? {
        let start = count + 4
        let end = start + size.roundedUpToFour
        fits = fits && end <= min(bytes.count, STUNMessage.headerSize + Int(UInt16.max))
        guard fits else { return nil }
        bytes.set(type.rawValue, at: count)
        bytes.set(UInt16(size), at: count + 2)
        for index in start + size..<end { bytes[index] = 0 }
        bytes.set(UInt16(end - STUNMessage.headerSize), at: 2)
        count = end
        return start
    }
}

extension MutableSpan<UInt8> {
    fileprivate mutating func set(_ number: some FixedWidthInteger, at offset: Int) {
        var shift = number.bitWidth
        for index in offset..<offset + number.bitWidth / 8 {
            shift -= 8
            self[index] = UInt8(truncatingIfNeeded: number >> shift)
        }
    }
}
