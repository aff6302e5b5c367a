internal import COpenSSL

/// Who vouches for the nodes of a cluster: one certificate that all of them trust, and a key that none
/// of them needs.
package struct CertificateAuthority: Sendable {
    package let certificatePEM: [UInt8]
    package let keyPEM: [UInt8]
    /// Until when what it signs can count.
    package let notAfter: Int64
    private let certificate: OwnedCertificate
    private let key: OwnedKey

    /// What it has signed, with its key.
    package struct Issued: Sendable {
        package var certificatePEM: [UInt8]
        package var keyPEM: [UInt8]
    }

    /// Makes a new one. Times are seconds since 1970.
    package init(
        name: String,
        notBefore: Int64,
        notAfter: Int64,
        using random: inout some RandomNumberGenerator
    ) throws(KeyFault) {
        let draft = try CertificateDraft(
            commonName: name,
            notBefore: notBefore,
            notAfter: notAfter,
            using: &random
        )
        try draft.add(.forSigning)
        try draft.addKeyIdentifiers(issuer: draft.certificate)
        try draft.signBySelf()
        certificatePEM = try draft.certificatePEM()
        keyPEM = try draft.keyPEM()
        self.notAfter = notAfter
        certificate = draft.certificate
        key = draft.key
    }

    /// Reads one that was made earlier.
    package init(
        certificatePEM: [UInt8],
        keyPEM: [UInt8]
    ) throws(KeyFault) {
        let chain = try PEMReader.certificates(in: certificatePEM.span)
        guard let certificate = chain.first else { throw .missing(block: "CERTIFICATE") }
        key = try PEMReader.privateKey(in: keyPEM.span)
        defer { OpenSSLQueue.clear() }
        guard unsafe X509_check_private_key(certificate.pointer, key.pointer) == 1 else {
            throw .wrongKind(expected: "the key that was made with the certificate")
        }
        guard unsafe X509_check_ca(certificate.pointer) == 1 else {
            throw .wrongKind(expected: "the certificate and key of an authority (CA:TRUE)")
        }
        self.certificatePEM = certificatePEM
        self.keyPEM = keyPEM
        self.certificate = certificate
        notAfter = Certificate(certificate).notAfter
    }

    /// Makes a key, and a certificate for these host names and IP addresses, good for both ends of a
    /// connection. One that would outlive the authority ends with it.
    package func issue(
        names: [String],
        notBefore: Int64,
        notAfter: Int64,
        using random: inout some RandomNumberGenerator
    ) throws(KeyFault) -> Issued {
        guard let first = names.first, !first.isEmpty else { throw .badName("") }
        let draft = try CertificateDraft(
            commonName: first,
            notBefore: notBefore,
            notAfter: min(notAfter, self.notAfter),
            using: &random
        )
        try draft.add(names: names)
        try draft.add(.forBothEnds)
        try draft.addKeyIdentifiers(issuer: certificate)
        try draft.sign(by: certificate, key)
        return Issued(
            certificatePEM: try draft.certificatePEM(),
            keyPEM: try draft.keyPEM()
        )
    }
}
