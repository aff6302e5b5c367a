internal import Basics
internal import COpenSSL

/// A key that can tell whether a signature is genuine. It has one algorithm and no other, so that no
/// message can choose how it is judged.
package struct VerifyingKey: Sendable {
    package let algorithm: SignatureAlgorithm
    let material: KeyMaterial

    init(algorithm: SignatureAlgorithm, material: KeyMaterial) {
        self.algorithm = algorithm
        self.material = material
    }

    /// An HS256 key: the shared secret itself.
    package init(secret: Span<UInt8>) throws(KeyFault) {
        algorithm = .hs256
        material = .secret(try KeyMaterial.checkSecret(secret))
    }

    /// An ES256 or EdDSA key, as its kind says, from "BEGIN PUBLIC KEY".
    package init(publicPEM: Span<UInt8>) throws(KeyFault) {
        let key = try PEMReader.publicKey(in: publicPEM)
        algorithm = try KeyMaterial.algorithm(of: key)
        material = .pair(key)
    }

    /// Whether somebody who holds the signing key signed exactly this message. Total: a signature of any
    /// length and content is just not genuine.
    package func admits(_ signature: Span<UInt8>, of message: Span<UInt8>) -> Bool {
        guard signature.count == algorithm.signatureLength else { return false }
        switch material {
        case .secret(let secret):
            var hmac = HMAC(.sha256, key: secret.revealed.span)
            let code = hmac.code(of: message)
            let given = signature.indices.map { signature[$0] }
            return code.isEqualInConstantTime(to: given)
        case .pair(let key) where algorithm == .es256:
            guard let der = ECDSASignature.der(fromRaw: signature) else { return false }
            return verify(der.span, of: message, with: key, digest: Digest.Algorithm.sha256)
        case .pair(let key):
            return verify(signature, of: message, with: key, digest: nil)
        }
    }

    private func verify(
        _ signature: Span<UInt8>,
        of message: Span<UInt8>,
        with key: OwnedKey,
        digest: Digest.Algorithm?
    ) -> Bool {
        guard let context = unsafe EVP_MD_CTX_new() else { return false }
        defer {
            unsafe EVP_MD_CTX_free(context)
            OpenSSLQueue.clear()
        }
        guard unsafe EVP_DigestVerifyInit(context, nil, digest?.pointer, nil, key.pointer) == 1
        else { return false }
        return unsafe signature.withUnsafeBufferPointer { signature in
            unsafe message.withUnsafeBufferPointer { message in
                unsafe EVP_DigestVerify(
                    context,
                    signature.baseAddress,
                    signature.count,
                    message.baseAddress,
                    message.count
                ) == 1
            }
        }
    }
}
