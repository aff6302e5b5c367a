/// Puts numbers into bytes, highest bit first, as the tests make headers.
struct BitWriter {
    private(set) var bytes: [UInt8] = []
    private var free = 0

    /// `width` bits of a number, or none of zero width.
    mutating func put(_ value: Int, _ width: Int) {
        for place in stride(from: width - 1, through: 0, by: -1) {
            if free == 0 {
                bytes.append(0)
                free = 8
            }
            free -= 1
            bytes[bytes.count - 1] |= UInt8(value >> place & 1) << UInt8(free)
        }
    }

    /// `ue(v)`.
    mutating func putExponential(_ value: Int) {
        let width = Int.bitWidth - (value + 1).leadingZeroBitCount
        put(0, width - 1)
        put(value + 1, width)
    }

    /// `ns(limit)`, by the definition rather than by arithmetic: the first numbers are a bit shorter.
    mutating func putNonSymmetric(_ value: Int, below limit: Int) {
        var width = 0
        while 1 << width < limit { width += 1 }
        let short = (1 << width) - limit
        if value < short { put(value, width - 1) } else { put(value + short, width) }
    }
}
