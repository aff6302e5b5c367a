package import Basics
internal import Crypto

/// A name and password for a TURN server that shares a secret with us, good until a certain time: what
/// coturn calls its REST API.
package struct TURNCredential: Hashable, Sendable {
    /// The second it expires and whose it is: `1700000000:ana`.
    package let username: String
    /// The Base64 of HMAC-SHA1 of that under the secret.
    package let password: String

    package init(for person: String, until expiry: Int64, secret: Secret) {
        username = "\(expiry):\(person)"
        var hmac = HMAC(.sha1, key: secret.revealed.span)
        password = Base64.standard.encode(hmac.code(of: Array(username.utf8).span).span)
    }
}
