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
        let draft = try CertificateDraft(
            commonName: first,
            notBefore: notBefore,
            notAfter: notAfter,
            using: &random
        )
        try draft.add(names: names)
        try draft.add(.forBothEnds)
        try draft.signBySelf()
        certificatePEM = try draft.certificatePEM()
        keyPEM = try draft.keyPEM()
    }
}
