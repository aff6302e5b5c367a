package import Basics
package import Crypto
package import Wire

/// Why a token was refused, one case for each reason, told to the developer who mints them.
///
/// No sentence quotes a key, a signature or a claim's value; what it quotes of the token's header is
/// bounded and harmless.
package enum TokenFault: Error, Hashable, Sendable {
    package enum Part: String, Hashable, Sendable {
        case header
        case claims
        case signature
    }

    case empty
    case tooLong(bytes: Int)
    case notThreeParts(count: Int)
    case encrypted
    case notBase64(Part, EncodingFault)
    case notJSON(Part, JSONFault)
    case notAnObject(Part)

    case wrongType
    case algorithmMissing
    case unsigned
    case embeddedKey(member: String)
    case criticalExtension
    case keyNotNamed(configured: Int)
    case keyUnknown
    case keyNameMalformed
    case wrongAlgorithm(keys: SignatureAlgorithm)
    case wrongSignature

    case claimMissing(String)
    case claimMalformed(String, rule: String)
    case unknownRight
    case expired(secondsAgo: Int64)
    case notYetValid(inSeconds: Int64)
    case issuedLater(inSeconds: Int64)
    case livesTooLong(seconds: Int64, most: Int64)
    case wrongIssuer
    case wrongAudience

    /// A short word for metrics, one for each case.
    package var code: String {
        switch self {
        case .empty: "empty"
        case .tooLong: "too_long"
        case .notThreeParts: "not_three_parts"
        case .encrypted: "encrypted"
        case .notBase64: "not_base64"
        case .notJSON: "not_json"
        case .notAnObject: "not_an_object"
        case .wrongType: "wrong_type"
        case .algorithmMissing: "algorithm_missing"
        case .unsigned: "unsigned"
        case .embeddedKey: "embedded_key"
        case .criticalExtension: "critical_extension"
        case .keyNotNamed: "key_not_named"
        case .keyUnknown: "key_unknown"
        case .keyNameMalformed: "key_name_malformed"
        case .wrongAlgorithm: "wrong_algorithm"
        case .wrongSignature: "wrong_signature"
        case .claimMissing: "claim_missing"
        case .claimMalformed: "claim_malformed"
        case .unknownRight: "unknown_right"
        case .expired: "expired"
        case .notYetValid: "not_yet_valid"
        case .issuedLater: "issued_later"
        case .livesTooLong: "lives_too_long"
        case .wrongIssuer: "wrong_issuer"
        case .wrongAudience: "wrong_audience"
        }
    }
}

extension TokenFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .empty:
            "there is no token; send one as \"Authorization: Bearer …\""
        case .tooLong(let bytes):
            "the token has \(bytes) bytes and may have \(TokenKeyring.longest); name fewer channels"
        case .notThreeParts(let count):
            "a token has three parts with dots between them, this has \(count); send the signed JWT "
                + "whole (RFC 7515, section 7.1)"
        case .encrypted:
            "the token is encrypted (JWE); send a signed one (JWS) over TLS instead"
        case .notBase64(let part, let fault):
            "the token's \(part.rawValue) is not Base64URL without padding: \(fault)"
        case .notJSON(let part, let fault):
            "the token's \(part.rawValue) is not JSON: \(fault)"
        case .notAnObject(let part):
            "the token's \(part.rawValue) must be a JSON object"
        case .wrongType:
            "the token's \"typ\" must be \"JWT\" or absent"
        case .algorithmMissing:
            "the token's header has no \"alg\"; set it to the algorithm of the key"
        case .unsigned:
            "the token is not signed (\"alg\" is \"none\"); sign it with a key that is configured here"
        case .embeddedKey(let member):
            "the token's header brings a key of its own (\"\(member)\"), which is never used; name a "
                + "configured key with \"kid\""
        case .criticalExtension:
            "the token's header demands an extension (\"crit\" or \"b64\") that is not understood here; "
                + "leave it out"
        case .keyNotNamed(let configured):
            "\(configured) keys are configured, so the token's header must name one with \"kid\""
        case .keyUnknown:
            "no key with the token's \"kid\" is configured; add it here, or sign with one that is"
        case .keyNameMalformed:
            "the token's \"kid\" must be a string of 1 to \(TokenKeyring.longestKeyName) bytes"
        case .wrongAlgorithm(let algorithm):
            "the key of that \"kid\" signs with \(algorithm.rawValue) only; set \"alg\" to that and "
                + "sign so"
        case .wrongSignature:
            "the signature is not by the configured key; check that both sides have the same key, and "
                + "that nothing changed the token on its way"
        case .claimMissing(let name):
            "the token has no \"\(name)\"; add it"
        case .claimMalformed(let name, let rule):
            "the token's \"\(name)\" must be \(rule)"
        case .unknownRight:
            "the token's \"channels\" grant a right that does not exist; the rights are "
                + ChannelRights.words.map(\.word).joined(separator: ", ")
        case .expired(let seconds):
            "the token expired \(seconds) s ago; mint a new one, or correct the clocks"
        case .notYetValid(let seconds):
            "the token is valid in \(seconds) s only (\"nbf\"); correct the clocks of both machines"
        case .issuedLater(let seconds):
            "the token is issued \(seconds) s from now (\"iat\"); correct the clocks of both machines"
        case .livesTooLong(let seconds, let most):
            "the token lives \(seconds) s and may live \(most) s; set \"exp\" nearer to \"iat\""
        case .wrongIssuer:
            "the token's \"iss\" is not the one configured here"
        case .wrongAudience:
            "the token's \"aud\" does not name this service as it is configured"
        }
    }
}
