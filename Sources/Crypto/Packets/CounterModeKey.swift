internal import COpenSSL

#if canImport(CIPSec)
internal import CIPSec
#endif

/// A pair of keys for packets: AES-128 in counter mode to encrypt them, and HMAC-SHA-1, cut to ten
/// bytes, to vouch for them (RFC 3711 sections 4.1.1 and 4.2.1).
///
/// HMAC begins every message by hashing a block made of the key alone, on the inside and on the
/// outside. Both states are kept, which halves the cost of a short packet.
@safe package struct CounterModeKey: ~Copyable, Sendable {
    /// The size of a tag.
    @inlinable package static var tagSize: Int { 10 }

    private let stream: Engine
    private let code: PacketHMAC

    enum Engine: ~Copyable, Sendable {
        #if canImport(CIPSec)
        case multiBuffer(MultiBufferCounter)
        #endif
        case openSSL(AESCounter)
    }

    /// No key if the first has not 16 bytes or the second more than 64, or the library is not here.
    package init?(
        _ key: Span<UInt8>,
        authentication: Span<UInt8>,
        library: PacketCipher.Library = .fastest
    ) {
        guard key.count == 16, let code = PacketHMAC(authentication) else { return nil }
        #if canImport(CIPSec)
        if library.chosen == .multiBuffer {
            guard let stream = MultiBufferCounter(key) else { return nil }
            self.stream = .multiBuffer(stream)
            self.code = code
            return
        }
        #endif
        guard library.chosen == .openSSL, let stream = AESCounter(key: key) else { return nil }
        self.stream = .openSSL(stream)
        self.code = code
    }

    /// Encrypts, or decrypts, which is the same. The two places are one, or lie apart.
    package func apply(
        to text: UnsafeRawPointer,
        count: Int,
        into out: UnsafeMutableRawPointer,
        from start: PacketNonce
    ) {
        switch stream {
        #if canImport(CIPSec)
        case .multiBuffer(let key):
            unsafe key.apply(text, count, out, start)
        #endif
        case .openSSL(let key):
            unsafe key.apply(to: text, count: count, into: out, from: start)
        }
    }

    /// Vouches for a message, and for a number that is not sent with it, if there is one.
    package func write(
        tag: UnsafeMutableRawPointer,
        of message: UnsafeRawPointer,
        count: Int,
        with number: UInt32?
    ) {
        var computed: PacketHMAC.Code = (0, 0, 0, 0, 0)
        unsafe code.compute(message, count, number, &computed)
        unsafe withUnsafeBytes(of: computed) { computed in
            guard let base = computed.baseAddress else { return }
            unsafe tag.copyMemory(from: base, byteCount: Self.tagSize)
        }
    }

    /// Whether the message and the number are what they were when the tag was made.
    package func vouches(
        for message: UnsafeRawPointer,
        count: Int,
        with number: UInt32?,
        tag: UnsafeRawPointer
    ) -> Bool {
        var computed: PacketHMAC.Code = (0, 0, 0, 0, 0)
        unsafe code.compute(message, count, number, &computed)
        return unsafe withUnsafeBytes(of: computed) { computed in
            unsafe CRYPTO_memcmp(computed.baseAddress, tag, Self.tagSize) == 0
        }
    }
}

#if canImport(CIPSec)
/// The key's schedule, and the library that reads it.
@safe struct MultiBufferCounter: ~Copyable, Sendable {
    /// Eleven round keys; those for decrypting, which counter mode never does, are not kept.
    private static let size = 11 * 16

    nonisolated(unsafe) private let schedule: UnsafeMutableRawPointer
    nonisolated(unsafe) private let library: UnsafeMutablePointer<IMB_MGR>

    init?(_ key: Span<UInt8>) {
        guard let library = unsafe MultiBuffer.shared?.pointer,
            let expand = unsafe library.pointee.keyexp_128
        else { return nil }
        unsafe self.library = library
        unsafe schedule = .allocate(byteCount: Self.size, alignment: 16)
        unsafe withUnsafeTemporaryAllocation(byteCount: Self.size, alignment: 16) { unwanted in
            unsafe key.withUnsafeBytes {
                unsafe expand($0.baseAddress, schedule, unwanted.baseAddress)
            }
            unsafe OPENSSL_cleanse(unwanted.baseAddress, unwanted.count)
        }
    }

    deinit {
        unsafe OPENSSL_cleanse(schedule, Self.size)
        unsafe schedule.deallocate()
    }

    @inline(__always)
    func apply(
        _ text: UnsafeRawPointer,
        _ count: Int,
        _ out: UnsafeMutableRawPointer,
        _ start: PacketNonce
    ) {
        guard count > 0 else { return }
        let isDone = unsafe start.withBytes { start in
            unsafe roost_aes128_counter(
                library,
                schedule,
                start,
                out,
                text,
                UInt64(truncatingIfNeeded: count)
            ) == 1
        }
        precondition(isDone, "the multi-buffer library refused a job that has all it needs")
    }
}
#endif
