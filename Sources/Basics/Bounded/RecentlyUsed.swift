/// A dictionary of fixed capacity that forgets what was used longest ago.
///
/// A hash table of slots and a list through them in the order of use, so that every operation takes
/// a constant number of steps. Inlinable, since a generic is slow behind the door of another room.
/// Holds at most `capacity` values, whatever the keys.
package struct RecentlyUsed<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    @usableFromInline struct Slot {
        @usableFromInline var key: Key
        @usableFromInline var value: Value
        @usableFromInline var older: Int
        @usableFromInline var newer: Int

        @inlinable init(_ key: Key, _ value: Value) {
            self.key = key
            self.value = value
            older = -1
            newer = -1
        }
    }

    package let capacity: Int
    @usableFromInline var slots: [Slot?] = []
    @usableFromInline var places: [Key: Int] = [:]
    @usableFromInline var free: [Int] = []
    @usableFromInline var oldestSlot = -1
    @usableFromInline var newestSlot = -1

    @inlinable package init(capacity: Int) {
        precondition(capacity > 0, "a cache that holds nothing is a mistake")
        self.capacity = capacity
    }

    @inlinable package var count: Int { places.count }
    @inlinable package var isEmpty: Bool { places.isEmpty }

    /// The value, without counting as a use.
    @inlinable package func peek(_ key: Key) -> Value? {
        places[key].flatMap { slots[$0] }?.value
    }

    /// What was used longest ago.
    @inlinable package var oldest: (key: Key, value: Value)? {
        guard oldestSlot >= 0, let slot = slots[oldestSlot] else { return nil }
        return (slot.key, slot.value)
    }

    /// Everything, used longest ago first.
    @inlinable package var all: [(key: Key, value: Value)] {
        var found: [(key: Key, value: Value)] = []
        var place = oldestSlot
        while place >= 0, let slot = slots[place] {
            found.append((slot.key, slot.value))
            place = slot.newer
        }
        return found
    }

    /// The value, which now counts as used last.
    @inlinable package mutating func use(_ key: Key) -> Value? {
        guard let place = places[key] else { return nil }
        unlink(place)
        linkNewest(place)
        return slots[place]?.value
    }

    /// Sets the value, which now counts as used last. Returns what had to go to make room.
    @discardableResult
    @inlinable package mutating func set(_ key: Key, to value: Value) -> (key: Key, value: Value)? {
        if let place = places[key] {
            slots[place]?.value = value
            unlink(place)
            linkNewest(place)
            return nil
        }
        let gone = count == capacity ? removeOldest() : nil
        let place: Int
        if let reused = free.popLast() {
            place = reused
        } else {
            place = slots.count
            slots.append(nil)
        }
        slots[place] = Slot(key, value)
        places[key] = place
        linkNewest(place)
        return gone
    }

    @discardableResult
    @inlinable package mutating func remove(_ key: Key) -> Value? {
        guard let place = places.removeValue(forKey: key) else { return nil }
        unlink(place)
        let value = slots[place]?.value
        slots[place] = nil
        free.append(place)
        return value
    }

    @discardableResult
    @inlinable package mutating func removeOldest() -> (key: Key, value: Value)? {
        guard let oldest else { return nil }
        remove(oldest.key)
        return oldest
    }

    @inlinable mutating func unlink(_ place: Int) {
        guard let slot = slots[place] else { return }
        if slot.older >= 0 {
            slots[slot.older]?.newer = slot.newer
        } else {
            oldestSlot = slot.newer
        }
        if slot.newer >= 0 {
            slots[slot.newer]?.older = slot.older
        } else {
            newestSlot = slot.older
        }
    }

    @inlinable mutating func linkNewest(_ place: Int) {
        slots[place]?.older = newestSlot
        slots[place]?.newer = -1
        if newestSlot >= 0 { slots[newestSlot]?.newer = place } else { oldestSlot = place }
        newestSlot = place
    }
}
