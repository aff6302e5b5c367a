/// Why a TLS context could not be made, or why a connection ended in its handshake or later.
package enum TLSFault: Error, Equatable, Sendable {
    /// Ours to mend, when a context is made.
    case certificateUnreadable(KeyFault)
    case keyUnreadable(KeyFault)
    case keyMismatch(subject: String)
    case keyTooWeak(why: String)
    case trustUnreadable(why: String)

    /// The peer did not speak TLS at all; `http` if what it spoke was plain HTTP.
    case notTLS(http: Bool)
    case noCommonVersion
    case noCommonCipher
    case noCommonApplicationProtocol
    /// The peer's certificate is not believed.
    case untrusted(why: String)
    case wrongName(expected: String, certificate: [String])
    /// The peer refused us, and named this alert (RFC 8446, section 6).
    case refusedByPeer(alert: String)
    /// The peer broke the protocol.
    case malformed(why: String)
    /// More bytes than any honest handshake takes.
    case handshakeTooLong(limit: Int)
    /// The transport ended before the handshake did.
    case endedInHandshake
    /// OpenSSL itself failed: no memory, no entropy, a broken installation.
    case library(why: String)

    /// A short word for metrics, one for each case.
    package var code: String {
        switch self {
        case .certificateUnreadable: "certificate_unreadable"
        case .keyUnreadable: "key_unreadable"
        case .keyMismatch: "key_mismatch"
        case .keyTooWeak: "key_too_weak"
        case .trustUnreadable: "trust_unreadable"
        case .notTLS: "not_tls"
        case .noCommonVersion: "no_common_version"
        case .noCommonCipher: "no_common_cipher"
        case .noCommonApplicationProtocol: "no_common_protocol"
        case .untrusted: "untrusted"
        case .wrongName: "wrong_name"
        case .refusedByPeer: "refused_by_peer"
        case .malformed: "malformed"
        case .handshakeTooLong: "handshake_too_long"
        case .endedInHandshake: "ended_in_handshake"
        case .library: "library"
        }
    }
}

extension TLSFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .certificateUnreadable(let fault):
            "the certificate can't be used: \(fault)"
        case .keyUnreadable(let fault):
            "the private key can't be used: \(fault)"
        case .keyMismatch(let subject):
            """
            the certificate does not match the key: the certificate is for \(subject), whose public \
            key is another; set the certificate and the key of one pair, the server's own \
            certificate first in the chain
            """
        case .keyTooWeak(let why):
            "the certificate is too weak to be accepted by clients (\(why)); issue one with an "
                + "ECDSA P-256 key, or RSA with 2048 bits or more, signed with SHA-256"
        case .trustUnreadable(let why):
            "the certificates to trust can't be read (\(why)); give a PEM file of authorities"
        case .notTLS(http: true):
            "the client spoke plain HTTP to a TLS port; use https:// or wss://"
        case .notTLS(http: false):
            "the peer did not speak TLS; check that both sides mean the same port"
        case .noCommonVersion:
            "the peer offers neither TLS 1.2 nor TLS 1.3; update it"
        case .noCommonCipher:
            "the peer shares no cipher suite, group or signature with us; update it, or issue a "
                + "certificate of a kind that it knows"
        case .noCommonApplicationProtocol:
            "the peer wants an application protocol that is not spoken here; let it ask for http/1.1"
        case .untrusted(let why):
            "the peer's certificate is not believed: \(why)"
        case .wrongName(let expected, let names):
            "the peer's certificate is not for \(expected) but for \(Self.list(names)); connect by "
                + "one of its names, or issue a certificate that has this one"
        case .refusedByPeer(let alert):
            "the peer refused the connection with the alert \"\(alert)\"; its log says why"
        case .malformed(let why):
            "the peer broke the TLS protocol (\(why)); the connection is over"
        case .handshakeTooLong(let limit):
            "the peer's handshake exceeds \(limit) bytes, which no honest one does"
        case .endedInHandshake:
            "the peer went away during the TLS handshake"
        case .library(let why):
            "OpenSSL failed (\(why)); check that libssl 3 is installed whole"
        }
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "no name at all" : names.prefix(5).joined(separator: ", ")
    }
}
