/// How SRTP encrypts, by the number under which DTLS negotiates it (RFC 5764 section 4.1.2, RFC 7714
/// section 14.2).
package enum SRTPProfile: UInt16, Hashable, Sendable, CaseIterable {
    // The name it has in the registry, where the last two figures are the tag.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case aes128CMHMACSHA1_80 = 1
    case aeadAES128GCM = 7
    case aeadAES256GCM = 8

    /// Of the master key.
    package var keySize: Int { self == .aeadAES256GCM ? 32 : 16 }

    /// Of the master salt.
    package var saltSize: Int { self == .aes128CMHMACSHA1_80 ? 14 : 12 }

    /// By how much a packet grows.
    package var tagSize: Int {
        self == .aes128CMHMACSHA1_80 ? CounterModeKey.tagSize : GCMKey.tagSize
    }

    /// By how much a packet of RTCP grows: it carries its number besides the tag.
    package var controlOverhead: Int { tagSize + 4 }

    /// How many bytes the handshake exports for both directions (RFC 5764 section 4.2).
    package var exportedSize: Int { 2 * (keySize + saltSize) }

    /// What OpenSSL calls it where the extension `use_srtp` is set up.
    package var openSSLName: String {
        switch self {
        case .aes128CMHMACSHA1_80: "SRTP_AES128_CM_SHA1_80"
        case .aeadAES128GCM: "SRTP_AEAD_AES_128_GCM"
        case .aeadAES256GCM: "SRTP_AEAD_AES_256_GCM"
        }
    }
}
