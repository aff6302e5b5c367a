package import Basics
internal import Crypto

/// What webhooks are signed with, as Standard Webhooks has it: HMAC-SHA256 over id, time and body.
package struct WebhookSecret: Sendable, Equatable {
    private let key: Secret

    /// Takes `whsec_` and the key's Base64, or the key as it stands.
    package init(_ setting: Secret) {
        let text = setting.revealedText
        guard text.hasPrefix(Self.prefix) else {
            key = setting
            return
        }
        let encoded = Array(text.utf8.dropFirst(Self.prefix.utf8.count))
        do throws(EncodingFault) {
            key = Secret(try Base64.standard.decode(encoded.span))
        } catch {
            key = setting  // whsec_ happens to begin somebody's key
        }
    }

    /// The value of `webhook-signature`.
    package func signature(id: String, timestamp: Int64, body: String) -> String {
        var hmac = HMAC(.sha256, key: key.revealed.span)
        let code = hmac.code(of: Array("\(id).\(timestamp).\(body)".utf8).span)
        return "v1," + Base64.standard.encode(code.span)
    }

    private static let prefix = "whsec_"
}
