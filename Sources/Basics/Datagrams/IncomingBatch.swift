/// Datagrams that have come, each to be decrypted and rewritten where it lies.
///
/// The memory is a row of slots into which the kernel writes; a datagram is a piece of one. Usually
/// it is the whole of it, but the kernel may deliver a train of datagrams in one slot (UDP_GRO), and
/// a TCP read may hold several frames. Whoever fills the batch notes where each lies.
///
/// A datagram's bytes are its receiver's until the batch is filled again. Beyond them lies the next
/// one: nothing may be written there.
@safe @usableFromInline
package struct IncomingBatch: ~Copyable {
    /// A datagram: where it lies, its size, and the way it came.
    @unsafe @usableFromInline
    package struct Datagram {
        @usableFromInline package var start: UnsafeMutableRawPointer
        @usableFromInline package var count: Int
        @usableFromInline package var path: DatagramPath

        @inlinable
        package init(start: UnsafeMutableRawPointer, count: Int, path: DatagramPath) {
            unsafe self.start = unsafe start
            unsafe self.count = count
            unsafe self.path = path
        }
    }

    @usableFromInline package let slots: Int
    @usableFromInline package let slotSize: Int
    /// How far slots lie apart.
    @usableFromInline package let stride: Int
    @usableFromInline let base: UnsafeMutableRawPointer
    @usableFromInline let datagrams: UnsafeMutablePointer<Datagram>
    @usableFromInline let limit: Int
    /// How many datagrams there are.
    @usableFromInline package internal(set) var count: Int

    /// At most `limit` datagrams fit, where a slot may hold several.
    package init(slots: Int = 64, slotSize: Int = 2_048, limit: Int? = nil) {
        precondition(slots > 0 && slotSize > 0, "a batch holds a datagram")
        self.slots = slots
        self.slotSize = slotSize
        self.limit = limit ?? slots
        // Slots whose distance is a power of two fall on the same few lines of every cache. The odd
        // lines in between spread them out.
        stride = (slotSize + 63) & ~63 + 21 * 64
        unsafe base = .allocate(byteCount: slots * stride, alignment: 64)
        unsafe datagrams = .allocate(capacity: self.limit)
        count = 0
    }

    /// With slots for the largest trains that the kernel delivers. What is not written to takes no memory.
    package static func ofTrains() -> IncomingBatch {
        IncomingBatch(slotSize: 65_535, limit: 1_024)
    }

    deinit {
        unsafe datagrams.deallocate()
        unsafe base.deallocate()
    }

    @inlinable
    package var isEmpty: Bool { count == 0 }

    @inlinable
    package var isFull: Bool { count == limit }

    @inlinable
    package subscript(index: Int) -> Datagram {
        precondition(index >= 0 && index < count, "a datagram of this batch")
        return unsafe datagrams[index]
    }

    /// Calls back with each datagram, in order.
    @inlinable
    package func forEachDatagram(_ body: (UnsafeMutableRawPointer, Int, DatagramPath) -> Void) {
        for index in 0..<count {
            let datagram = unsafe datagrams[index]
            unsafe body(datagram.start, datagram.count, datagram.path)
        }
    }

    // MARK: - Filling

    @inlinable
    package func slot(_ index: Int) -> UnsafeMutableRawPointer {
        precondition(index >= 0 && index < slots, "a slot of this batch")
        return unsafe base + index &* stride
    }

    /// Notes a datagram that lies in one of the slots. False if the batch is full.
    @inlinable
    package mutating func note(
        _ start: UnsafeMutableRawPointer,
        _ size: Int,
        from path: DatagramPath
    ) -> Bool {
        guard count < limit else { return false }
        unsafe (datagrams + count).initialize(to: Datagram(start: start, count: size, path: path))
        count &+= 1
        return true
    }

    /// Copies a datagram into the next slot. False if there is none, or the datagram is too large.
    ///
    /// For batches that are filled in no other way: slots are taken in the order of the datagrams.
    @inlinable
    package mutating func append(_ bytes: Span<UInt8>, from path: DatagramPath) -> Bool {
        guard count < limit, count < slots, bytes.count <= slotSize else { return false }
        let room = unsafe slot(count)
        unsafe bytes.withUnsafeBytes {
            unsafe UnsafeMutableRawBufferPointer(start: room, count: slotSize).copyMemory(from: $0)
        }
        return unsafe note(room, bytes.count, from: path)
    }

    @inlinable
    package mutating func removeAll() {
        count = 0
    }
}
