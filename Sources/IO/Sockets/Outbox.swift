/// What waits to be sent on one connection: whole frames, in order, of which the first may be partly
/// gone already.
///
/// A frame is an array, and arrays are shared until written to, so an event that goes to a thousand
/// connections is encoded once and lies in memory once. Holding frames rather than bytes also lets
/// a reader who is too slow be spared the ones not yet begun.
package struct Outbox {
    private var frames: [[UInt8]] = []
    /// Frames before this index are gone; they are cut off when they are many.
    private var first = 0
    /// How much of the first frame is gone.
    private var sentOfFirst = 0

    package private(set) var byteCount = 0

    package init() {}

    package var frameCount: Int { frames.count - first }
    package var isEmpty: Bool { frameCount == 0 }

    package mutating func append(_ frame: [UInt8], from offset: Int = 0) {
        guard offset < frame.count else { return }
        if isEmpty { sentOfFirst = offset }
        assert(offset == 0 || frameCount == 0, "only the first frame may be partly sent")
        frames.append(frame)
        byteCount += frame.count - offset
    }

    /// How much of the first frame is unsent.
    package var firstByteCount: Int { isEmpty ? 0 : frames[first].count - sentOfFirst }

    /// The unsent rest of the first frame.
    package func withFirst<Result>(
        _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result? {
        guard !isEmpty else { return nil }
        return unsafe frames[first].withUnsafeBytes {
            unsafe body(UnsafeRawBufferPointer(rebasing: $0[sentOfFirst...]))
        }
    }

    /// Copies what is unsent, in order, as far as there is room, and says how much that was.
    package func copyUnsent(into room: UnsafeMutableRawBufferPointer) -> Int {
        var count = 0
        for index in first..<frames.count {
            unsafe frames[index].withUnsafeBytes { bytes in
                let start = index == first ? sentOfFirst : 0
                let step = min(bytes.count - start, room.count - count)
                let piece = unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<start + step])
                unsafe UnsafeMutableRawBufferPointer(rebasing: room[count...]).copyMemory(
                    from: piece
                )
                count += step
            }
            guard count < room.count else { break }
        }
        return count
    }

    /// Calls back with the unsent parts of up to `limit` frames, in order.
    package func forEachUnsent(
        upTo limit: Int,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        for index in first..<min(frames.count, first + limit) {
            unsafe frames[index].withUnsafeBytes { bytes in
                let start = index == first ? sentOfFirst : 0
                unsafe body(UnsafeRawBufferPointer(rebasing: bytes[start...]))
            }
        }
    }

    /// Notes that this many bytes have gone.
    package mutating func consume(_ count: Int) {
        precondition(count <= byteCount, "more was sent than was waiting")
        byteCount -= count
        var rest = count
        while rest > 0 {
            let left = frames[first].count - sentOfFirst
            guard rest >= left else {
                sentOfFirst += rest
                return
            }
            rest -= left
            sentOfFirst = 0
            frames[first] = []
            first += 1
        }
        if isEmpty {
            frames = []
            first = 0
        } else if first >= 64 {
            frames.removeFirst(first)
            first = 0
        }
    }

    /// Forgets every frame that has not begun to go, and says how many they were.
    package mutating func dropUnbegun() -> Int {
        let keep = sentOfFirst > 0 ? first + 1 : first
        let dropped = frames.count - min(keep, frames.count)
        guard dropped > 0 else { return 0 }
        for frame in frames[keep...] { byteCount -= frame.count }
        frames.removeSubrange(keep...)
        if isEmpty {
            frames = []
            first = 0
            sentOfFirst = 0
        }
        return dropped
    }
}
