import Basics
import Crypto
import Identity

/// Tokens: raw bytes are never believed; the same bytes as a header and claims that are genuinely signed
/// are a token that can be minted again, or a fault.
let fuzzJWT: FuzzTarget = { bytes in
    let now = WallTime(seconds: 1_000)
    do throws(TokenFault) {
        _ = try jwtRing.strict.token(from: bytes.span, at: now)
        preconditionFailure("a token that nobody signed was believed")
    } catch {
        precondition(!error.description.isEmpty && !error.code.isEmpty)
    }

    // The first line is the header, the rest the claims; both are signed as they are.
    let newline = bytes.firstIndex(of: 10) ?? 0
    let header = newline > 0 ? Array(bytes[..<newline]) : Array(#"{"alg":"HS256"}"#.utf8)
    let claims = Array(bytes[(newline > 0 ? newline + 1 : 0)...])
    var text: [UInt8] = []
    Base64.url.append(header.span, to: &text)
    text.append(UInt8(ascii: "."))
    Base64.url.append(claims.span, to: &text)
    guard let signature = try? jwtRing.key.sign(text.span) else {
        preconditionFailure("a secret signs anything")
    }
    text.append(UInt8(ascii: "."))
    Base64.url.append(signature.span, to: &text)
    do throws(TokenFault) {
        let token = try jwtRing.lenient.token(from: text.span, at: now)
        precondition(token.expires + 30 > 1_000 && !token.subject.isEmpty)
        precondition(text.count <= TokenKeyring.longest)
        _ = token.principal
        guard let minted = try? TokenMaker(key: jwtRing.key, keyName: nil).mint(token) else {
            preconditionFailure("what was read can be written")
        }
        let again = Array(minted.utf8)
        guard again.count <= TokenKeyring.longest else { return }
        let same = try jwtRing.lenient.token(from: again.span, at: now)
        precondition(same == token, "minted again, it says something else")
    } catch {
        precondition(error != .wrongSignature, "it was signed by the right key")
    }
}

private struct JWTRing: Sendable {
    let key: SigningKey
    let strict: TokenKeyring
    let lenient: TokenKeyring
}

private let jwtRing: JWTRing = {
    let secret = Array("a secret of thirty-two bytes, ok".utf8)
    do {
        let key = try SigningKey(secret: secret.span)
        let others = [SignatureAlgorithm.es256, .edDSA]
        var keys = [(id: "hs", key: key.verifyingKey)]
        for other in others {
            let id = other.rawValue
            keys.append((id: id, key: try SigningKey(generating: other).verifyingKey))
        }
        let rules = TokenKeyring.Rules(longestLife: 1 << 40)
        return JWTRing(
            key: key,
            strict: try TokenKeyring(keys, rules: rules),
            lenient: try TokenKeyring([("k", key.verifyingKey)], rules: rules)
        )
    } catch {
        preconditionFailure("keys can be made: \(error)")
    }
}()
