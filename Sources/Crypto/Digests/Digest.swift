internal import COpenSSL

/// A digest in the making: takes bytes piece by piece, and gives their hash in the end.
///
/// SHA-1 and MD5 are here for the protocols that name them (WebSocket's handshake, STUN, TURN);
/// nothing that needs collisions to be hard may use them.
@safe package struct Digest: ~Copyable, Sendable {
    package enum Algorithm: Sendable {
        case md5
        case sha1
        case sha256

        package var length: Int {
            switch self {
            case .md5: 16
            case .sha1: 20
            case .sha256: 32
            }
        }
    }

    package let algorithm: Algorithm
    nonisolated(unsafe) private let context: OpaquePointer?

    package init(_ algorithm: Algorithm) {
        self.algorithm = algorithm
        unsafe context = EVP_MD_CTX_new()
        let isReady = unsafe EVP_DigestInit_ex(context, algorithm.pointer, nil) == 1
        precondition(isReady, "OpenSSL has no SHA; its default provider is not installed")
    }

    deinit {
        unsafe EVP_MD_CTX_free(context)
    }

    package mutating func update(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBytes { bytes in
            _ = unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        }
    }

    package consuming func finish() -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: algorithm.length) { room, count in
            var length: UInt32 = 0
            unsafe EVP_DigestFinal_ex(context, room.baseAddress, &length)
            count = Int(length)
        }
    }

    /// The hash of bytes that are all there.
    package static func of(_ bytes: Span<UInt8>, _ algorithm: Algorithm = .sha256) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: algorithm.length) { room, count in
            var length: UInt32 = 0
            unsafe bytes.withUnsafeBytes { bytes in
                let isDone = unsafe EVP_Digest(
                    bytes.baseAddress,
                    bytes.count,
                    room.baseAddress,
                    &length,
                    algorithm.pointer,
                    nil
                )
                precondition(isDone == 1, "OpenSSL could not hash; is there memory left?")
            }
            count = Int(length)
        }
    }
}

extension Digest.Algorithm {
    /// Looked up once: OpenSSL's own lookup costs more than a short hash.
    var pointer: OpaquePointer? {
        switch self {
        case .md5: unsafe md5Kind
        case .sha1: unsafe sha1Kind
        case .sha256: unsafe sha256Kind
        }
    }
}

nonisolated(unsafe) private let md5Kind = unsafe EVP_MD_fetch(nil, "MD5", nil)
nonisolated(unsafe) private let sha1Kind = unsafe EVP_MD_fetch(nil, "SHA1", nil)
nonisolated(unsafe) private let sha256Kind = unsafe EVP_MD_fetch(nil, "SHA256", nil)
