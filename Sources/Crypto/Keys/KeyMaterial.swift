internal import Basics
internal import COpenSSL

/// What a key is made of.
enum KeyMaterial: Sendable {
    /// Shown by nobody: ``Secret`` prints as stars.
    case secret(Secret)
    case pair(OwnedKey)

    /// RFC 7518, section 3.2: as long as the digest at least. A PEM file is refused, for a public key
    /// taken for a secret is the oldest trick against tokens.
    static func checkSecret(_ secret: Span<UInt8>) throws(KeyFault) -> Secret {
        guard secret.count >= 32 else { throw .tooShort(bytes: secret.count, least: 32) }
        guard secret.count <= 4_096 else { throw .tooLong(bytes: secret.count, most: 4_096) }
        let bytes = secret.indices.map { secret[$0] }
        guard !bytes.starts(with: "-----BEGIN ".utf8) else {
            throw .wrongKind(expected: "the shared secret itself, not a PEM file")
        }
        return Secret(bytes)
    }

    static func algorithm(of key: OwnedKey) throws(KeyFault) -> SignatureAlgorithm {
        defer { withExtendedLifetime(key) {} }
        switch unsafe EVP_PKEY_get_base_id(key.pointer) {
        case EVP_PKEY_ED25519:
            return .edDSA
        case EVP_PKEY_EC:
            var name = [CChar](repeating: 0, count: 64)
            var length = 0
            unsafe EVP_PKEY_get_group_name(key.pointer, &name, name.count, &length)
            OpenSSLQueue.clear()
            let group = name.prefix(length).map { UInt8(bitPattern: $0) }
            guard group == Array("prime256v1".utf8) else { fallthrough }
            return .es256
        default:
            throw .wrongKind(expected: "an ECDSA key on P-256 or an Ed25519 key")
        }
    }
}

/// The two forms of an ECDSA signature on P-256: DER, as OpenSSL speaks it, and r and s side by side, as
/// JWS does (RFC 7518, section 3.4).
enum ECDSASignature {
    static func der(fromRaw raw: Span<UInt8>) -> [UInt8]? {
        guard raw.count == 64, let signature = unsafe ECDSA_SIG_new() else { return nil }
        defer { unsafe ECDSA_SIG_free(signature) }
        let numbers = unsafe (number(raw.extracting(0..<32)), number(raw.extracting(32..<64)))
        guard unsafe ECDSA_SIG_set0(signature, numbers.0, numbers.1) == 1 else {
            unsafe BN_free(numbers.0)
            unsafe BN_free(numbers.1)
            return nil
        }
        var der = [UInt8](repeating: 0, count: 80)
        let count = unsafe der.withUnsafeMutableBufferPointer { der in
            var end = der.baseAddress
            return unsafe i2d_ECDSA_SIG(signature, &end)
        }
        guard count > 0 else { return nil }
        return Array(der.prefix(Int(count)))
    }

    static func raw(fromDER der: [UInt8]) -> [UInt8]? {
        let signature = unsafe der.withUnsafeBufferPointer { der in
            var start = der.baseAddress
            return unsafe d2i_ECDSA_SIG(nil, &start, der.count)
        }
        guard let signature = unsafe signature else { return nil }
        defer { unsafe ECDSA_SIG_free(signature) }
        var r = [UInt8](repeating: 0, count: 32)
        var s = r
        let isWhole =
            unsafe BN_bn2binpad(ECDSA_SIG_get0_r(signature), &r, 32) == 32
            && BN_bn2binpad(ECDSA_SIG_get0_s(signature), &s, 32) == 32
        return isWhole ? r + s : nil
    }

    private static func number(_ bytes: Span<UInt8>) -> OpaquePointer? {
        unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe BN_bin2bn(bytes.baseAddress, CInt(bytes.count), nil)
        }
    }
}
