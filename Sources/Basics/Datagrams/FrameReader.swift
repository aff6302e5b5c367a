/// Finds packets in what a TCP connection brings, each behind its length in two bytes (RFC 4571 §2).
///
/// It works where the bytes lie. Only the beginning of a frame that has not come whole is kept here,
/// and is put back in front of what comes next:
///
///     resume(into: room) ─▶ n     read from the socket to room + n
///     next(in: room[..<end])  ─▶ .frame(offset, count) … ─▶ .needsMore   (the rest is kept)
///                                                       ─▶ .tooLarge     (no frame of ours)
///
/// A frame without content is left out: it keeps a connection open, and says nothing.
@safe package struct FrameReader: ~Copyable {
    package enum Step: Hashable, Sendable {
        /// A packet, and where it lies.
        case frame(offset: Int, count: Int)
        /// All whole frames have been given; what is left is kept for the next time.
        case needsMore
        /// A frame longer than any that we take. Where the next begins can't be believed either.
        case tooLarge(Int)
    }

    /// The largest packet that is taken.
    package let limit: Int
    private let rest: UnsafeMutableRawPointer
    private var restCount = 0
    private var offset = 0

    package init(limit: Int = 2_048) {
        precondition((1...0xFFFF).contains(limit), "a frame's length has two bytes")
        self.limit = limit
        unsafe rest = .allocate(byteCount: limit + 2, alignment: 16)
    }

    deinit {
        unsafe rest.deallocate()
    }

    /// Writes what is kept to the beginning of the room, and says how many bytes that is: at most
    /// ``limit`` and two.
    package mutating func resume(into room: UnsafeMutableRawPointer) -> Int {
        unsafe room.copyMemory(from: rest, byteCount: restCount)
        offset = 0
        defer { restCount = 0 }
        return restCount
    }

    /// The next step through the room's bytes: those put back, and those that were read behind them.
    /// To be asked until it is not a frame.
    package mutating func next(in room: UnsafeRawPointer, count end: Int) -> Step {
        while end - offset >= 2 {
            let high = unsafe room.load(fromByteOffset: offset, as: UInt8.self)
            let low = unsafe room.load(fromByteOffset: offset + 1, as: UInt8.self)
            let size = Int(high) << 8 | Int(low)
            guard size <= limit else { return .tooLarge(size) }
            guard size <= end - offset - 2 else { break }
            let start = offset + 2
            offset = start + size
            if size > 0 { return .frame(offset: start, count: size) }
        }
        // Less than a whole frame, which is at most limit + 2.
        restCount = end - offset
        unsafe rest.copyMemory(from: room + offset, byteCount: restCount)
        offset = end
        return .needsMore
    }
}
