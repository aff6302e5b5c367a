/// Why a DTLS context could not be made, or a session with a peer came to nothing.
package enum DTLSFault: Error, Equatable, Sendable {
    /// The peer's certificate is not the one its description named.
    case wrongFingerprint(presented: CertificateFingerprint?)
    case noCommonVersion
    case noCommonCipher
    /// The peer refused us, and named this alert (RFC 5246 section 7.2).
    case refusedByPeer(alert: String)
    /// The peer broke the protocol.
    case malformed(why: String)
    /// More bytes than any honest handshake takes.
    case handshakeTooLong(limit: Int)
    case timedOut(after: Duration)
    /// OpenSSL itself failed: no memory, no entropy, a certificate it can't use.
    case library(why: String)

    /// A short word for metrics, one for each case.
    package var code: String {
        switch self {
        case .wrongFingerprint: "wrong_fingerprint"
        case .noCommonVersion: "no_common_version"
        case .noCommonCipher: "no_common_cipher"
        case .refusedByPeer: "refused_by_peer"
        case .malformed: "malformed"
        case .handshakeTooLong: "handshake_too_long"
        case .timedOut: "timed_out"
        case .library: "library"
        }
    }

    /// OpenSSL's reasons are those of TLS.
    init(_ queue: OpenSSLQueue) {
        switch TLSFault(queue) {
        case .noCommonVersion, .notTLS: self = .noCommonVersion
        case .noCommonCipher: self = .noCommonCipher
        case .refusedByPeer(let alert): self = .refusedByPeer(alert: alert)
        case .library(let why): self = .library(why: why)
        default: self = .malformed(why: queue.sentence)
        }
    }
}

extension DTLSFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .wrongFingerprint(let presented):
            "the peer's certificate is not the one its description names "
                + "(\(presented.map { "\($0)" } ?? "it showed none")): a man in the middle, or a "
                + "description that was mixed up; connect again"
        case .noCommonVersion:
            "the peer does not speak DTLS 1.2; update it"
        case .noCommonCipher:
            "the peer shares no cipher suite with us; let it offer an ECDHE suite with AES-GCM, on "
                + "X25519 or P-256"
        case .refusedByPeer(let alert):
            "the peer refused the session with the alert \"\(alert)\"; its log says why"
        case .malformed(let why):
            "the peer broke the DTLS protocol (\(why)); the session is over"
        case .handshakeTooLong(let limit):
            "the peer's handshake exceeds \(limit) bytes, which no honest one does"
        case .timedOut(let after):
            "the DTLS handshake was not done after \(after); the network loses too much, or the "
                + "peer has gone"
        case .library(let why):
            "OpenSSL failed (\(why)); check that libssl 3 is installed whole"
        }
    }
}
