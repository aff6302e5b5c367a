internal import COpenSSL

/// What many media sessions share: our certificate, the ciphers, the order of SRTP profiles. Never
/// changes once made; rotation makes a new one for the sessions to come.
///
/// DTLS 1.2 and nothing else, which every WebRTC stack speaks (RFC 8827 section 6.5); ephemeral
/// elliptic curves with AES-GCM. No tickets, no cache, no renegotiation. No cookies either: a datagram
/// gets here only from an address that has passed a STUN check, which proves more than a cookie does.
@safe package final class DTLSContext: Sendable {
    /// How SRTP may encrypt, by the number under which it is negotiated (RFC 5764 section 4.1.2,
    /// RFC 7714 section 14.2).
    package enum Profile: UInt16, Sendable, CaseIterable {
        // The name it has in the registry, where the last two figures are the tag.
        // swift-format-ignore: AlwaysUseLowerCamelCase
        case aes128CMHMACSHA1_80 = 1
        case aeadAES128GCM = 7
        case aeadAES256GCM = 8

        var name: String {
            switch self {
            case .aes128CMHMACSHA1_80: "SRTP_AES128_CM_SHA1_80"
            case .aeadAES128GCM: "SRTP_AEAD_AES_128_GCM"
            case .aeadAES256GCM: "SRTP_AEAD_AES_256_GCM"
            }
        }

        /// Of both directions' keys and salts together (RFC 5764 section 4.2).
        var exportedSize: Int {
            switch self {
            case .aes128CMHMACSHA1_80: 2 * (16 + 14)
            case .aeadAES128GCM: 2 * (16 + 12)
            case .aeadAES256GCM: 2 * (32 + 12)
            }
        }
    }

    /// GCM with the short key is the cheapest by far where the processor helps with AES, and no weaker
    /// in practice.
    package static let preferredProfiles: [Profile] = [
        .aeadAES128GCM, .aeadAES256GCM, .aes128CMHMACSHA1_80,
    ]

    package let certificate: DTLSCertificate
    nonisolated(unsafe) let pointer: OpaquePointer

    /// As a server we take the first profile of ours that the client offers; as a client we offer them
    /// in this order.
    package init(
        _ certificate: DTLSCertificate,
        profiles: [Profile] = preferredProfiles
    ) throws(DTLSFault) {
        OpenSSLQueue.clear()
        guard let pointer = unsafe SSL_CTX_new(DTLS_method()) else {
            throw .library(why: OpenSSLQueue.drain().sentence)
        }
        self.certificate = certificate
        unsafe self.pointer = pointer
        let ciphers = """
            ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:\
            ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384
            """
        let isSet =
            unsafe roost_ctx_set_versions(pointer, DTLS1_2_VERSION, DTLS1_2_VERSION) == 1
            && SSL_CTX_set_cipher_list(pointer, ciphers) == 1
            && roost_ctx_set_groups(pointer, "X25519:P-256") == 1
            && SSL_CTX_use_certificate(pointer, certificate.certificate.pointer) == 1
            && SSL_CTX_use_PrivateKey(pointer, certificate.key.pointer) == 1
        guard isSet else { throw .library(why: OpenSSLQueue.drain().sentence) }
        if !profiles.isEmpty {
            let names = profiles.map(\.name).joined(separator: ":")
            guard unsafe SSL_CTX_set_tlsext_use_srtp(pointer, names) == 0 else {
                throw .library(why: OpenSSLQueue.drain().sentence)
            }
        }
        unsafe roost_ctx_set_session_cache_off(pointer)
        unsafe SSL_CTX_set_options(pointer, Self.options)
        unsafe roost_ctx_read_whole_datagrams(pointer)
        unsafe SSL_CTX_set_verify(
            pointer,
            SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
            nil
        )
        unsafe SSL_CTX_set_cert_verify_callback(pointer, judgeCertificate, nil)
    }

    deinit {
        unsafe SSL_CTX_free(pointer)
    }

    private static var options: UInt64 {
        roost_op_no_compression | roost_op_no_renegotiation | roost_op_no_ticket
            | roost_op_no_query_mtu | roost_op_prefer_own_ciphers
    }
}
