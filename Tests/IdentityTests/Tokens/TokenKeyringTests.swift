import Basics
import Crypto
import Identity
import Testing

@Suite struct `A keyring` {
    private let ring = Ring()
    private let claims = #"{"sub":"mallory","exp":1060,"admin":true}"#

    // MARK: - Tricks

    @Test(arguments: ["none", "None", "nOnE"])
    func `refuses what is not signed`(algorithm: String) {
        let text = "\(coded("{\"alg\":\"\(algorithm)\"}")).\(coded(claims))."
        #expect(ring.fault(text) == .unsigned)
    }

    /// The public key is known to all; taken for a secret, it would let all sign.
    @Test(arguments: [SignatureAlgorithm.es256, .edDSA])
    func `refuses HS256 with a public key as the secret`(kind: SignatureAlgorithm) throws {
        let pair = try SigningKey(generating: kind)
        let keyring = try TokenKeyring([("k1", pair.verifyingKey)], rules: TokenKeyring.Rules())
        let pem = try #require(try pair.exportPublic())
        let signed = "\(coded(#"{"alg":"HS256","kid":"k1"}"#)).\(coded(claims))"
        var hmac = HMAC(.sha256, key: pem.span)
        let bytes = Array(signed.utf8)
        let code = hmac.code(of: bytes.span)
        let text = "\(signed).\(Base64.url.encode(code.span))"
        #expect(keyring.fault(text) == .wrongAlgorithm(keys: kind))
    }

    @Test func `refuses another algorithm than the key's, even signed with the right key`() throws {
        for algorithm in ["HS512", "hs256", "ES256", "RS256", ""] {
            let header = "{\"alg\":\"\(algorithm)\",\"kid\":\"k1\"}"
            let text = try ring.mint(header: header, claims: claims)
            #expect(ring.fault(text) == .wrongAlgorithm(keys: .hs256))
        }
    }

    @Test(arguments: ["jwk", "jku", "x5c", "x5u"])
    func `refuses a key that the token brings along`(member: String) throws {
        let header = "{\"alg\":\"HS256\",\"kid\":\"k1\",\"\(member)\":{}}"
        let text = try ring.mint(header: header, claims: claims)
        #expect(ring.fault(text) == .embeddedKey(member: member))
    }

    @Test(arguments: [
        (#"{"alg":"HS256","crit":["exp"],"exp":1}"#, TokenFault.criticalExtension),
        (#"{"alg":"HS256","b64":false}"#, .criticalExtension),
        (#"{"alg":"HS256","typ":"dpop+jwt"}"#, .wrongType),
        (#"{"alg":"HS256","typ":1}"#, .wrongType),
        (#"{"kid":"k1"}"#, .algorithmMissing),
        (#"{"alg":["HS256"]}"#, .algorithmMissing),
        (#"{"alg":"HS256","kid":"k2"}"#, .keyUnknown),
        (#"{"alg":"HS256","kid":""}"#, .keyNameMalformed),
        (#"{"alg":"HS256","kid":1}"#, .keyNameMalformed),
        (#"["alg"]"#, .notAnObject(.header)),
    ])
    func `refuses a header that asks for anything else`(header: String, fault: TokenFault) throws {
        #expect(try ring.fault(ring.mint(header: header, claims: claims)) == fault)
    }

    @Test func `takes a header with nothing but the algorithm, if there is one key`() throws {
        let text = try ring.mint(header: #"{"alg":"HS256","typ":"JWT"}"#, claims: claims)
        #expect(try ring.keyring.token(text, at: 1_000).subject == "mallory")
    }

    // MARK: - Keys

    @Test func `asks which key when it has several`() throws {
        let other = try SigningKey(generating: .edDSA)
        let keyring = try TokenKeyring(
            [("k1", ring.key.verifyingKey), ("k2", other.verifyingKey)],
            rules: TokenKeyring.Rules()
        )
        let header = #"{"alg":"HS256"}"#
        #expect(
            try keyring.fault(ring.mint(header: header, claims: claims))
                == .keyNotNamed(configured: 2)
        )
        #expect(try keyring.token(ring.mint(Ring.ana), at: 1_000) == Ring.ana)
        let second = try TokenMaker(key: other, keyName: "k2").mint(Ring.ana)
        #expect(try keyring.token(second, at: 1_000) == Ring.ana)
        let crossed = try TokenMaker(key: other, keyName: "k1").mint(Ring.ana)
        #expect(keyring.fault(crossed) == .wrongAlgorithm(keys: .hs256))
    }

    @Test func `believes nobody when it is empty`() throws {
        let keyring = try TokenKeyring([], rules: TokenKeyring.Rules())
        #expect(try keyring.fault(ring.mint(Ring.ana)) == .keyUnknown)
        let header = #"{"alg":"HS256"}"#
        #expect(try keyring.fault(ring.mint(header: header, claims: claims)) == .keyUnknown)
    }

    @Test func `has no two keys of one name`() {
        #expect(throws: TokenKeyring.Fault.sameName("k1")) {
            try TokenKeyring(
                [("k1", ring.key.verifyingKey), ("k1", ring.key.verifyingKey)],
                rules: TokenKeyring.Rules()
            )
        }
        #expect(throws: TokenKeyring.Fault.badName) {
            try TokenKeyring([("", ring.key.verifyingKey)], rules: TokenKeyring.Rules())
        }
    }

    @Test func `refuses a signature by a key of the same kind that it doesn't have`() throws {
        let stranger = try SigningKey(generating: .hs256)
        let text = try TokenMaker(key: stranger, keyName: "k1").mint(Ring.ana)
        #expect(ring.fault(text) == .wrongSignature)
    }

    // MARK: - Form

    @Test func `refuses a token cut off anywhere, or changed anywhere`() throws {
        let text = Array(try ring.mint(Ring.ana).utf8)
        for end in text.indices {
            #expect(ring.fault(String(decoding: text[..<end], as: UTF8.self)) != nil)
        }
        for place in text.indices {
            var changed = text
            changed[place] ^= 1
            #expect(ring.fault(String(decoding: changed, as: UTF8.self)) != nil)
        }
    }

    @Test(arguments: [
        ("", TokenFault.empty), (".", .notThreeParts(count: 2)), ("a.b", .notThreeParts(count: 2)),
        ("a.b.c.d", .notThreeParts(count: 4)), ("a.b.c.d.e", .encrypted),
        ("e30..", .algorithmMissing),
        ("e30=..", .notBase64(.header, EncodingFault(offset: 3, rule: .strangeByte))),
    ])
    func `says what is wrong with the form`(text: String, fault: TokenFault) {
        #expect(ring.fault(text) == fault)
    }

    @Test func `reads 4,096 bytes and not one more`() {
        let long = String(repeating: "a", count: 4_096)
        #expect(ring.fault(long) == .notThreeParts(count: 1))
        #expect(ring.fault(long + "a") == .tooLong(bytes: 4_097))
    }

    @Test func `never shows a secret in what it says`() throws {
        let faults: [TokenFault] = [
            .empty, .tooLong(bytes: 5_000), .notThreeParts(count: 1), .encrypted,
            .notBase64(.claims, EncodingFault(offset: 3, rule: .strangeByte)), .unsigned,
            .embeddedKey(member: "jwk"), .criticalExtension, .keyNotNamed(configured: 2),
            .keyUnknown, .keyNameMalformed, .wrongAlgorithm(keys: .es256), .wrongSignature,
            .claimMissing("exp"), .claimMalformed("aud", rule: "a string"), .unknownRight,
            .expired(secondsAgo: 31), .notYetValid(inSeconds: 31), .issuedLater(inSeconds: 31),
            .livesTooLong(seconds: 2, most: 1), .wrongIssuer, .wrongAudience, .wrongType,
            .algorithmMissing,
        ]
        #expect(Set(faults.map(\.code)).count == faults.count, "each has a code of its own")
        #expect(Set(faults.map { "\($0)" }).count == faults.count)
        var dumped = ""
        dump(ring.keyring, to: &dumped)
        #expect(!dumped.contains("7, 7"))
        #expect(dumped.contains(Secret.mask))
    }
}
