package import Basics
internal import COpenSSL

/// A key that signs, of one algorithm. Shown by nobody: it prints as its algorithm.
package struct SigningKey: Sendable, CustomStringConvertible {
    package let algorithm: SignatureAlgorithm
    private let material: KeyMaterial

    package var description: String { "\(algorithm.rawValue) key" }

    /// An HS256 key: the shared secret itself.
    package init(secret: Span<UInt8>) throws(KeyFault) {
        algorithm = .hs256
        material = .secret(try KeyMaterial.checkSecret(secret))
    }

    /// An ES256 or EdDSA key, as its kind says, from "BEGIN PRIVATE KEY".
    package init(privatePEM: Span<UInt8>) throws(KeyFault) {
        let key = try PEMReader.privateKey(in: privatePEM)
        algorithm = try KeyMaterial.algorithm(of: key)
        material = .pair(key)
    }

    /// Makes a new key. A pair comes from OpenSSL's own entropy, a secret from ``SecureRandom``.
    package init(generating algorithm: SignatureAlgorithm) throws(KeyFault) {
        self.algorithm = algorithm
        let pair: OpaquePointer?
        switch algorithm {
        case .hs256:
            material = .secret(Secret(SecureRandom.bytes(32)))
            return
        case .es256: unsafe pair = roost_generate_p256()
        case .edDSA: unsafe pair = roost_generate_ed25519()
        }
        guard let pair = unsafe pair else {
            throw .library(why: OpenSSLQueue.drain().sentence)
        }
        material = unsafe .pair(OwnedKey(pair))
    }

    /// The key that judges what this one signs. For HS256 it is the same secret.
    package var verifyingKey: VerifyingKey {
        VerifyingKey(algorithm: algorithm, material: material)
    }

    /// The private key as PEM, or the secret as Base64URL text. Keep it secret.
    package func exportPrivate() throws(KeyFault) -> Secret {
        switch material {
        case .secret(let secret):
            return Secret(Base64.url.encode(secret.revealed.span))
        case .pair(let key):
            defer { withExtendedLifetime(key) {} }
            return Secret(
                try unsafe PEMWriter.text {
                    unsafe PEM_write_bio_PKCS8PrivateKey($0, key.pointer, nil, nil, 0, nil, nil)
                }
            )
        }
    }

    /// The public key as PEM; nil for HS256, which has none.
    package func exportPublic() throws(KeyFault) -> [UInt8]? {
        guard case .pair(let key) = material else { return nil }
        defer { withExtendedLifetime(key) {} }
        return try unsafe PEMWriter.text { unsafe PEM_write_bio_PUBKEY($0, key.pointer) }
    }

    /// Signs a message.
    package func sign(_ message: Span<UInt8>) throws(KeyFault) -> [UInt8] {
        switch material {
        case .secret(let secret):
            var hmac = HMAC(.sha256, key: secret.revealed.span)
            return hmac.code(of: message)
        case .pair(let key):
            let digest = algorithm == .es256 ? Digest.Algorithm.sha256 : nil
            let signature = try sign(message, with: key, digest: digest)
            guard algorithm == .es256 else { return signature }
            guard let raw = ECDSASignature.raw(fromDER: signature) else {
                throw .library(why: OpenSSLQueue.drain().sentence)
            }
            return raw
        }
    }

    private func sign(
        _ message: Span<UInt8>,
        with key: OwnedKey,
        digest: Digest.Algorithm?
    ) throws(KeyFault) -> [UInt8] {
        let context = unsafe EVP_MD_CTX_new()
        defer { unsafe EVP_MD_CTX_free(context) }
        OpenSSLQueue.clear()
        var signature = [UInt8](repeating: 0, count: 128)
        var count = signature.count
        let isSigned =
            unsafe EVP_DigestSignInit(context, nil, digest?.pointer, nil, key.pointer) == 1
            && message.withUnsafeBufferPointer { message in
                unsafe EVP_DigestSign(
                    context,
                    &signature,
                    &count,
                    message.baseAddress,
                    message.count
                ) == 1
            }
        guard isSigned else { throw .library(why: OpenSSLQueue.drain().sentence) }
        return Array(signature.prefix(count))
    }
}
