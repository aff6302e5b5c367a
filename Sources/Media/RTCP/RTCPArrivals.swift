/// When the packets of a transport arrived at its other end, by their transport-wide numbers
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).
///
///     |      sender                   |      media                    |
///     | first number  | how many      | reference, 64 ms      | count |
///     | chunk         | chunk ...     a symbol for each packet
///     | delta | delta     ...         a byte or two for each that came, in 250 us
///
///     chunk  |0| symbol 2 | how many times 13 |
///            |1|0| fourteen symbols of one bit |
///            |1|1| seven symbols of two bits   |
///     symbol  0 did not come, 1 came, one byte, 2 came, two bytes with a sign
///
/// Creating one walks chunks and deltas once; visiting them can't fail after that. Nothing is
/// allocated, and more than 4,096 packets are not believed.
package struct RTCPArrivals: ~Escapable {
    package struct Arrival: Hashable, BitwiseCopyable, Sendable {
        package var number: UInt16
        /// When it came, in ticks of 250 us since ``RTCPArrivals/referenceTime``. Nil: it did not.
        package var tick: Int?

        package init(number: UInt16, tick: Int?) {
            self.number = number
            self.tick = tick
        }
    }

    package let sender: SSRC
    package let media: SSRC
    package let base: UInt16
    /// How many packets are spoken of.
    package let count: Int
    /// In units of 64 ms since a moment of the other end's choosing; 24 bits with a sign.
    package let referenceTime: Int32
    /// Counts these messages.
    package let feedbackCount: UInt8

    private let bytes: Span<UInt8>
    private var chunks: RTCPArrivalChunks
    private var delta: Int
    private var tick = 0
    private var visited = 0

    @_lifetime(copy body)
    init?(_ body: Span<UInt8>) {
        guard body.count >= 18 else { return nil }
        sender = SSRC(body.number32(at: 0))
        media = SSRC(body.number32(at: 4))
        base = body.number16(at: 8)
        count = Int(body.number16(at: 10))
        let reference = body.number32(at: 12)
        referenceTime = Int32(bitPattern: reference) >> 8
        feedbackCount = UInt8(truncatingIfNeeded: reference)
        guard count > 0, count <= Self.most else { return nil }

        var walk = RTCPArrivalChunks()
        var deltas = 0
        for _ in 0..<count {
            guard let symbol = walk.next(in: body), symbol < 3 else { return nil }
            deltas += symbol
        }
        guard walk.offset + deltas <= body.count else { return nil }
        bytes = body
        chunks = RTCPArrivalChunks()
        delta = walk.offset
    }

    /// The next packet, in the order of their numbers.
    package mutating func next() -> Arrival? {
        guard visited < count, let symbol = chunks.next(in: bytes) else { return nil }
        let number = base &+ UInt16(truncatingIfNeeded: visited)
        visited += 1
        switch symbol {
        case 1: tick &+= Int(bytes[delta])
        case 2: tick &+= Int(Int16(bitPattern: bytes.number16(at: delta)))
        default: return Arrival(number: number, tick: nil)
        }
        delta += symbol
        return Arrival(number: number, tick: tick)
    }

    static var most: Int { 4_096 }
}

/// Takes the symbols out of the chunks one by one.
private struct RTCPArrivalChunks {
    /// Where the next chunk lies.
    var offset = 16
    /// The symbol of a run, or what is left of a vector, its next symbol uppermost.
    private var bits: UInt16 = 0
    private var width: UInt16 = 0
    private var remaining = 0

    /// A symbol, 0 to 3, which but for 3 is also the size of its delta; nil if the chunks are over.
    mutating func next(in bytes: Span<UInt8>) -> Int? {
        while remaining == 0 {
            guard offset + 2 <= bytes.count else { return nil }
            let chunk = bytes.number16(at: offset)
            offset += 2
            if chunk & 0x8000 == 0 {
                (bits, width, remaining) = (chunk >> 13, 0, Int(chunk & 0x1FFF))
            } else if chunk & 0x4000 == 0 {
                (bits, width, remaining) = (chunk << 2, 1, 14)
            } else {
                (bits, width, remaining) = (chunk << 2, 2, 7)
            }
        }
        remaining -= 1
        guard width > 0 else { return Int(bits) }
        let symbol = bits >> (16 &- width)
        bits <<= width
        return Int(symbol)
    }
}
