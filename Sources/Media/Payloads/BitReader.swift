/// Takes numbers of any width out of bytes, highest bit first.
///
/// Nothing traps: beyond the end all bits are zero, and ``isExhausted`` says that they were asked for.
/// Check it once, after the last field.
struct BitReader: ~Escapable {
    private let bytes: Span<UInt8>
    private let skipsEmulation: Bool
    private var offset = 0
    private var current: UInt32 = 0
    /// Bits of `current` that were not yet taken.
    private var available = 0
    /// Zero bytes in a row before `offset`.
    private var zeros = 0
    private(set) var isExhausted = false

    /// `skipsEmulation`: as H264 writes, with a 3 after each two zeros that a small byte would follow
    /// (ITU-T H.264 section 7.4.1).
    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, skipsEmulation: Bool = false) {
        self.bytes = bytes
        self.skipsEmulation = skipsEmulation
    }

    /// At most 32.
    mutating func bits(_ count: Int) -> UInt32 {
        var value: UInt32 = 0
        var missing = count
        while missing > 0 {
            if available == 0 { load() }
            let taken = min(missing, available)
            available &-= taken
            value =
                value << UInt32(taken) | (current >> UInt32(available)) & (1 << UInt32(taken) &- 1)
            missing &-= taken
        }
        return value
    }

    mutating func flag() -> Bool {
        bits(1) == 1
    }

    mutating func skip(_ count: Int) {
        var missing = count
        while missing > 0, !isExhausted {
            _ = bits(min(missing, 32))
            missing &-= 32
        }
    }

    /// `ue(v)` of H.264 section 9.1, `uvlc()` of AV1 section 4.10.3: as many zeros as the number has
    /// bits after its first. One that takes more than 32 bits is the greatest there is.
    mutating func exponential() -> UInt32 {
        var zeros = 0
        while !flag() {
            zeros &+= 1
            guard zeros < 32, !isExhausted else { return .max }
        }
        return (1 << UInt32(zeros) &- 1) &+ bits(zeros)
    }

    /// `se(v)` of H.264 section 9.1.1: 1, -1, 2, -2, and so on.
    mutating func signedExponential() -> Int32 {
        let code = exponential()
        let half = Int32(truncatingIfNeeded: code >> 1)
        return code & 1 == 1 ? half &+ 1 : 0 &- half
    }

    private mutating func load() {
        available = 8
        if skipsEmulation, zeros == 2, offset < bytes.count, bytes[offset] == 3 {
            offset &+= 1
            zeros = 0
        }
        guard offset < bytes.count else {
            isExhausted = true
            current = 0
            return
        }
        current = UInt32(bytes[offset])
        offset &+= 1
        zeros = current == 0 ? min(zeros &+ 1, 2) : 0
    }
}
