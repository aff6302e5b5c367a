internal import Basics
package import Crypto
internal import Wire

/// Mints tokens with one key, as the embedding app does in its own language.
package struct TokenMaker: Sendable {
    private let key: SigningKey
    private let keyName: String?

    /// The name is what the keyring calls the key; nil where it has only one.
    package init(key: SigningKey, keyName: String?) {
        self.key = key
        self.keyName = keyName
    }

    /// The token in its compact form. It may exceed what a ``TokenKeyring`` takes, if it names hundreds
    /// of channels.
    package func mint(_ token: Token) throws(KeyFault) -> String {
        var header: JSONObject = ["alg": .string(key.algorithm.rawValue), "typ": "JWT"]
        header["kid"] = keyName.map { .string($0) }
        return try mint(header: JSONValue.object(header).text, claims: token.claims)
    }

    private func mint(header: String, claims: JSONObject) throws(KeyFault) -> String {
        var bytes: [UInt8] = []
        Base64.url.append(Array(header.utf8).span, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        Base64.url.append(Array(JSONValue.object(claims).text.utf8).span, to: &bytes)
        let signature = try key.sign(bytes.span)
        bytes.append(UInt8(ascii: "."))
        Base64.url.append(signature.span, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
