package import Basics
internal import CLinux
internal import Glibc
internal import Synchronization

/// Who gets what a ``LoopMail`` brings, on the loop that reads it.
package protocol LoopMailReceiver: AnyObject, Sendable {
    /// Records have come. Take them one by one; what is not taken is brought again next turn.
    func mailArrived(_ records: inout LoopMail.Records, at now: Instant)
}

/// Bytes from one loop to another without a lock: a ring with one writer and one reader.
///
///     the writer's loop                               the reader's loop
///     push(header, body) … push(…)   ─── ring ───▶    mailArrived(&records)
///     ring()      once for a burst   ─── bell ───▶    wakes, if it sleeps
///
/// A record is a header and a body, usually a small struct and a packet. Neither side ever waits for
/// the other: when the ring is full, the record is dropped and counted, as on any network. To push
/// costs a copy and an atomic store, and the reader takes all there is for one atomic load.
///
/// It is right without a lock because one loop writes, always the same, and one reads: a mailbox for
/// each pair of loops and direction.
@safe package final class LoopMail: LoopHandler, @unchecked Sendable {
    /// What only the writer touches. In memory of its own, so that neither the other side's cache
    /// nor a check of exclusivity is troubled for each record.
    private struct Writer {
        /// How many bytes were written in all, gaps included.
        var end = 0
        /// How many of them were read when the writer last had to ask.
        var readSeen = 0
        var dropped: UInt64 = 0
    }

    /// How many bytes were written, and read; each is stored by its own side only, and has a line of
    /// the cache to itself.
    private let written = Atomic<Int>(0)
    private let apart = InlineArray<16, UInt64>(repeating: 0)
    private let read = Atomic<Int>(0)
    private let apartToo = InlineArray<16, UInt64>(repeating: 0)
    /// The reader has found nothing and goes to sleep: whoever takes this back rings the bell.
    private let isReaderAsleep = Atomic<Bool>(false)

    private let memory: UnsafeMutableRawPointer
    private let capacity: Int
    private let writer: UnsafeMutablePointer<Writer>
    private let reader: Loop
    private let bell: Int32

    // On the reader's loop.
    private var receiver: (any LoopMailReceiver)?
    private var registration: Loop.Registration?

    /// At most `capacity` bytes wait, rounded up to a power of two. A record takes 16 more than its
    /// own.
    package init(capacity: Int = 1 << 20, to reader: Loop) throws(SystemFault) {
        precondition((1_024...1 << 30).contains(capacity), "a ring has 1 KiB to 1 GiB")
        self.capacity = 1 << (Int.bitWidth - (capacity - 1).leadingZeroBitCount)
        self.reader = reader
        unsafe memory = .allocate(byteCount: self.capacity, alignment: 64)
        unsafe writer = .allocate(capacity: 1)
        unsafe writer.initialize(to: Writer())
        bell = eventfd(0, O_NONBLOCK | O_CLOEXEC)
        guard bell >= 0 else { throw .last("create an eventfd") }
    }

    deinit {
        unsafe memory.deallocate()
        unsafe writer.deallocate()
        if bell >= 0 { Glibc.close(bell) }
    }

    // MARK: - On the writer's loop

    /// Puts a record into the ring. False if there is no room; it is counted then.
    ///
    /// A reader that is awake may see it at once; ``ring()`` makes sure that it does soon.
    @discardableResult
    package func push(
        _ header: UnsafeRawBufferPointer,
        _ body: UnsafeRawBufferPointer
    ) -> Bool {
        precondition(header.count <= 4_096 && body.count <= 0xFFFF, "a header, a packet")
        let size = Prefix.size + Prefix.even(header.count) + Prefix.even(body.count)
        let end = unsafe writer.pointee.end
        let left = capacity - end & (capacity - 1)
        // A record lies in one piece; what is too little before the end of the memory is left out.
        let gap = left < size ? left : 0
        guard hasRoom(for: gap + size, after: end) else {
            unsafe writer.pointee.dropped &+= 1
            return false
        }
        if gap > 0 {
            unsafe Prefix.write(to: place(end), size: gap, header: Prefix.isGap, body: 0)
        }
        let start = unsafe place(end + gap)
        unsafe Prefix.write(to: start, size: size, header: header.count, body: body.count)
        let content = unsafe start + Prefix.size
        if let bytes = header.baseAddress {
            unsafe content.copyMemory(from: bytes, byteCount: header.count)
        }
        if let bytes = body.baseAddress {
            let room = unsafe content + Prefix.even(header.count)
            unsafe room.copyMemory(from: bytes, byteCount: body.count)
        }
        unsafe writer.pointee.end = end + gap + size
        written.store(end + gap + size, ordering: .releasing)
        return true
    }

    /// Wakes the reader if it sleeps. To be called after each burst of pushing.
    package func ring() {
        // Either the reader sees what was written before it sleeps, or we see that it sleeps: both
        // sides exchange the same flag, and the later one knows what the earlier one had done.
        guard isReaderAsleep.exchange(false, ordering: .acquiringAndReleasing) else { return }
        var one: UInt64 = 1
        // It fails only when it has been rung 2⁶⁴ times and not heard.
        _ = unsafe Glibc.write(bell, &one, 8)
    }

    /// How many records found no room. On the writer's loop.
    package var dropped: UInt64 { unsafe writer.pointee.dropped }

    private func hasRoom(for size: Int, after end: Int) -> Bool {
        if unsafe end + size - writer.pointee.readSeen <= capacity { return true }
        unsafe writer.pointee.readSeen = read.load(ordering: .acquiring)
        return unsafe end + size - writer.pointee.readSeen <= capacity
    }

    private func place(_ position: Int) -> UnsafeMutableRawPointer {
        unsafe memory + position & (capacity - 1)
    }

    // MARK: - On the reader's loop

    /// Begins to read: first what has been written already.
    package func open(_ receiver: any LoopMailReceiver) throws(SystemFault) {
        reader.checkIsolated()
        self.receiver = receiver
        let registration = try reader.register(bell, for: .read, handler: self)
        self.registration = registration
        reader.revisit(registration)
    }

    package func close() {
        reader.checkIsolated()
        receiver = nil
        guard let registration else { return }
        self.registration = nil
        reader.deregister(registration, bell)
    }

    package func isReady(_ readiness: Readiness, at now: Instant) {
        if readiness.contains(.read) {
            var rung: UInt64 = 0
            // Nothing to read means that an earlier visit has read it.
            _ = unsafe Glibc.read(bell, &rung, 8)
        }
        guard let receiver, let registration else { return }
        let position = read.load(ordering: .relaxed)
        let end = written.load(ordering: .acquiring)
        if position != end {
            var records = unsafe Records(memory, mask: capacity - 1, from: position, to: end)
            receiver.mailArrived(&records, at: now)
            read.store(records.position, ordering: .releasing)
        }
        // Announced first, looked at then: see ring().
        _ = isReaderAsleep.exchange(true, ordering: .acquiringAndReleasing)
        guard written.load(ordering: .acquiring) != read.load(ordering: .relaxed) else { return }
        isReaderAsleep.store(false, ordering: .relaxed)
        // Unless the receiver has closed the mailbox, and the registration is stale.
        reader.revisit(registration)
    }

    package func isDue(at now: Instant) {}

    /// Records that have come, in order. Their bytes lie in the ring: they may be read and changed
    /// there until the receiver returns.
    @safe package struct Records: ~Copyable {
        @unsafe package struct Record {
            package var header: UnsafeMutableRawBufferPointer
            package var body: UnsafeMutableRawBufferPointer
        }

        private let memory: UnsafeMutableRawPointer
        private let mask: Int
        fileprivate private(set) var position: Int
        private let end: Int
        private var taken = 0

        fileprivate init(
            _ memory: UnsafeMutableRawPointer,
            mask: Int,
            from position: Int,
            to end: Int
        ) {
            unsafe self.memory = unsafe memory
            self.mask = mask
            self.position = position
            self.end = end
        }

        /// The next record; nil if there are no more, or were enough for one turn.
        package mutating func next() -> Record? {
            while position < end, taken < Self.perTurn {
                let start = unsafe memory + position & mask
                let prefix = unsafe Prefix(at: start)
                position += prefix.size
                guard prefix.header != Prefix.isGap else { continue }
                taken += 1
                let header = unsafe start + Prefix.size
                let body = unsafe header + Prefix.even(prefix.header)
                return unsafe Record(
                    header: UnsafeMutableRawBufferPointer(start: header, count: prefix.header),
                    body: UnsafeMutableRawBufferPointer(start: body, count: prefix.body)
                )
            }
            return nil
        }

        private static let perTurn = 1_024
    }

    /// Sixteen bytes before each record, of which twelve are used: how far the next one is, and how
    /// long header and body are.
    private struct Prefix {
        static let size = 16
        /// Instead of a header's length: nothing is here, go on from the beginning of the memory.
        static let isGap = 0xFFFF_FFFF

        var size: Int
        var header: Int
        var body: Int

        init(at place: UnsafeRawPointer) {
            unsafe size = Int(place.load(as: UInt32.self))
            unsafe header = Int(place.load(fromByteOffset: 4, as: UInt32.self))
            unsafe body = Int(place.load(fromByteOffset: 8, as: UInt32.self))
        }

        static func write(to place: UnsafeMutableRawPointer, size: Int, header: Int, body: Int) {
            unsafe place.storeBytes(of: UInt32(truncatingIfNeeded: size), as: UInt32.self)
            unsafe place.storeBytes(
                of: UInt32(truncatingIfNeeded: header),
                toByteOffset: 4,
                as: UInt32.self
            )
            unsafe place.storeBytes(
                of: UInt32(truncatingIfNeeded: body),
                toByteOffset: 8,
                as: UInt32.self
            )
        }

        /// Records and what is in them begin at multiples of sixteen, so that a gap has room for a
        /// prefix, and vectors may be read from a body.
        static func even(_ count: Int) -> Int { (count + 15) & ~15 }
    }
}
