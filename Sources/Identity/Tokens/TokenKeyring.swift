package import Basics
package import Crypto
internal import Wire

/// The keys whose tokens are believed, and the rules they must keep (RFC 7519, RFC 8725).
///
/// A key has one name and one algorithm, both from the configuration. The token names the key (`kid`)
/// and must name the key's own algorithm; it never chooses how it is judged, and brings no key along.
/// Several keys make rotation: add the new one, mint with it, take the old one away when its last
/// token has expired.
///
/// The order of work is what a stranger's bytes deserve: length, form, header, signature; only then are
/// the claims read at all.
package struct TokenKeyring: Sendable {
    package static let longest = 4_096
    package static let longestKeyName = 128

    package struct Rules: Hashable, Sendable {
        /// What `iss` must be, if anything.
        package var issuer: String?
        /// What `aud` must contain, if anything.
        package var audience: String?
        /// How far the clocks of both machines may differ, in seconds.
        package var skew: Int64
        /// How long a token may live, in seconds. It is exchanged for a session at once, so an hour is
        /// plenty; what a stolen one can do ends with it.
        package var longestLife: Int64

        package init(
            issuer: String? = nil,
            audience: String? = nil,
            skew: Int64 = 30,
            longestLife: Int64 = 3_600
        ) {
            self.issuer = issuer
            self.audience = audience
            self.skew = skew
            self.longestLife = longestLife
        }
    }

    /// Why a set of keys makes no keyring.
    package enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        case badName
        case sameName(String)

        package var description: String {
            switch self {
            case .badName:
                "a key's name must have 1 to \(TokenKeyring.longestKeyName) bytes; name it after the "
                    + "day it was made"
            case .sameName(let name):
                "two keys are named \"\(name)\"; rename one, for a token says by name which it means"
            }
        }
    }

    package let rules: Rules
    private let keys: [String: VerifyingKey]

    /// Takes keys with their names.
    package init(_ named: [(id: String, key: VerifyingKey)], rules: Rules) throws(Fault) {
        var keys: [String: VerifyingKey] = [:]
        for (id, key) in named {
            guard (1...Self.longestKeyName).contains(id.utf8.count) else { throw .badName }
            guard keys.updateValue(key, forKey: id) == nil else { throw .sameName(id) }
        }
        self.keys = keys
        self.rules = rules
    }

    package var isEmpty: Bool { keys.isEmpty }

    /// Reads a token in its compact form (RFC 7515, section 7.1), or says why not.
    package func token(
        from bytes: Span<UInt8>,
        at now: WallTime
    ) throws(TokenFault) -> Token {
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count <= Self.longest else { throw .tooLong(bytes: bytes.count) }
        let dots = bytes.indices.filter { bytes[$0] == UInt8(ascii: ".") }
        guard dots.count == 2 else {
            throw dots.count == 4 ? .encrypted : .notThreeParts(count: dots.count + 1)
        }
        let header = try Self.object(.header, in: bytes.extracting(0..<dots[0]))
        let key = try key(for: header)
        let signature = try Self.decode(.signature, bytes.extracting(dots[1] + 1..<bytes.count))
        guard key.admits(signature.span, of: bytes.extracting(0..<dots[1])) else {
            throw .wrongSignature
        }
        let claims = try Self.object(.claims, in: bytes.extracting(dots[0] + 1..<dots[1]))
        let token = try Token(claims)
        try check(token, at: now.seconds)
        return token
    }

    /// The key that the header names, if the header claims nothing that it may not.
    private func key(for header: JSONObject) throws(TokenFault) -> VerifyingKey {
        if let type = header["typ"], type.string?.lowercased() != "jwt" { throw .wrongType }
        for member in ["jwk", "jku", "x5c", "x5u"] where header[member] != nil {
            throw .embeddedKey(member: member)
        }
        guard header["crit"] == nil, header["b64"] == nil else { throw .criticalExtension }
        guard let algorithm = header["alg"]?.string else { throw .algorithmMissing }
        if algorithm.lowercased() == "none" { throw .unsigned }

        let key: VerifyingKey
        if let name = header["kid"] {
            guard let id = name.string, (1...Self.longestKeyName).contains(id.utf8.count) else {
                throw .keyNameMalformed
            }
            guard let found = keys[id] else { throw .keyUnknown }
            key = found
        } else {
            guard keys.count <= 1 else { throw .keyNotNamed(configured: keys.count) }
            guard let only = keys.values.first else { throw .keyUnknown }
            key = only
        }
        guard algorithm == key.algorithm.rawValue else {
            throw .wrongAlgorithm(keys: key.algorithm)
        }
        return key
    }

    private func check(_ token: Token, at now: Int64) throws(TokenFault) {
        guard now < token.expires + rules.skew else {
            throw .expired(secondsAgo: now - token.expires)
        }
        if let notBefore = token.notBefore, notBefore > now + rules.skew {
            throw .notYetValid(inSeconds: notBefore - now)
        }
        if let issued = token.issued, issued > now + rules.skew {
            throw .issuedLater(inSeconds: issued - now)
        }
        let life = token.expires - (token.issued ?? now)
        guard life <= rules.longestLife else {
            throw .livesTooLong(seconds: life, most: rules.longestLife)
        }
        if let issuer = rules.issuer, token.issuer != issuer { throw .wrongIssuer }
        if let audience = rules.audience, !token.audience.contains(audience) {
            throw .wrongAudience
        }
    }

    private static func decode(
        _ part: TokenFault.Part,
        _ text: Span<UInt8>
    ) throws(TokenFault) -> [UInt8] {
        do {
            return try Base64.url.decode(text)
        } catch {
            throw .notBase64(part, error)
        }
    }

    private static func object(
        _ part: TokenFault.Part,
        in text: Span<UInt8>
    ) throws(TokenFault) -> JSONObject {
        let bytes = try decode(part, text)
        let value: JSONValue
        do {
            value = try JSONValue(
                parsing: bytes.span,
                limits: JSONLimits(depth: 4, elements: 1_024, bytes: longest)
            )
        } catch {
            throw .notJSON(part, error)
        }
        guard let object = value.object else { throw .notAnObject(part) }
        return object
    }
}
