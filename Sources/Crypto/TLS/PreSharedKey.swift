package import Basics

/// A key that both ends of a connection know beforehand (RFC 8446, section 4.2.11), made of a secret that
/// people have given them.
///
/// The name that goes over the wire in the clear tells nothing of the secret, but tells two secrets
/// apart, so that both may count while one replaces the other.
package struct PreSharedKey: Sendable {
    let identity: [UInt8]
    let key: [UInt8]

    /// `purpose`: so that one secret, used for two things, makes two keys.
    package init(secret: Secret, purpose: String) {
        let label = Array("roost pre-shared key 1: \(purpose)".utf8)
        var code = HMAC(.sha256, key: secret.revealed.span)
        key = code.code(of: label.span)
        let name = Array("name of ".utf8) + key
        identity = Digest.of(name.span).prefix(16).map { Self.letters[Int($0 & 31)] }
    }

    private static let letters = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
}
