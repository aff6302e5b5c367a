/// What is the same in all of one message about arrivals.
package struct RTCPArrivalsHead: Hashable, BitwiseCopyable, Sendable {
    package var sender: SSRC
    package var media: SSRC
    /// The number of the first packet spoken of.
    package var base: UInt16
    /// In units of 64 ms, of which 24 bits travel.
    package var referenceTime: UInt32
    package var feedbackCount: UInt8

    package init(
        sender: SSRC,
        media: SSRC,
        base: UInt16,
        referenceTime: UInt32,
        feedbackCount: UInt8
    ) {
        self.sender = sender
        self.media = media
        self.base = base
        self.referenceTime = referenceTime
        self.feedbackCount = feedbackCount
    }
}

extension RTCPWriter {
    /// Says of `count` packets in a row when each arrived: `tick` answers in 250 us since the
    /// reference time, or nil for one that did not come. It is asked several times for each.
    ///
    /// Returns of how many packets the message speaks. That is less than all if the buffer is full, if
    /// there are more than 4,096, or if the next came too long before or after its predecessor for two
    /// bytes to tell (8 s); the rest wants a message with a reference time of its own. At zero there
    /// is no message.
    package mutating func appendArrivals(
        _ head: RTCPArrivalsHead,
        count: Int,
        tick: (_ index: Int) -> Int?
    ) -> Int {
        let plan = Self.plan(count: min(count, RTCPArrivals.most), room: room - 16, tick)
        guard plan.count > 0 else { return 0 }
        let size = (16 + plan.size).roundedUpToFour
        let type = RTCPType.transportFeedback
        guard let start = begin(type, RTCPFormat.arrivals, size) else { return 0 }
        put(head.sender.rawValue, at: start)
        put(head.media.rawValue, at: start + 4)
        put(head.base, at: start + 8)
        put(UInt16(plan.count), at: start + 10)
        put(head.referenceTime << 8 | UInt32(head.feedbackCount), at: start + 12)

        var offset = start + 16
        var symbols = ArrivalSymbols(end: plan.count)
        while symbols.next < plan.count {
            put(symbols.takeChunk(tick), at: offset)
            offset += 2
        }
        var last = 0
        for index in 0..<plan.count {
            guard let tick = tick(index) else { continue }
            let delta = tick &- last
            last = tick
            if let short = UInt8(exactly: delta) {
                bytes[offset] = short
                offset += 1
            } else {
                put(Int16(truncatingIfNeeded: delta), at: offset)
                offset += 2
            }
        }
        for index in offset..<start + size { bytes[index] = 0 }
        return plan.count
    }

    /// How many packets fit into `room` bytes of chunks and deltas, and what they take.
    private static func plan(
        count: Int,
        room: Int,
        _ tick: (_ index: Int) -> Int?
    ) -> (count: Int, size: Int) {
        // The deltas first: where one does not fit its two bytes the message ends.
        var end = 0
        var last = 0
        while end < count {
            if let tick = tick(end) {
                guard Int16(exactly: tick &- last) != nil else { break }
                last = tick
            }
            end += 1
        }
        let whole = size(of: end, tick)
        if whole <= room { return (end, whole) }
        // A packet more never takes a byte less, so the most that fit are found by halving.
        var (fits, tooMany) = (0, end)
        while fits + 1 < tooMany {
            let middle = (fits + tooMany) / 2
            if size(of: middle, tick) <= room { fits = middle } else { tooMany = middle }
        }
        return (fits, size(of: fits, tick))
    }

    private static func size(of count: Int, _ tick: (_ index: Int) -> Int?) -> Int {
        var size = 0
        var last = 0
        for index in 0..<count {
            guard let tick = tick(index) else { continue }
            size += UInt8(exactly: tick &- last) == nil ? 2 : 1
            last = tick
        }
        var symbols = ArrivalSymbols(end: count)
        while symbols.next < count {
            _ = symbols.takeChunk(tick)
            size += 2
        }
        return size
    }
}

/// Cuts the symbols of `end` packets into chunks, each time the one that says most.
///
/// A run may end anywhere, but a vector says fourteen or seven symbols, or all that are left. That is
/// not always the fewest chunks, but close, and needs no memory.
private struct ArrivalSymbols {
    let end: Int
    var next = 0
    private var last = 0

    init(end: Int) {
        self.end = end
    }

    mutating func takeChunk(_ tick: (_ index: Int) -> Int?) -> UInt16 {
        var run = 0
        var isRun = true
        var isNarrow = true
        var first: UInt16 = 0
        var narrow: UInt16 = 0
        var wide: UInt16 = 0
        // State up to the end of a wide vector, of a narrow one, and of the run.
        var (wideLast, narrowLast, runLast) = (last, last, last)
        var narrowCount = 0
        var walkLast = last
        var count = 0
        while next + count < end, count < 0x1FFF, isRun || isNarrow && count < 14 || count < 7 {
            let symbol: UInt16
            if let tick = tick(next + count) {
                symbol = UInt8(exactly: tick &- walkLast) == nil ? 2 : 1
                walkLast = tick
            } else {
                symbol = 0
            }
            if count == 0 { first = symbol }
            if symbol != first { isRun = false }
            if symbol == 2 { isNarrow = false }
            if isRun {
                run = count + 1
                runLast = walkLast
            }
            if isNarrow, count < 14 {
                narrow |= symbol << UInt16(13 - count)
                narrowCount = count + 1
                narrowLast = walkLast
            }
            if count < 7 {
                wide |= symbol << UInt16(2 * (6 - count))
                wideLast = walkLast
            }
            count += 1
        }
        let wideCount = min(count, 7)
        // Where a long delta cuts it short, the rest of a narrow vector can't be said.
        if narrowCount < 14, next + narrowCount < end { narrowCount = 0 }
        if run >= narrowCount, run >= wideCount {
            next += run
            last = runLast
            return first << 13 | UInt16(run)
        }
        if narrowCount >= wideCount {
            next += narrowCount
            last = narrowLast
            return 0x8000 | narrow
        }
        next += wideCount
        last = wideLast
        return 0xC000 | wide
    }
}
