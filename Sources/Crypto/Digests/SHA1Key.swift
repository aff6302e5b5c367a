internal import COpenSSL

/// A key of HMAC-SHA-1 (RFC 2104), by the two states of the hash that it comes down to.
///
/// A value of forty bytes: a code costs the hash of its message and nothing for the key, and nothing
/// is allocated. For STUN, where each check brings two messages of a hundred bytes.
package struct SHA1Key: Sendable {
    package typealias Code = InlineArray<20, UInt8>

    private typealias State = InlineArray<5, UInt32>

    private static var block: Int { 64 }

    private let inner: State
    private let outer: State

    /// Takes a key of any length, none included.
    package init(_ key: Span<UInt8>) {
        let short = key.count > Self.block ? Digest.of(key, .sha1) : []
        inner = Self.state(of: short.isEmpty ? key : short.span, filler: 0x36)
        outer = Self.state(of: short.isEmpty ? key : short.span, filler: 0x5C)
    }

    /// The code of a message.
    package func code(of message: Span<UInt8>) -> Code {
        code(of: message, with: nil)
    }

    /// The code of a message as if this number stood at its third byte, as STUN's is made: over a
    /// header whose length counts the code already, and nothing that follows it.
    package func code(of message: Span<UInt8>, withLength number: UInt16) -> Code {
        code(of: message, with: number)
    }

    private func code(of message: Span<UInt8>, with number: UInt16?) -> Code {
        var state = inner
        var block = InlineArray<64, UInt8>(repeating: 0)
        var offset = 0
        if let number, message.count >= Self.block {
            for index in 0..<Self.block { block[index] = message[index] }
            Self.set(number, in: &block)
            Self.hash(block, into: &state)
            offset = Self.block
        }
        let whole = (message.count - offset) / Self.block
        if whole > 0 {
            Self.hash(message.extracting(offset..<offset + whole * Self.block), into: &state)
            offset += whole * Self.block
        }
        let rest = message.count - offset
        for index in 0..<rest { block[index] = message[offset + index] }
        if let number, offset == 0, rest >= 4 { Self.set(number, in: &block) }
        Self.finish(&block, rest, total: Self.block + message.count, into: &state)

        block = InlineArray(repeating: 0)
        for index in 0..<5 { Self.set(state[index], at: 4 * index, in: &block) }
        state = outer
        Self.finish(&block, 20, total: Self.block + 20, into: &state)
        var code = Code(repeating: 0)
        for index in 0..<20 {
            code[index] = UInt8(truncatingIfNeeded: state[index / 4] >> UInt32(24 - index % 4 * 8))
        }
        return code
    }

    /// Hashes the last bytes of a message: behind them a one, zeros, and its length in bits (FIPS 180-4
    /// section 5.1.1).
    private static func finish(
        _ block: inout InlineArray<64, UInt8>,
        _ rest: Int,
        total: Int,
        into state: inout State
    ) {
        block[rest] = 0x80
        for index in rest + 1..<Self.block { block[index] = 0 }
        if rest > 55 {
            hash(block, into: &state)
            block = InlineArray(repeating: 0)
        }
        let bits = UInt64(truncatingIfNeeded: total) << 3
        set(UInt32(truncatingIfNeeded: bits >> 32), at: 56, in: &block)
        set(UInt32(truncatingIfNeeded: bits), at: 60, in: &block)
        hash(block, into: &state)
    }

    private static func state(of key: Span<UInt8>, filler: UInt8) -> State {
        // Where every hash begins (FIPS 180-4 section 5.3.1).
        var state: State = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
        var block = InlineArray<64, UInt8>(repeating: filler)
        for index in key.indices { block[index] ^= key[index] }
        hash(block, into: &state)
        return state
    }

    private static func hash(_ block: InlineArray<64, UInt8>, into state: inout State) {
        hash(block.span, into: &state)
    }

    /// Whole blocks only.
    private static func hash(_ blocks: Span<UInt8>, into state: inout State) {
        var words = state.mutableSpan
        unsafe words.withUnsafeMutableBufferPointer { words in
            unsafe blocks.withUnsafeBufferPointer { blocks in
                unsafe roost_sha1_blocks(words.baseAddress, blocks.baseAddress, blocks.count / 64)
            }
        }
    }

    private static func set(_ number: UInt16, in block: inout InlineArray<64, UInt8>) {
        block[2] = UInt8(truncatingIfNeeded: number >> 8)
        block[3] = UInt8(truncatingIfNeeded: number)
    }

    private static func set(
        _ number: UInt32,
        at offset: Int,
        in block: inout InlineArray<64, UInt8>
    ) {
        for index in 0..<4 {
            block[offset + index] = UInt8(truncatingIfNeeded: number >> UInt32(24 - index * 8))
        }
    }
}
