internal import COpenSSL

/// A certificate that is being written: what it says so far, and the key that it is for.
///
/// Belongs to one function, which signs it last; only then do others see it.
struct CertificateDraft {
    let certificate: OwnedCertificate
    let key: OwnedKey

    /// What a certificate is good for, as extensions (RFC 5280, section 4.2.1).
    enum Use {
        /// Either end of a connection, and nothing else.
        case forBothEnds
        /// Signing the certificates of ends, but not of other authorities.
        case forSigning

        fileprivate var extensions: [(kind: CInt, value: String)] {
            switch self {
            case .forBothEnds:
                [
                    (NID_basic_constraints, "critical,CA:FALSE"),
                    (NID_key_usage, "critical,digitalSignature"),
                    (NID_ext_key_usage, "serverAuth,clientAuth"),
                ]
            case .forSigning:
                [
                    (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"),
                    (NID_key_usage, "critical,keyCertSign,cRLSign"),
                ]
            }
        }
    }

    /// A new ECDSA P-256 key, and a certificate for it that says whose it is and how long it counts.
    init(
        commonName name: String,
        notBefore: Int64,
        notAfter: Int64,
        using random: inout some RandomNumberGenerator
    ) throws(KeyFault) {
        guard let key = unsafe roost_generate_p256() else { throw Self.failure() }
        unsafe self.key = OwnedKey(key)
        guard let certificate = unsafe X509_new() else { throw Self.failure() }
        unsafe self.certificate = OwnedCertificate(certificate)

        let serial = random.next() >> 1 | 1 << 62  // positive, and always eight bytes
        let hasBody =
            unsafe X509_set_version(certificate, 2) == 1
            && ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial) == 1
            && ASN1_TIME_set(X509_getm_notBefore(certificate), time_t(notBefore)) != nil
            && ASN1_TIME_set(X509_getm_notAfter(certificate), time_t(notAfter)) != nil
            && X509_set_pubkey(certificate, key) == 1
        guard hasBody else { throw Self.failure() }

        // The common name is for people only, and may have 64 characters (RFC 5280, appendix A).
        let commonName = Array(name.utf8.prefix(64))
        let hasSubject =
            unsafe X509_NAME_add_entry_by_NID(
                X509_get_subject_name(certificate),
                NID_commonName,
                MBSTRING_UTF8,
                commonName,
                CInt(commonName.count),
                -1,
                0
            ) == 1
        guard hasSubject else { throw Self.failure() }
    }

    func add(_ use: Use) throws(KeyFault) {
        for (kind, value) in use.extensions { try add(kind, value, nil) }
    }

    /// Says by which key this one is signed, and what to call this one's own, so that a chain is found
    /// without trying all that have the right name.
    func addKeyIdentifiers(issuer: OwnedCertificate) throws(KeyFault) {
        try add(NID_subject_key_identifier, "hash", issuer)
        guard issuer !== certificate else { return }
        try add(NID_authority_key_identifier, "keyid:always", issuer)
    }

    private func add(
        _ kind: CInt,
        _ value: String,
        _ issuer: OwnedCertificate?
    ) throws(KeyFault) {
        var context = unsafe X509V3_CTX()
        unsafe X509V3_set_ctx(&context, issuer?.pointer, certificate.pointer, nil, nil, 0)
        guard let part = unsafe X509V3_EXT_conf_nid(nil, &context, kind, value) else {
            throw Self.failure()
        }
        defer { unsafe X509_EXTENSION_free(part) }
        guard unsafe X509_add_ext(certificate.pointer, part, -1) == 1 else { throw Self.failure() }
    }

    func signBySelf() throws(KeyFault) {
        try sign(by: certificate, key)
    }

    func sign(by issuer: OwnedCertificate, _ issuerKey: OwnedKey) throws(KeyFault) {
        let name = unsafe X509_get_subject_name(issuer.pointer)
        let isSigned =
            unsafe X509_set_issuer_name(certificate.pointer, name) == 1
            && X509_sign(certificate.pointer, issuerKey.pointer, EVP_sha256()) > 0
        guard isSigned else { throw Self.failure() }
    }

    func certificatePEM() throws(KeyFault) -> [UInt8] {
        try unsafe PEMWriter.text { unsafe PEM_write_bio_X509($0, certificate.pointer) }
    }

    func keyPEM() throws(KeyFault) -> [UInt8] {
        try unsafe PEMWriter.text {
            unsafe PEM_write_bio_PKCS8PrivateKey($0, key.pointer, nil, nil, 0, nil, nil)
        }
    }

    /// Adds the alternative names, each as an address if it reads as one.
    func add(names: [String]) throws(KeyFault) {
        guard let list = unsafe roost_names_new() else { throw Self.failure() }
        defer { unsafe GENERAL_NAMES_free(list) }
        for name in names {
            guard let entry = unsafe GENERAL_NAME_new() else { throw Self.failure() }
            if let address = unsafe a2i_IPADDRESS(name) {
                unsafe GENERAL_NAME_set0_value(entry, GEN_IPADD, address)
            } else if Self.isHostName(name), let text = unsafe ASN1_IA5STRING_new() {
                let bytes = Array(name.utf8)
                unsafe ASN1_STRING_set(text, bytes, CInt(bytes.count))
                unsafe GENERAL_NAME_set0_value(entry, GEN_DNS, text)
            } else {
                unsafe GENERAL_NAME_free(entry)
                OpenSSLQueue.clear()
                throw .badName(name)
            }
            guard unsafe roost_names_push(list, entry) == 1 else {
                unsafe GENERAL_NAME_free(entry)
                throw Self.failure()
            }
        }
        OpenSSLQueue.clear()
        let isAdded = unsafe X509_add1_ext_i2d(
            certificate.pointer,
            NID_subject_alt_name,
            UnsafeMutableRawPointer(list),
            0,
            UInt(X509V3_ADD_DEFAULT)
        )
        guard isAdded == 1 else { throw Self.failure() }
    }

    /// Letters, digits, hyphens and dots, with a star allowed as the first label.
    private static func isHostName(_ name: String) -> Bool {
        let bytes = name.hasPrefix("*.") ? name.utf8.dropFirst(2) : name.utf8[...]
        let labels = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return name.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.count)
                    && label.allSatisfy { byte in
                        switch byte {
                        case UInt8(ascii: "a")...UInt8(ascii: "z"),
                            UInt8(ascii: "A")...UInt8(ascii: "Z"),
                            UInt8(ascii: "0")...UInt8(ascii: "9"),
                            UInt8(ascii: "-"), UInt8(ascii: "_"):
                            true
                        default: false
                        }
                    }
            }
    }

    private static func failure() -> KeyFault {
        .library(why: OpenSSLQueue.drain().sentence)
    }
}
