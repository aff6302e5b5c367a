internal import COpenSSL

/// A certificate that vouches for itself, with its key: for trying things out, and for links between
/// parties that know each other's fingerprint.
package struct SelfSigned: Sendable {
    package var certificatePEM: [UInt8]
    package var keyPEM: [UInt8]

    /// Makes an ECDSA P-256 key and a certificate for these host names and IP addresses.
    ///
    /// Times are seconds since 1970. Browsers refuse more than 398 days, and Mozilla's guideline for
    /// servers is 366 at most.
    package init(
        names: [String],
        notBefore: Int64,
        notAfter: Int64,
        using random: inout some RandomNumberGenerator
    ) throws(KeyFault) {
        guard let first = names.first, !first.isEmpty else { throw .badName("") }
        guard let key = unsafe roost_generate_p256() else { throw Self.failure() }
        defer { unsafe EVP_PKEY_free(key) }
        guard let certificate = unsafe X509_new() else { throw Self.failure() }
        defer { unsafe X509_free(certificate) }

        let serial = random.next() >> 1 | 1 << 62  // positive, and always eight bytes
        let hasBody =
            unsafe X509_set_version(certificate, 2) == 1
            && ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial) == 1
            && ASN1_TIME_set(X509_getm_notBefore(certificate), time_t(notBefore)) != nil
            && ASN1_TIME_set(X509_getm_notAfter(certificate), time_t(notAfter)) != nil
            && X509_set_pubkey(certificate, key) == 1
        guard hasBody else { throw Self.failure() }

        // The common name is for people only, and may have 64 characters (RFC 5280, appendix A).
        let commonName = Array(first.utf8.prefix(64))
        let subject = unsafe X509_get_subject_name(certificate)
        let hasSubject =
            unsafe X509_NAME_add_entry_by_NID(
                subject,
                NID_commonName,
                MBSTRING_UTF8,
                commonName,
                CInt(commonName.count),
                -1,
                0
            ) == 1 && X509_set_issuer_name(certificate, subject) == 1
        guard hasSubject else { throw Self.failure() }

        try unsafe Self.add(names, to: certificate)
        for (kind, value) in [
            (NID_basic_constraints, "critical,CA:FALSE"),
            (NID_key_usage, "critical,digitalSignature"),
            (NID_ext_key_usage, "serverAuth,clientAuth"),
        ] {
            guard let part = unsafe X509V3_EXT_conf_nid(nil, nil, kind, value) else {
                throw Self.failure()
            }
            defer { unsafe X509_EXTENSION_free(part) }
            guard unsafe X509_add_ext(certificate, part, -1) == 1 else { throw Self.failure() }
        }
        guard unsafe X509_sign(certificate, key, EVP_sha256()) > 0 else { throw Self.failure() }

        certificatePEM = try unsafe PEMWriter.text { unsafe PEM_write_bio_X509($0, certificate) }
        keyPEM = try unsafe PEMWriter.text {
            unsafe PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil)
        }
    }

    /// Adds the alternative names, each as an address if it reads as one.
    private static func add(_ names: [String], to certificate: OpaquePointer) throws(KeyFault) {
        guard let list = unsafe roost_names_new() else { throw failure() }
        defer { unsafe GENERAL_NAMES_free(list) }
        for name in names {
            guard let entry = unsafe GENERAL_NAME_new() else { throw failure() }
            if let address = unsafe a2i_IPADDRESS(name) {
                unsafe GENERAL_NAME_set0_value(entry, GEN_IPADD, address)
            } else if isHostName(name), let text = unsafe ASN1_IA5STRING_new() {
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
                throw failure()
            }
        }
        OpenSSLQueue.clear()
        let isAdded = unsafe X509_add1_ext_i2d(
            certificate,
            NID_subject_alt_name,
            UnsafeMutableRawPointer(list),
            0,
            UInt(X509V3_ADD_DEFAULT)
        )
        guard isAdded == 1 else { throw failure() }
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
