internal import COpenSSL

/// A keyed hash (RFC 2104) that keeps its key prepared, so that each message costs its own bytes and
/// nothing for the key.
@safe package struct HMAC: ~Copyable, Sendable {
    package let algorithm: Digest.Algorithm
    nonisolated(unsafe) private let context: OpaquePointer?

    /// Takes a key of any length, none included.
    package init(_ algorithm: Digest.Algorithm, key: Span<UInt8>) {
        self.algorithm = algorithm
        unsafe context = EVP_MAC_CTX_new(hmacKind)
        let isSHA256: CInt = algorithm == .sha256 ? 1 : 0
        let isReady = unsafe key.withUnsafeBufferPointer { key in
            // No key at all would mean "the key from before"; an empty one is one zero byte, which is
            // what padding makes of it.
            guard let base = key.baseAddress, !key.isEmpty else {
                return unsafe roost_hmac_init(context, [0], 1, isSHA256) == 1
            }
            return unsafe roost_hmac_init(context, base, key.count, isSHA256) == 1
        }
        precondition(isReady, "OpenSSL has no HMAC; its default provider is not installed")
    }

    deinit {
        unsafe EVP_MAC_CTX_free(context)
    }

    /// The code of one message.
    package mutating func code(of message: Span<UInt8>) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: algorithm.length) { room, count in
            count = unsafe write(message, to: room)
        }
    }

    /// Writes the code of one message to the front of a buffer, without allocating.
    package mutating func writeCode(of message: Span<UInt8>, to code: inout MutableSpan<UInt8>) {
        precondition(code.count >= algorithm.length, "a code needs \(algorithm.length) bytes")
        unsafe code.withUnsafeMutableBufferPointer { _ = unsafe write(message, to: $0) }
    }

    private func write(
        _ message: Span<UInt8>,
        to room: UnsafeMutableBufferPointer<UInt8>
    ) -> Int {
        var length = 0
        let isDone = unsafe message.withUnsafeBufferPointer { message in
            unsafe EVP_MAC_init(context, nil, 0, nil) == 1
                && EVP_MAC_update(context, message.baseAddress, message.count) == 1
                && EVP_MAC_final(context, room.baseAddress, &length, algorithm.length) == 1
        }
        precondition(isDone, "OpenSSL could not authenticate; is there memory left?")
        return length
    }
}

nonisolated(unsafe) private let hmacKind = unsafe EVP_MAC_fetch(nil, "HMAC", nil)
