import Basics
import Crypto
import Testing

@Suite struct `A digest` {
    /// FIPS 180-2, appendices A and B.
    @Test(arguments: [
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d", Digest.Algorithm.sha1),
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709", .sha1),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", .sha256),
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", .sha256),
    ])
    func `agrees with its standard`(word: String, text: String, kind: Digest.Algorithm) {
        let bytes = Array(word.utf8)
        let digest = Digest.of(bytes.span, kind)
        #expect(hex(digest) == text)
    }

    @Test func `is the same in pieces as at once`() {
        let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0) }
        for piece in [1, 7, 64, 999] {
            var digest = Digest(.sha256)
            for start in stride(from: 0, to: bytes.count, by: piece) {
                digest.update(bytes.span.extracting(start..<min(start + piece, bytes.count)))
            }
            let pieced = digest.finish()
            let whole = Digest.of(bytes.span)
            #expect(pieced == whole)
        }
    }
}

@Suite struct `An HMAC` {
    /// RFC 2202 (SHA-1) and RFC 4231 (SHA-256), cases 1, 2 and 6.
    @Test(arguments: [
        (
            [UInt8](repeating: 0x0b, count: 20), "Hi There",
            "b617318655057264e28bc0b6fb378c8ef146be00", Digest.Algorithm.sha1
        ),
        (
            Array("Jefe".utf8), "what do ya want for nothing?",
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79", .sha1
        ),
        (
            [UInt8](repeating: 0x0b, count: 20), "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", .sha256
        ),
        (
            Array("Jefe".utf8), "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", .sha256
        ),
        (
            [UInt8](repeating: 0xaa, count: 131),
            "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54", .sha256
        ),
        ([], "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad", .sha256),
    ])
    func `agrees with its RFCs, time after time`(
        key: [UInt8],
        word: String,
        text: String,
        kind: Digest.Algorithm
    ) {
        var hmac = HMAC(kind, key: key.span)
        let message = Array(word.utf8)
        for _ in 0..<3 {
            let code = hmac.code(of: message.span)
            #expect(hex(code) == text)
            _ = hmac.code(of: code.span)
        }
    }

    @Test func `can be written where there is room already`() {
        let key: [UInt8] = [1, 2, 3]
        let message: [UInt8] = [4, 5]
        var hmac = HMAC(.sha1, key: key.span)
        var room = [UInt8](repeating: 9, count: 24)
        var span = room.mutableSpan
        hmac.writeCode(of: message.span, to: &span)
        let code = hmac.code(of: message.span)
        #expect(Array(room.prefix(20)) == code)
        #expect(room.suffix(4) == [9, 9, 9, 9])
    }
}

@Suite struct `Secure chance` {
    @Test func `does not repeat itself`() {
        var random = SecureRandom()
        #expect(Set((0..<100).map { _ in random.next() }).count == 100)
        #expect(Set((0..<100).map { _ in SecureRandom.bytes(16) }).count == 100)
        #expect(SecureRandom.bytes(0) == [])
    }
}

@Suite struct `A prepared key of HMAC-SHA-1` {
    @Test(arguments: [0, 1, 20, 63, 64, 65, 200])
    func `gives the codes that OpenSSL's HMAC gives`(keySize: Int) {
        let key = (0..<keySize).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 1) }
        let prepared = SHA1Key(key.span)
        var hmac = HMAC(.sha1, key: key.span)
        for size in 0...260 {
            var message = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 5) }
            let code = prepared.code(of: message.span)
            #expect(code.indices.map { code[$0] } == hmac.code(of: message.span))
            guard size >= 4 else { continue }
            let patched = prepared.code(of: message.span, withLength: 0xABCD)
            message[2] = 0xAB
            message[3] = 0xCD
            #expect(patched.indices.map { patched[$0] } == hmac.code(of: message.span))
        }
    }
}
