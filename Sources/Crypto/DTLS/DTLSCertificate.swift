/// The certificate we show to media peers, with its key and the fingerprint that descriptions bear.
///
/// One for many sessions: making a key for each would cost every join a tenth of a millisecond and
/// hide nothing, since the peers see our address anyway. It is replaced now and then by making a new
/// ``DTLSContext`` for the sessions to come.
package struct DTLSCertificate: Sendable {
    package let fingerprint: CertificateFingerprint
    let certificate: OwnedCertificate
    let key: OwnedKey

    /// Makes an ECDSA P-256 key and a certificate that vouches for itself. Times are seconds since
    /// 1970; peers look at the fingerprint and not at them, but some stacks refuse what has expired.
    package init(
        notBefore: Int64,
        notAfter: Int64,
        using random: inout some RandomNumberGenerator
    ) throws(KeyFault) {
        let made = try SelfSigned(
            names: ["roost"],
            notBefore: notBefore,
            notAfter: notAfter,
            using: &random
        )
        try self.init(certificatePEM: made.certificatePEM.span, keyPEM: made.keyPEM.span)
    }

    /// Takes one that exists.
    package init(certificatePEM: Span<UInt8>, keyPEM: Span<UInt8>) throws(KeyFault) {
        guard let certificate = try PEMReader.certificates(in: certificatePEM).first else {
            throw .missing(block: "CERTIFICATE")
        }
        key = try PEMReader.privateKey(in: keyPEM)
        self.certificate = certificate
        guard let fingerprint = unsafe CertificateFingerprint(.sha256, of: certificate.pointer)
        else {
            throw .library(why: "it could not hash a certificate")
        }
        self.fingerprint = fingerprint
    }
}
