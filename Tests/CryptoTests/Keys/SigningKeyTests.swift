import Basics
import Crypto
import Testing

@Suite struct `A signing key` {
    @Test(arguments: SignatureAlgorithm.allCases)
    func `signs what its verifying key admits, and nothing else`(kind: SignatureAlgorithm) throws {
        let key = try SigningKey(generating: kind)
        let other = try SigningKey(generating: kind)
        let message = Array("to whom it may concern".utf8)
        let signature = try key.sign(message.span)
        #expect(signature.count == kind.signatureLength)
        #expect(key.verifyingKey.admits(signature, of: message))
        #expect(!other.verifyingKey.admits(signature, of: message))
        #expect(!key.verifyingKey.admits(signature, of: []))
        for place in signature.indices {
            var forged = signature
            forged[place] ^= 0x10
            #expect(!key.verifyingKey.admits(forged, of: message))
        }
        for length in [0, 1, signature.count - 1] {
            let short = Array(signature.prefix(length))
            #expect(!key.verifyingKey.admits(short, of: message))
        }
        #expect(!key.verifyingKey.admits(signature + [0], of: message))
    }

    @Test(arguments: [SignatureAlgorithm.es256, .edDSA])
    func `comes back from its own files`(kind: SignatureAlgorithm) throws {
        let key = try SigningKey(generating: kind)
        let pem = try #require(try key.exportPublic())
        let file = try key.exportPrivate().revealed
        let again = try SigningKey(privatePEM: file.span)
        #expect(again.algorithm == kind)
        let message: [UInt8] = [1, 2, 3]
        let signature = try again.sign(message.span)
        let verifying = try VerifyingKey(publicPEM: pem.span)
        #expect(verifying.admits(signature, of: message))
    }

    /// RFC 8037, appendix A.4.
    @Test func `signs EdDSA as its RFC does`() throws {
        let seed = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
        // The key of the RFC in the wrapping of RFC 8410.
        let wrapping: [UInt8] = [
            0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22,
            0x04,
            0x20,
        ]
        let der = try wrapping + bytes(ofBase64URL: seed)
        let pem = """
            -----BEGIN PRIVATE KEY-----
            \(base64(der))
            -----END PRIVATE KEY-----
            """
        let file = Array(pem.utf8)
        let key = try SigningKey(privatePEM: file.span)
        let message = Array("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".utf8)
        let signature = """
            hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg
            """
        let made = try key.sign(message.span)
        #expect(base64URL(made) == signature)
    }

    /// RFC 7515, appendix A.1.
    @Test func `signs HS256 as its RFC does`() throws {
        let secret = """
            AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow
            """
        let raw = try bytes(ofBase64URL: secret)
        let key = try SigningKey(secret: raw.span)
        let message = """
            eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQog\
            Imh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ
            """
        let signed = Array(message.utf8)
        let signature = try key.sign(signed.span)
        #expect(
            base64URL(signature) == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        )
    }

    @Test func `needs a secret as long as its digest, and not a file`() throws {
        let long = [UInt8](repeating: 7, count: 32)
        let key = try SigningKey(secret: long.span)
        #expect(key.algorithm == .hs256)
        #expect(throws: KeyFault.tooShort(bytes: 31, least: 32)) {
            try SigningKey(secret: long.span.extracting(0..<31))
        }
        let pem = try #require(try SigningKey(generating: .es256).exportPublic())
        #expect(throws: KeyFault.self) { try VerifyingKey(secret: pem.span) }
    }

    @Test func `prints as its algorithm and never as itself`() throws {
        let secret = [UInt8](repeating: 65, count: 32)
        let key = try SigningKey(secret: secret.span)
        #expect("\(key)" == "HS256 key")
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!dumped.contains("AAAA"))
        #expect(!dumped.contains("65"))
    }
}

@Suite struct `An ES256 signature` {
    /// RFC 7515, appendix A.3: the key's x and y in the wrapping of RFC 5480.
    private static func key() throws -> VerifyingKey {
        let wrapping = try bytes(ofHex: "3059301306072a8648ce3d020106082a8648ce3d03010703420004")
        let x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
        let y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
        let der =
            try wrapping + bytes(ofBase64URL: x)
            + bytes(ofBase64URL: y)
        let pem = """
            -----BEGIN PUBLIC KEY-----
            \(base64(der))
            -----END PUBLIC KEY-----
            """
        let file = Array(pem.utf8)
        return try VerifyingKey(publicPEM: file.span)
    }

    private static let message = Array(
        """
        eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxl\
        LmNvbS9pc19yb290Ijp0cnVlfQ
        """.utf8
    )

    private static func signature() throws -> [UInt8] {
        let text = """
            DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q
            """
        return try bytes(ofBase64URL: text)
    }

    @Test func `is admitted as in its RFC`() throws {
        #expect(try Self.key().admits(Self.signature(), of: Self.message))
    }

    @Test func `is refused in DER`() throws {
        let raw = try Self.signature()
        var r = Array(raw.prefix(32))
        var s = Array(raw.suffix(32))
        if r[0] >= 0x80 { r.insert(0, at: 0) }
        if s[0] >= 0x80 { s.insert(0, at: 0) }
        let body = [2, UInt8(r.count)] + r + [2, UInt8(s.count)] + s
        let der = [0x30, UInt8(body.count)] + body
        #expect(try !Self.key().admits(der, of: Self.message))
    }

    /// Zero in both places verified everything in a famous library once.
    @Test func `is refused with r or s zero, or beyond the order`() throws {
        let raw = try Self.signature()
        let zero = [UInt8](repeating: 0, count: 32)
        let most = [UInt8](repeating: 255, count: 32)
        let order = try bytes(
            ofHex: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
        )
        for part in [zero, most, order] {
            for forged in [part + part, part + raw.suffix(32), raw.prefix(32) + part] {
                #expect(try !Self.key().admits(forged, of: Self.message))
            }
        }
    }

    @Test func `needs a key on P-256`() {
        let file = Array(p384.utf8)
        #expect(throws: KeyFault.wrongKind(expected: "an ECDSA key on P-256 or an Ed25519 key")) {
            try VerifyingKey(publicPEM: file.span)
        }
    }

    private let p384 = """
        -----BEGIN PUBLIC KEY-----
        MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAECuBDo8liBLgjRTrW8uSvJKUW4YFd6SZ6
        ENkXHcEZnMW+yF/spLvrqkhb/6ijX4bn2Zw3pkFk7tKRnbVAAEaoyGTHaB4/7Hyl
        VOwGUrSWE9JPwCbL79VOahH6lLGd1tRL
        -----END PUBLIC KEY-----
        """
}

extension VerifyingKey {
    fileprivate func admits(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        admits(signature.span, of: message.span)
    }
}
