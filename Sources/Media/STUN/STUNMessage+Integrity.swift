internal import Basics

extension STUNMessage {
    /// Whether MESSAGE-INTEGRITY is there and was made with this key, so that everything that
    /// ``attributes`` shows was said by somebody who has it.
    package func isVouched(by key: STUNKey) -> Bool {
        guard let offset = integrityOffset else { return false }
        let tag = bytes.extracting(offset + 4..<offset + 24)
        return key.isTag(tag, of: bytes.extracting(0..<offset))
    }

    /// Whether FINGERPRINT is there and right: this is STUN and nothing that looks alike.
    package var hasValidFingerprint: Bool {
        guard let offset = fingerprintOffset else { return false }
        return bytes.number32(at: offset + 4) == Self.fingerprint(of: bytes.extracting(0..<offset))
    }

    /// The header among `bytes` must already count the attribute (section 14.7).
    static func fingerprint(of bytes: Span<UInt8>) -> UInt32 {
        CRC32.checksum(of: bytes) ^ 0x5354_554E
    }
}
