internal import COpenSSL

/// HMAC-SHA-1 (RFC 2104) of packets, by the two states that its key comes down to.
///
/// A message's whole blocks are hashed where they lie. What is left of it, the number behind it and the
/// padding (FIPS 180-4 section 5.1.1) are put together on the stack. Nothing is allocated.
@safe struct PacketHMAC: ~Copyable, Sendable {
    /// The code as it is written.
    typealias Code = (UInt32, UInt32, UInt32, UInt32, UInt32)

    private static let block = 64

    /// The state inside, and behind it the one outside; five words each.
    nonisolated(unsafe) private let states: UnsafeMutablePointer<UInt32>

    /// Takes a key of up to a block; a longer one would have to be hashed first, and no protocol of
    /// packets has one.
    init?(_ key: Span<UInt8>) {
        guard key.count <= Self.block else { return nil }
        unsafe states = .allocate(capacity: 10)
        unsafe withUnsafeTemporaryAllocation(byteCount: Self.block, alignment: 16) { pad in
            for (offset, filler) in [(0, 0x36), (5, 0x5C)] as [(Int, UInt8)] {
                for index in 0..<Self.block {
                    unsafe pad[index] = filler ^ (index < key.count ? key[index] : 0)
                }
                let state = unsafe states + offset
                unsafe Self.begin(state)
                unsafe roost_sha1_blocks(state, pad.baseAddress, 1)
            }
            unsafe OPENSSL_cleanse(pad.baseAddress, pad.count)
        }
    }

    deinit {
        unsafe OPENSSL_cleanse(states, 10 * MemoryLayout<UInt32>.size)
        unsafe states.deallocate()
    }

    /// The code of a message and of a number behind it.
    @inline(__always)
    func compute(
        _ message: UnsafeRawPointer,
        _ count: Int,
        _ number: UInt32?,
        _ code: inout Code
    ) {
        unsafe withUnsafeTemporaryAllocation(byteCount: 2 * Self.block, alignment: 16) { tail in
            unsafe withUnsafeMutablePointer(to: &code) { code in
                // The two allocations above are never empty, so they have addresses.
                let tail = unsafe tail.baseAddress.unsafelyUnwrapped
                let state = unsafe UnsafeMutableRawPointer(code).assumingMemoryBound(
                    to: UInt32.self
                )
                unsafe state.update(from: states, count: 5)

                let whole = count / Self.block
                if whole > 0 { unsafe roost_sha1_blocks(state, message, whole) }
                var rest = count % Self.block
                unsafe tail.copyMemory(from: message + whole * Self.block, byteCount: rest)
                if let number {
                    unsafe tail.storeBytes(
                        of: number.bigEndian,
                        toByteOffset: rest,
                        as: UInt32.self
                    )
                    rest &+= 4
                }
                let blocks = rest + 9 <= Self.block ? 1 : 2
                let total = Self.block + count + (number == nil ? 0 : 4)
                unsafe Self.pad(tail, from: rest, blocks: blocks, total: total)
                unsafe roost_sha1_blocks(state, tail, blocks)

                for index in 0..<5 {
                    unsafe tail.storeBytes(
                        of: state[index].bigEndian,
                        toByteOffset: index * 4,
                        as: UInt32.self
                    )
                }
                unsafe Self.pad(tail, from: 20, blocks: 1, total: Self.block + 20)
                unsafe state.update(from: states + 5, count: 5)
                unsafe roost_sha1_blocks(state, tail, 1)
                for index in 0..<5 { unsafe state[index] = state[index].bigEndian }
            }
        }
    }

    /// A one, zeros up to the last eight bytes, and the message's length in bits.
    @inline(__always)
    private static func pad(
        _ tail: UnsafeMutableRawPointer,
        from start: Int,
        blocks: Int,
        total: Int
    ) {
        let end = blocks * block
        unsafe (tail + start).initializeMemory(as: UInt8.self, repeating: 0, count: end - start)
        unsafe tail.storeBytes(of: 0x80, toByteOffset: start, as: UInt8.self)
        let bits = UInt64(truncatingIfNeeded: total) << 3
        unsafe tail.storeBytes(of: bits.bigEndian, toByteOffset: end - 8, as: UInt64.self)
    }

    /// Where every hash begins (FIPS 180-4 section 5.3.1).
    private static func begin(_ state: UnsafeMutablePointer<UInt32>) {
        unsafe state[0] = 0x6745_2301
        unsafe state[1] = 0xEFCD_AB89
        unsafe state[2] = 0x98BA_DCFE
        unsafe state[3] = 0x1032_5476
        unsafe state[4] = 0xC3D2_E1F0
    }
}
