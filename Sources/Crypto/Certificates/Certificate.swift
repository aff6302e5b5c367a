internal import COpenSSL

/// What a certificate says, read once: whom it is for, until when, and its fingerprint.
package struct Certificate: Hashable, Sendable {
    /// The common name, or the whole subject if it has none.
    package var subject: String
    /// Host names and addresses it is for (subject alternative names; the subject is not looked at,
    /// since clients don't look at it either: RFC 6125, section 6.4.4).
    package var names: [String]
    /// Seconds since 1970.
    package var notBefore: Int64
    package var notAfter: Int64
    /// SHA-256 of its DER form.
    package var fingerprint: [UInt8]
    /// It signed itself, so that nobody trusts it who was not told to.
    package var isSelfSigned: Bool
    /// Such as "ECDSA P-256" or "RSA 2048".
    package var key: String

    /// Reads every certificate of a PEM text, in its order: a server's own one first.
    package static func chain(pem: Span<UInt8>) throws(KeyFault) -> [Certificate] {
        try PEMReader.certificates(in: pem).map { Certificate($0) }
    }

    /// The fingerprint as browsers and `openssl x509 -fingerprint -sha256` show it.
    package var fingerprintText: String {
        let digits = Array("0123456789ABCDEF".utf8)
        var text: [UInt8] = []
        for byte in fingerprint {
            if !text.isEmpty { text.append(UInt8(ascii: ":")) }
            text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension Certificate {
    init(_ certificate: OwnedCertificate) {
        self = unsafe Certificate(borrowing: certificate.pointer)
        withExtendedLifetime(certificate) {}
    }

    /// Reads an `X509` that somebody else owns.
    init(borrowing pointer: OpaquePointer) {
        let name = unsafe X509_get_subject_name(pointer)
        unsafe subject = Self.commonName(name) ?? Self.wholeName(name)
        unsafe names = Self.alternativeNames(of: pointer)
        unsafe notBefore = Self.seconds(X509_get0_notBefore(pointer))
        unsafe notAfter = Self.seconds(X509_get0_notAfter(pointer))
        fingerprint = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 32
        unsafe X509_digest(pointer, EVP_sha256(), &fingerprint, &length)
        unsafe isSelfSigned = X509_self_signed(pointer, 0) == 1
        unsafe key = Self.keyName(X509_get0_pubkey(pointer))
        OpenSSLQueue.clear()
    }

    private static func commonName(_ name: OpaquePointer?) -> String? {
        guard let name = unsafe name else { return nil }
        let index = unsafe X509_NAME_get_index_by_NID(name, NID_commonName, -1)
        guard index >= 0, let entry = unsafe X509_NAME_get_entry(name, index) else { return nil }
        return unsafe text(X509_NAME_ENTRY_get_data(entry))
    }

    private static func wholeName(_ name: OpaquePointer?) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard unsafe X509_NAME_oneline(name, &buffer, 256) != nil else { return "(no subject)" }
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return bytes.isEmpty ? "(no subject)" : String(decoding: bytes, as: UTF8.self)
    }

    private static func text(_ string: UnsafePointer<ASN1_STRING>?) -> String? {
        guard let string = unsafe string else { return nil }
        let count = unsafe ASN1_STRING_length(string)
        guard count > 0, let data = unsafe ASN1_STRING_get0_data(string) else { return nil }
        return unsafe String(
            decoding: UnsafeBufferPointer(start: data, count: Int(count)),
            as: UTF8.self
        )
    }

    private static func alternativeNames(of pointer: OpaquePointer) -> [String] {
        let found = unsafe X509_get_ext_d2i(pointer, NID_subject_alt_name, nil, nil)
        guard let found = unsafe found.map({ OpaquePointer($0) }) else { return [] }
        defer { unsafe GENERAL_NAMES_free(found) }
        var names: [String] = []
        for index in 0..<min(unsafe roost_names_count(found), 1_000) {
            guard let name = unsafe roost_names_get(found, index) else { continue }
            var kind: CInt = 0
            guard let value = unsafe GENERAL_NAME_get0_value(name, &kind) else { continue }
            let string = unsafe value.assumingMemoryBound(to: ASN1_STRING.self)
            if kind == GEN_DNS, let dns = unsafe text(string) {
                names.append(dns)
            } else if kind == GEN_IPADD {
                let count = unsafe Int(ASN1_STRING_length(string))
                let bytes = unsafe UnsafeBufferPointer(
                    start: ASN1_STRING_get0_data(string),
                    count: count
                )
                unsafe names.append(address(Array(bytes)))
            }
        }
        return names
    }

    /// An IPv4 address in dots, an IPv6 address in its eight groups.
    private static func address(_ bytes: [UInt8]) -> String {
        if bytes.count == 4 { return bytes.map { String($0) }.joined(separator: ".") }
        let groups = stride(from: 0, to: bytes.count - 1, by: 2).map {
            String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16)
        }
        return groups.joined(separator: ":")
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64 {
        guard let epoch = unsafe ASN1_TIME_set(nil, 0) else { return 0 }
        defer { unsafe ASN1_TIME_free(epoch) }
        var days: CInt = 0
        var seconds: CInt = 0
        guard unsafe ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else { return 0 }
        return Int64(days) * 86_400 + Int64(seconds)
    }

    private static func keyName(_ key: OpaquePointer?) -> String {
        guard let key = unsafe key else { return "unknown" }
        let bits = unsafe EVP_PKEY_get_bits(key)
        return switch unsafe EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_RSA: "RSA \(bits)"
        case EVP_PKEY_EC: "ECDSA P-\(bits)"
        case EVP_PKEY_ED25519: "Ed25519"
        default: "unknown"
        }
    }
}
