/// How tokens may be signed, by the names that JWS gives them (RFC 7518, RFC 8037).
package enum SignatureAlgorithm: String, Hashable, Sendable, CaseIterable {
    /// HMAC with SHA-256: both sides hold one secret, of 32 bytes at least.
    case hs256 = "HS256"
    /// ECDSA on P-256 with SHA-256. A signature is r and s, 32 bytes each.
    case es256 = "ES256"
    /// Ed25519.
    case edDSA = "EdDSA"

    /// The bytes of a signature, always the same for one algorithm.
    package var signatureLength: Int {
        switch self {
        case .hs256: 32
        case .es256, .edDSA: 64
        }
    }
}
