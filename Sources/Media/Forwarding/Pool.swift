/// Values that stay where they are: each has a slot number and an address, both good until it is
/// taken out.
///
/// Packets find their peers and tracks by slot, thousands of times a second, so there is no class, no
/// count of references and no check of exclusive access between a slot and its value. Memory comes in
/// chunks and is kept for the next value.
@safe package struct Pool<Element: ~Copyable>: ~Copyable {
    private var chunks: UnsafeMutablePointer<UnsafeMutablePointer<Element>?>
    private var chunkCount = 0
    private var free: [UInt32] = []
    private var generations: [UInt32] = []
    package private(set) var count = 0
    let capacity: Int

    /// At most so many values at a time.
    package init(capacity: Int) {
        self.capacity = capacity
        let chunks = (capacity + Self.chunkSize - 1) / Self.chunkSize
        unsafe self.chunks = .allocate(capacity: max(chunks, 1))
        unsafe self.chunks.initialize(repeating: nil, count: max(chunks, 1))
    }

    deinit {
        for slot in 0..<UInt32(generations.count) where isTaken(slot) {
            unsafe self[slot].deinitialize(count: 1)
        }
        for index in 0..<chunkCount { unsafe chunks[index]?.deallocate() }
        unsafe chunks.deallocate()
    }

    /// Takes the value in and says where, or nil if the pool is full (the value is gone then).
    package mutating func insert(_ value: consuming Element) -> UInt32? {
        let slot: UInt32
        if let last = free.popLast() {
            slot = last
        } else {
            guard generations.count < capacity else { return nil }
            slot = UInt32(generations.count)
            generations.append(0)
            if Int(slot) / Self.chunkSize == chunkCount {
                unsafe chunks[chunkCount] = .allocate(capacity: Self.chunkSize)
                chunkCount += 1
            }
        }
        generations[Int(slot)] &+= 1  // odd: taken
        count += 1
        unsafe self[slot].initialize(to: value)
        return slot
    }

    /// Ends the value. Slots that are free are left alone.
    package mutating func remove(_ slot: UInt32) {
        guard isTaken(slot) else { return }
        unsafe self[slot].deinitialize(count: 1)
        generations[Int(slot)] &+= 1
        free.append(slot)
        count -= 1
    }

    package func isTaken(_ slot: UInt32) -> Bool {
        Int(slot) < generations.count && generations[Int(slot)] & 1 == 1
    }

    /// Changes with each value that the slot gets.
    func generation(_ slot: UInt32) -> UInt32 { generations[Int(slot)] }

    /// One more than the highest slot ever taken.
    var slots: Range<UInt32> { 0..<UInt32(generations.count) }

    /// Where the value of a taken slot lies.
    package subscript(slot: UInt32) -> UnsafeMutablePointer<Element> {
        @inline(__always) get {
            let (chunk, place) = Int(slot).quotientAndRemainder(dividingBy: Self.chunkSize)
            guard let base = unsafe chunks[chunk] else {
                preconditionFailure("slot \(slot) was never taken")
            }
            return unsafe base + place
        }
    }

    private static var chunkSize: Int { 64 }
}
