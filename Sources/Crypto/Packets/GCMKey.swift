internal import COpenSSL

#if canImport(CIPSec)
internal import CIPSec
#endif

/// A key of AES-GCM (NIST SP 800-38D) for packets: 16 or 32 bytes, nonces of 12, tags of 16.
@safe package struct GCMKey: ~Copyable, Sendable {
    /// The size of a tag.
    @inlinable package static var tagSize: Int { 16 }

    private let engine: Engine

    enum Engine: ~Copyable, Sendable {
        #if canImport(CIPSec)
        case multiBuffer(MultiBufferGCM)
        #endif
        case openSSL(OpenSSLGCM)
    }

    /// No key if it has another size, or the library is not here.
    package init?(_ key: Span<UInt8>, library: PacketCipher.Library = .fastest) {
        guard key.count == 16 || key.count == 32 else { return nil }
        #if canImport(CIPSec)
        if library.chosen == .multiBuffer {
            guard let key = MultiBufferGCM(key) else { return nil }
            engine = .multiBuffer(key)
            return
        }
        #endif
        guard library.chosen == .openSSL else { return nil }
        engine = .openSSL(OpenSSLGCM(key))
    }

    /// Encrypts `count` bytes and vouches for them and for `head`. Text and result are one place, or
    /// lie apart; the tag may follow the result directly.
    package func seal(
        _ text: UnsafeRawPointer,
        count: Int,
        into out: UnsafeMutableRawPointer,
        nonce: PacketNonce,
        head: UnsafeRawPointer,
        headCount: Int,
        tag: UnsafeMutableRawPointer
    ) {
        switch engine {
        #if canImport(CIPSec)
        case .multiBuffer(let key):
            unsafe key.seal(text, count, out, nonce, head, headCount, tag)
        #endif
        case .openSSL(let key):
            unsafe key.seal(text, count, out, nonce, head, headCount, tag)
        }
    }

    /// Decrypts in place. Where this says no, the bytes are no longer what they were, and worth nothing.
    package func open(
        _ text: UnsafeMutableRawPointer,
        count: Int,
        nonce: PacketNonce,
        head: UnsafeRawPointer,
        headCount: Int,
        tag: UnsafeRawPointer
    ) -> Bool {
        switch engine {
        #if canImport(CIPSec)
        case .multiBuffer(let key):
            unsafe key.open(text, count, nonce, head, headCount, tag)
        #endif
        case .openSSL(let key):
            unsafe key.open(text, count, nonce, head, headCount, tag)
        }
    }
}

/// One context for both directions, since OpenSSL keeps one key schedule for both.
@safe struct OpenSSLGCM: ~Copyable, Sendable {
    nonisolated(unsafe) private let context: OpaquePointer?

    init(_ key: Span<UInt8>) {
        unsafe context = EVP_CIPHER_CTX_new()
        let kind = unsafe key.count == 16 ? gcm128Kind : gcm256Kind
        let isReady = unsafe key.withUnsafeBufferPointer { key in
            unsafe EVP_EncryptInit_ex2(context, kind, key.baseAddress, nil, nil) == 1
        }
        precondition(isReady, "OpenSSL has no AES-GCM; its default provider is not installed")
    }

    deinit {
        unsafe EVP_CIPHER_CTX_free(context)  // wipes the key
    }

    func seal(
        _ text: UnsafeRawPointer,
        _ count: Int,
        _ out: UnsafeMutableRawPointer,
        _ nonce: PacketNonce,
        _ head: UnsafeRawPointer,
        _ headCount: Int,
        _ tag: UnsafeMutableRawPointer
    ) {
        var length: CInt = 0
        let out = unsafe out.assumingMemoryBound(to: UInt8.self)
        let isDone = unsafe nonce.withBytes { nonce in
            unsafe EVP_EncryptInit_ex2(context, nil, nil, nonce, nil) == 1
                && EVP_EncryptUpdate(context, nil, &length, bytes(head), size(headCount)) == 1
                && (count == 0
                    || EVP_EncryptUpdate(context, out, &length, bytes(text), size(count)) == 1)
                && EVP_EncryptFinal_ex(context, out, &length) == 1
                && roost_gcm_get_tag(context, tag, GCMKey.tagSize) == 1
        }
        // Going on would send the packet as it is.
        precondition(isDone, "OpenSSL could not encrypt; is there memory left?")
    }

    func open(
        _ text: UnsafeMutableRawPointer,
        _ count: Int,
        _ nonce: PacketNonce,
        _ head: UnsafeRawPointer,
        _ headCount: Int,
        _ tag: UnsafeRawPointer
    ) -> Bool {
        var length: CInt = 0
        let out = unsafe text.assumingMemoryBound(to: UInt8.self)
        let isTheirs = unsafe nonce.withBytes { nonce in
            unsafe EVP_DecryptInit_ex2(context, nil, nil, nonce, nil) == 1
                && roost_gcm_set_tag(context, tag, GCMKey.tagSize) == 1
                && EVP_DecryptUpdate(context, nil, &length, bytes(head), size(headCount)) == 1
                && (count == 0 || EVP_DecryptUpdate(context, out, &length, out, size(count)) == 1)
                && EVP_DecryptFinal_ex(context, out, &length) == 1
        }
        if !isTheirs { OpenSSLQueue.clear() }
        return isTheirs
    }
}

// Looked up once: OpenSSL's own lookup costs more than a packet.
nonisolated(unsafe) private let gcm128Kind = unsafe EVP_CIPHER_fetch(nil, "AES-128-GCM", nil)
nonisolated(unsafe) private let gcm256Kind = unsafe EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)

private func bytes(_ pointer: UnsafeRawPointer) -> UnsafePointer<UInt8> {
    unsafe pointer.assumingMemoryBound(to: UInt8.self)
}

private func size(_ count: Int) -> CInt { CInt(truncatingIfNeeded: count) }

#if canImport(CIPSec)
/// The key with its powers of the hash key, about a kilobyte, and the two functions that use it.
@safe struct MultiBufferGCM: ~Copyable, Sendable {
    nonisolated(unsafe) private let key: UnsafeMutablePointer<gcm_key_data>
    nonisolated(unsafe) private let sealing: aes_gcm_enc_dec_t
    nonisolated(unsafe) private let opening: aes_gcm_enc_dec_t

    init?(_ bytes: Span<UInt8>) {
        guard let library = unsafe MultiBuffer.shared?.pointer.pointee,
            let sealing = unsafe bytes.count == 16 ? library.gcm128_enc : library.gcm256_enc,
            let opening = unsafe bytes.count == 16 ? library.gcm128_dec : library.gcm256_dec,
            let prepare = unsafe bytes.count == 16 ? library.gcm128_pre : library.gcm256_pre
        else { return nil }
        // The library's own type asks for a whole line of the cache, but only if a macro is set that
        // no distribution sets.
        unsafe key = UnsafeMutableRawPointer.allocate(
            byteCount: MemoryLayout<gcm_key_data>.size,
            alignment: 64
        ).bindMemory(to: gcm_key_data.self, capacity: 1)
        unsafe self.sealing = sealing
        unsafe self.opening = opening
        unsafe bytes.withUnsafeBytes { unsafe prepare($0.baseAddress, key) }
    }

    deinit {
        unsafe OPENSSL_cleanse(key, MemoryLayout<gcm_key_data>.size)
        unsafe UnsafeMutableRawPointer(key).deallocate()
    }

    @inline(__always)
    func seal(
        _ text: UnsafeRawPointer,
        _ count: Int,
        _ out: UnsafeMutableRawPointer,
        _ nonce: PacketNonce,
        _ head: UnsafeRawPointer,
        _ headCount: Int,
        _ tag: UnsafeMutableRawPointer
    ) {
        unsafe run(sealing, text, count, out, nonce, head, headCount, tag)
    }

    @inline(__always)
    func open(
        _ text: UnsafeMutableRawPointer,
        _ count: Int,
        _ nonce: PacketNonce,
        _ head: UnsafeRawPointer,
        _ headCount: Int,
        _ tag: UnsafeRawPointer
    ) -> Bool {
        var computed: (UInt64, UInt64) = (0, 0)
        return unsafe withUnsafeMutableBytes(of: &computed) { computed in
            guard let computed = computed.baseAddress else { return false }
            unsafe run(opening, text, count, text, nonce, head, headCount, computed)
            return unsafe CRYPTO_memcmp(computed, tag, GCMKey.tagSize) == 0
        }
    }

    @inline(__always)
    private func run(
        _ function: aes_gcm_enc_dec_t,
        _ text: UnsafeRawPointer,
        _ count: Int,
        _ out: UnsafeMutableRawPointer,
        _ nonce: PacketNonce,
        _ head: UnsafeRawPointer,
        _ headCount: Int,
        _ tag: UnsafeMutableRawPointer
    ) {
        unsafe withUnsafeTemporaryAllocation(of: gcm_context_data.self, capacity: 1) { scratch in
            unsafe nonce.withBytes { nonce in
                unsafe function(
                    key,
                    scratch.baseAddress,
                    out.assumingMemoryBound(to: UInt8.self),
                    bytes(text),
                    UInt64(truncatingIfNeeded: count),
                    nonce,
                    bytes(head),
                    UInt64(truncatingIfNeeded: headCount),
                    tag.assumingMemoryBound(to: UInt8.self),
                    UInt64(GCMKey.tagSize)
                )
            }
        }
    }
}
#endif
