internal import COpenSSL

/// AES in counter mode by OpenSSL: a key of 16 or 32 bytes, and a stream from any starting point.
@safe package struct AESCounter: ~Copyable, Sendable {
    nonisolated(unsafe) private let context: OpaquePointer?

    package init?(key: Span<UInt8>) {
        let kind: OpaquePointer?
        switch key.count {
        case 16: unsafe kind = counter128Kind
        case 32: unsafe kind = counter256Kind
        default: return nil
        }
        unsafe context = EVP_CIPHER_CTX_new()
        let isReady = unsafe key.withUnsafeBufferPointer { key in
            unsafe EVP_EncryptInit_ex2(context, kind, key.baseAddress, nil, nil) == 1
        }
        precondition(isReady, "OpenSSL has no AES; its default provider is not installed")
    }

    deinit {
        unsafe EVP_CIPHER_CTX_free(context)  // wipes the key
    }

    /// Encrypts, or decrypts, which is the same. The two places are one, or lie apart.
    package func apply(
        to text: UnsafeRawPointer,
        count: Int,
        into out: UnsafeMutableRawPointer,
        from start: PacketNonce
    ) {
        guard count > 0 else { return }
        var length: CInt = 0
        let isDone = unsafe start.withBytes { start in
            unsafe EVP_EncryptInit_ex2(context, nil, nil, start, nil) == 1
                && EVP_EncryptUpdate(
                    context,
                    out.assumingMemoryBound(to: UInt8.self),
                    &length,
                    text.assumingMemoryBound(to: UInt8.self),
                    CInt(truncatingIfNeeded: count)
                ) == 1
        }
        precondition(isDone, "OpenSSL could not encrypt; is there memory left?")
    }

    /// Fills bytes with the bare stream, of which keys are made.
    package func fill(_ bytes: inout MutableSpan<UInt8>, from start: PacketNonce) {
        for index in bytes.indices { bytes[index] = 0 }
        unsafe bytes.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            unsafe apply(to: base, count: bytes.count, into: base, from: start)
        }
    }
}

// Looked up once: OpenSSL's own lookup costs more than a packet.
nonisolated(unsafe) private let counter128Kind = unsafe EVP_CIPHER_fetch(nil, "AES-128-CTR", nil)
nonisolated(unsafe) private let counter256Kind = unsafe EVP_CIPHER_fetch(nil, "AES-256-CTR", nil)
