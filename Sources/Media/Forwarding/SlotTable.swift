/// From a 64-bit fingerprint to a slot, in about a nanosecond: open addressing, linear steps, at most
/// half full.
///
/// Two keys may share a fingerprint, so whoever finds a slot must compare the key itself, and goes on
/// with the next slot if it differs.
@safe package struct SlotTable: ~Copyable {
    private struct Entry {
        var fingerprint: UInt64
        var slot: UInt32
        var isTaken: Bool
    }

    private var entries: UnsafeMutablePointer<Entry>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int = 64) {
        self.capacity = 64
        while self.capacity < 2 * capacity { self.capacity *= 2 }
        unsafe entries = .allocate(capacity: self.capacity)
        unsafe entries.initialize(
            repeating: Entry(fingerprint: 0, slot: 0, isTaken: false),
            count: self.capacity
        )
    }

    deinit {
        unsafe entries.deallocate()
    }

    mutating func insert(_ fingerprint: UInt64, _ slot: UInt32) {
        if 2 * (count + 1) > capacity { grow() }
        var place = start(of: fingerprint)
        while unsafe entries[place].isTaken { place = (place + 1) & (capacity - 1) }
        unsafe entries[place] = Entry(fingerprint: fingerprint, slot: slot, isTaken: true)
        count += 1
    }

    /// The first slot under this fingerprint that is the one meant.
    @inline(__always)
    func find(_ fingerprint: UInt64, where isMeant: (UInt32) -> Bool) -> UInt32? {
        var place = start(of: fingerprint)
        while unsafe entries[place].isTaken {
            if unsafe entries[place].fingerprint == fingerprint {
                let slot = unsafe entries[place].slot
                if isMeant(slot) { return slot }
            }
            place = (place + 1) & (capacity - 1)
        }
        return nil
    }

    /// Forgets that this fingerprint leads to this slot. What stood behind it moves up, so that no
    /// search ends too early.
    mutating func remove(_ fingerprint: UInt64, _ slot: UInt32) {
        var place = start(of: fingerprint)
        while unsafe entries[place].isTaken {
            if unsafe entries[place].fingerprint == fingerprint, unsafe entries[place].slot == slot
            {
                break
            }
            place = (place + 1) & (capacity - 1)
        }
        guard unsafe entries[place].isTaken else { return }
        count -= 1
        var hole = place
        var next = (hole + 1) & (capacity - 1)
        while unsafe entries[next].isTaken {
            let home = unsafe start(of: entries[next].fingerprint)
            let fromHome = (next - home) & (capacity - 1)
            let fromHole = (next - hole) & (capacity - 1)
            if fromHome >= fromHole {
                unsafe entries[hole] = entries[next]
                hole = next
            }
            next = (next + 1) & (capacity - 1)
        }
        unsafe entries[hole].isTaken = false
    }

    @inline(__always)
    private func start(of fingerprint: UInt64) -> Int {
        Int(truncatingIfNeeded: (fingerprint &* 0x9E37_79B9_7F4A_7C15) >> 32) & (capacity - 1)
    }

    private mutating func grow() {
        var bigger = SlotTable(capacity: capacity)
        for place in 0..<capacity where unsafe entries[place].isTaken {
            unsafe bigger.insert(entries[place].fingerprint, entries[place].slot)
        }
        self = bigger
    }
}
