import Basics
import Crypto
import Identity
import Testing
import Wire

@Suite struct `A token` {
    private let ring = Ring()

    @Test(arguments: SignatureAlgorithm.allCases)
    func `is believed when a configured key signed it`(kind: SignatureAlgorithm) throws {
        let key = try SigningKey(generating: kind)
        let keyring = try TokenKeyring([("k1", key.verifyingKey)], rules: TokenKeyring.Rules())
        var token = Ring.ana
        token.issuer = "https://app.example"
        token.audience = ["roost", "other"]
        token.notBefore = 1_000
        token.id = "one"
        token.isAdmin = true
        let text = try TokenMaker(key: key, keyName: "k1").mint(token)
        #expect(try keyring.token(text, at: 1_000) == token)
    }

    @Test func `names a person with rights by channel`() throws {
        let token = try ring.keyring.token(ring.mint(Ring.ana), at: 1_000)
        let person = token.principal
        #expect(person.id == Identifier(naming: "42", as: .person))
        #expect(person.username == "42")
        #expect(person.displayName == "Ana")
        let owls = Identifier(naming: "night-owls", as: .channel)
        #expect(person.rights(in: owls) == [.read, .join, .start])
        #expect(person.rights(in: Identifier(naming: "elsewhere", as: .channel)) == [.read])
        #expect(person.may(.join, in: owls))
        #expect(!person.may(.moderate, in: owls))
    }

    @Test func `may take away in one channel what it gives in all`() throws {
        var token = Ring.ana
        token.rightsElsewhere = .all
        token.channels = ["quiet": [.read]]
        let person = try ring.keyring.token(ring.mint(token), at: 1_000).principal
        #expect(person.rights(in: Identifier(naming: "quiet", as: .channel)) == [.read])
    }

    @Test func `of an administrator opens every channel`() throws {
        var token = Ring.ana
        token.isAdmin = true
        let person = try ring.keyring.token(ring.mint(token), at: 1_000).principal
        #expect(person.rights(in: Identifier(naming: "night-owls", as: .channel)) == .all)
    }

    // MARK: - Time

    @Test func `is good until it expires, and a little longer for clocks that differ`() throws {
        let text = try ring.mint(Ring.ana)
        #expect(try ring.keyring.token(text, at: 1_060 + 29) == Ring.ana)
        #expect(ring.fault(text, at: 1_060 + 30) == .expired(secondsAgo: 30))
    }

    @Test func `is not good before its time`() throws {
        var token = Ring.ana
        token.notBefore = 1_040
        let text = try ring.mint(token)
        #expect(ring.fault(text, at: 1_009) == .notYetValid(inSeconds: 31))
        #expect(try ring.keyring.token(text, at: 1_010) == token)
    }

    @Test func `can't come from the future`() throws {
        let text = try ring.mint(Ring.ana)
        #expect(ring.fault(text, at: 969) == .issuedLater(inSeconds: 31))
        #expect(try ring.keyring.token(text, at: 970) == Ring.ana)
    }

    @Test func `may live for so long and no longer`() throws {
        var token = Ring.ana
        token.expires = 1_000 + 3_600
        #expect(try ring.keyring.token(ring.mint(token), at: 1_000) == token)
        token.expires += 1
        let fault = TokenFault.livesTooLong(seconds: 3_601, most: 3_600)
        #expect(try ring.fault(ring.mint(token), at: 1_000) == fault)
        token.issued = nil
        #expect(try ring.fault(ring.mint(token), at: 1_000) == fault)
    }

    @Test func `without an expiry is refused`() throws {
        #expect(try ring.fault(claims: #"{"sub":"42"}"#) == .claimMissing("exp"))
        #expect(try ring.fault(claims: #"{"exp":1060}"#) == .claimMissing("sub"))
    }

    // MARK: - Who and for whom

    @Test func `must come from the issuer and be for the audience that are configured`() throws {
        let rules = TokenKeyring.Rules(issuer: "app", audience: "roost")
        let strict = try TokenKeyring([("k1", ring.key.verifyingKey)], rules: rules)
        var token = Ring.ana
        token.audience = ["roost"]
        #expect(try strict.fault(ring.mint(token)) == .wrongIssuer)
        token.issuer = "app"
        #expect(try strict.token(ring.mint(token), at: 1_000) == token)
        token.audience = ["other", "roost"]
        #expect(try strict.token(ring.mint(token), at: 1_000) == token)
        token.audience = ["other"]
        #expect(try strict.fault(ring.mint(token)) == .wrongAudience)
        token.audience = []
        #expect(try strict.fault(ring.mint(token)) == .wrongAudience)
    }

    @Test(arguments: [
        (#"{"sub":7,"exp":1060}"#, "sub"), (#"{"sub":"","exp":1060}"#, "sub"),
        (#"{"sub":"a\nb","exp":1060}"#, "sub"), (#"{"sub":"a","exp":"1060"}"#, "exp"),
        (#"{"sub":"a","exp":-1}"#, "exp"), (#"{"sub":"a","exp":1e300}"#, "exp"),
        (#"{"sub":"a","exp":1060,"nbf":null}"#, "nbf"),
        (#"{"sub":"a","exp":1060,"admin":"yes"}"#, "admin"),
        (#"{"sub":"a","exp":1060,"admin":1}"#, "admin"),
        (#"{"sub":"a","exp":1060,"name":"\u202e"}"#, "name"),
        (#"{"sub":"a","exp":1060,"aud":[1]}"#, "aud"),
        (#"{"sub":"a","exp":1060,"channels":["x"]}"#, "channels"),
        (#"{"sub":"a","exp":1060,"channels":{"x":"read"}}"#, "channels"),
        (#"{"sub":"a","exp":1060,"channels":{"":["read"]}}"#, "channels"),
    ])
    func `is refused for a claim that is not what it should be`(
        claims: String,
        name: String
    ) throws {
        guard case .claimMalformed(name, _) = try ring.fault(claims: claims) else {
            Issue.record("\(claims)")
            return
        }
    }

    @Test func `is refused for a right that does not exist`() throws {
        let claims = #"{"sub":"a","exp":1060,"channels":{"x":["read","fly"]}}"#
        #expect(try ring.fault(claims: claims) == .unknownRight)
        #expect("\(TokenFault.unknownRight)".contains("read, join, start, moderate, record"))
    }

    @Test func `is refused for a claim that stands there twice`() throws {
        let claims = #"{"sub":"a","exp":1060,"sub":"b"}"#
        guard case .notJSON(.claims, let fault) = try ring.fault(claims: claims) else {
            Issue.record("believed")
            return
        }
        #expect(fault.rule == .duplicateName)
    }

    @Test func `may have a fraction of a second in its dates`() throws {
        let text = try ring.mint(header: #"{"alg":"HS256"}"#, claims: #"{"sub":"a","exp":1060.9}"#)
        #expect(try ring.keyring.token(text, at: 1_000).expires == 1_060)
    }
}

/// One HS256 key under the name k1, and ways to mint good tokens and bad ones with it.
struct Ring {
    static let ana = Token(
        subject: "42",
        name: "Ana",
        channels: ["night-owls": [.read, .join, .start]],
        rightsElsewhere: [.read],
        expires: 1_060,
        issued: 1_000
    )

    let key: SigningKey
    let keyring: TokenKeyring

    init() {
        do {
            let secret = [UInt8](repeating: 7, count: 32)
            key = try SigningKey(secret: secret.span)
            keyring = try TokenKeyring([("k1", key.verifyingKey)], rules: TokenKeyring.Rules())
        } catch {
            preconditionFailure("a secret of 32 bytes is long enough: \(error)")
        }
    }

    func mint(_ token: Token) throws -> String {
        try TokenMaker(key: key, keyName: "k1").mint(token)
    }

    func mint(header: String, claims: String, with other: SigningKey? = nil) throws -> String {
        let signed = "\(coded(header)).\(coded(claims))"
        let bytes = Array(signed.utf8)
        let signature = try (other ?? key).sign(bytes.span)
        return "\(signed).\(Base64.url.encode(signature.span))"
    }

    func fault(claims: String) throws -> TokenFault? {
        try fault(mint(header: #"{"alg":"HS256","kid":"k1"}"#, claims: claims))
    }

    func fault(_ text: String, at seconds: Int64 = 1_000) -> TokenFault? {
        keyring.fault(text, at: seconds)
    }
}

func coded(_ text: String) -> String {
    let bytes = Array(text.utf8)
    return Base64.url.encode(bytes.span)
}

extension TokenKeyring {
    func token(_ text: String, at seconds: Int64) throws -> Token {
        let bytes = Array(text.utf8)
        return try token(from: bytes.span, at: WallTime(seconds: seconds))
    }

    func fault(_ text: String, at seconds: Int64 = 1_000) -> TokenFault? {
        do throws(TokenFault) {
            let bytes = Array(text.utf8)
            _ = try token(from: bytes.span, at: WallTime(seconds: seconds))
            return nil
        } catch {
            return error
        }
    }
}
