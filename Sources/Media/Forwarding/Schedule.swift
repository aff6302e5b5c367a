package import Basics

/// When each slot is due: one number a slot, side by side.
///
/// A board looks through all of it every few milliseconds; a thousand peers are eight kilobytes read in
/// order, which costs less than keeping a heap in order, and moving a deadline costs one store.
@safe package struct Schedule: ~Copyable {
    private var dues: UnsafeMutablePointer<Int64>
    private var capacity: Int
    /// Slots from here on have never had a deadline.
    private var end = 0
    /// No slot is due before this. May be too early, never too late.
    private var earliest = Int64.max

    package init() {
        capacity = 64
        unsafe dues = .allocate(capacity: capacity)
    }

    deinit {
        unsafe dues.deallocate()
    }

    /// When to ask ``nextDue(from:at:)`` next, or nil if no slot is waiting for anything.
    package var deadline: Instant? {
        earliest == .max ? nil : Instant(nanoseconds: earliest)
    }

    package mutating func set(_ slot: UInt32, _ instant: Instant?) {
        let place = Int(slot)
        if place >= end { extend(to: place + 1) }
        let due = instant?.nanoseconds ?? .max
        unsafe dues[place] = due
        earliest = min(earliest, due)
    }

    /// Makes the deadline no later than this.
    @inline(__always)
    package mutating func hasten(_ slot: UInt32, _ instant: Instant) {
        let place = Int(slot)
        guard place < end else { return set(slot, instant) }
        if unsafe instant.nanoseconds < dues[place] {
            unsafe dues[place] = instant.nanoseconds
            earliest = min(earliest, instant.nanoseconds)
        }
    }

    /// The next slot from `slot` on whose time has come; its deadline is taken away. Nil after the
    /// last, and then ``deadline`` is exact again.
    package mutating func nextDue(from slot: UInt32, at now: Instant) -> UInt32? {
        var place = Int(slot)
        while place < end {
            if unsafe dues[place] <= now.nanoseconds {
                unsafe dues[place] = .max
                return UInt32(place)
            }
            place += 1
        }
        earliest = .max
        for place in 0..<end { unsafe earliest = min(earliest, dues[place]) }
        return nil
    }

    private mutating func extend(to count: Int) {
        if count > capacity {
            var bigger = capacity
            while bigger < count { bigger *= 2 }
            let moved = UnsafeMutablePointer<Int64>.allocate(capacity: bigger)
            unsafe moved.initialize(from: dues, count: end)
            unsafe dues.deallocate()
            unsafe dues = moved
            capacity = bigger
        }
        for place in end..<count { unsafe dues[place] = .max }
        end = count
    }
}
