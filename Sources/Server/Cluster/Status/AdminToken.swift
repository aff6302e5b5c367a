package import Basics
internal import Crypto
package import Settings

/// What lets an operator into the door of operators from anywhere: derived from the cluster's secret, so that
/// every node knows it and nobody has to keep another one.
package struct AdminToken: Sendable {
    package let secret: Secret

    /// Nil without a secret: nodes that know each other by certificates have none in common.
    package init?(of clusterSecret: Secret) {
        guard !clusterSecret.isEmpty else { return nil }
        var code = HMAC(.sha256, key: clusterSecret.revealed.span)
        let purpose = Array("roost admin door 1".utf8)
        secret = Secret(Hex.encode(code.code(of: purpose.span).span))
    }

    /// Those that count now: while a secret is replaced by another, two do.
    package static func all(_ settings: Settings) -> [AdminToken] {
        [settings.cluster.secret, settings.cluster.previousSecret].compactMap(AdminToken.init(of:))
    }
}
