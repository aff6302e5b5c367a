/// Packets on their way out, back to back in one buffer and gathered into runs that the kernel takes
/// in one piece.
///
/// A packet is written where it will be sent from: ask for ``room``, encrypt into it, `commit`.
/// Consecutive packets of one path become a run, which costs the kernel about as much as one packet
/// (UDP_SEGMENT). All packets of a run have one size, only the last may be smaller; a larger one
/// would be cut up silently, so it begins a run of its own. Who wants long runs commits the packets
/// of one receiver together, and evens them out with padding.
///
///     commit 1200 1200 1200  700 │ 1200 1200 │ 1201 │ 1201 …     the same path throughout
///     run   └──────── 1 ────────┘└─── 2 ────┘└────── 3 ─────
///
/// A run stops at 16 packets (19 KB), so that it doesn't burst the shallow queues it meets later.
@safe @usableFromInline
package struct OutgoingBatch: ~Copyable {
    /// The largest packet that may be committed.
    @inlinable
    package static var packetLimit: Int { 1_500 }
    /// The most packets in a run. With ``packetLimit`` this also keeps a run below the 64 KB that a
    /// datagram can be.
    @inlinable
    package static var packetsPerRun: Int { 16 }

    /// Packets of one path that lie back to back.
    @usableFromInline
    package struct Run: Sendable {
        /// Where its bytes begin in the batch.
        @usableFromInline package var offset: Int
        /// All its bytes.
        @usableFromInline package var count: Int
        /// The size of each packet but the last.
        @usableFromInline package var segmentSize: Int
        @usableFromInline package var packets: Int
        @usableFromInline package var path: DatagramPath

        @inlinable
        package init(offset: Int, count: Int, path: DatagramPath) {
            self.offset = offset
            self.count = count
            segmentSize = count
            packets = 1
            self.path = path
        }
    }

    @usableFromInline let base: UnsafeMutableRawPointer
    @usableFromInline let runs: UnsafeMutablePointer<Run>
    @usableFromInline let lastRoom: Int
    @usableFromInline let runLimit: Int
    /// How many runs there are.
    @usableFromInline package internal(set) var runCount: Int
    /// The bytes committed.
    @usableFromInline package internal(set) var count: Int
    /// Whether the last run takes another packet of its size.
    @usableFromInline var isOpen: Bool

    /// Takes all its memory now; the kernel gives it when it is first written.
    package init(capacity: Int = 1 << 20, runLimit: Int = 1_024) {
        precondition(capacity >= Self.packetLimit && runLimit > 0, "a batch holds a packet")
        unsafe base = .allocate(byteCount: capacity, alignment: 64)
        unsafe runs = .allocate(capacity: runLimit)
        lastRoom = capacity - Self.packetLimit
        self.runLimit = runLimit
        runCount = 0
        count = 0
        isOpen = false
    }

    deinit {
        unsafe runs.deallocate()
        unsafe base.deallocate()
    }

    @inlinable
    package var isEmpty: Bool { runCount == 0 }

    /// Where the next packet of up to ``packetLimit`` bytes may be written; nil if the batch must be
    /// flushed first.
    @inlinable
    package var room: UnsafeMutableRawPointer? {
        guard count <= lastRoom, runCount < runLimit else { return nil }
        return unsafe base + count
    }

    /// Sends off the bytes that were written to ``room``.
    ///
    /// Unless it `mayJoin`, the packet begins a run even where it could join one.
    @inlinable
    package mutating func commit(count size: Int, to path: DatagramPath, mayJoin: Bool = true) {
        precondition(size > 0 && size <= Self.packetLimit, "a packet has 1 to 1,500 bytes")
        precondition(count <= lastRoom && runCount < runLimit, "commit what was written to room")
        if mayJoin, isOpen {
            let last = unsafe runs + (runCount &- 1)
            if unsafe size <= last.pointee.segmentSize, unsafe last.pointee.path == path {
                unsafe last.pointee.count &+= size
                unsafe last.pointee.packets &+= 1
                count &+= size
                isOpen =
                    unsafe size == last.pointee.segmentSize
                    && last.pointee.packets < Self.packetsPerRun
                return
            }
        }
        unsafe (runs + runCount).initialize(to: Run(offset: count, count: size, path: path))
        runCount &+= 1
        count &+= size
        isOpen = true
    }

    /// Forgets what was committed, after it was sent.
    @inlinable
    package mutating func removeAll() {
        runCount = 0
        count = 0
        isOpen = false
    }

    @inlinable
    package subscript(index: Int) -> Run {
        precondition(index >= 0 && index < runCount, "a run of this batch")
        return unsafe runs[index]
    }

    /// The bytes of all runs; a run's begin at its offset. Valid while the batch is.
    @inlinable
    package var bytes: UnsafeMutableRawPointer { unsafe base }

    /// Calls back with each packet, in order.
    @inlinable
    package func forEachPacket(_ body: (UnsafeRawBufferPointer, DatagramPath) -> Void) {
        for index in 0..<runCount {
            let run = unsafe runs[index]
            var offset = 0
            while offset < run.count {
                let size = min(run.segmentSize, run.count - offset)
                let start = unsafe UnsafeRawPointer(base + run.offset + offset)
                unsafe body(UnsafeRawBufferPointer(start: start, count: size), run.path)
                offset += size
            }
        }
    }
}

extension OutgoingBatch {
    /// Whether so many packets fit, however large they are and wherever they go.
    @inlinable
    package func hasRoom(for packets: Int) -> Bool {
        count &+ (packets &- 1) &* Self.packetLimit <= lastRoom && runCount &+ packets <= runLimit
    }
}
