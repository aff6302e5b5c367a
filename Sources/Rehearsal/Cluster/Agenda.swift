/// What happens when, in virtual time: earliest first, and in the order noted among equals.
struct Agenda<Item: Sendable>: Sendable {
    private struct Entry: Sendable {
        var time: Int64
        var order: UInt64
        var slot: Int

        func isBefore(_ other: Entry) -> Bool { (time, order) < (other.time, other.order) }
    }

    private var entries: [Entry] = []
    /// The items lie still while their entries move about in the heap.
    private var items: [Item?] = []
    private var free: [Int] = []
    private var lastOrder: UInt64 = 0

    var nextTime: Int64? { entries.first?.time }

    mutating func note(_ item: Item, at time: Int64) {
        lastOrder += 1
        let slot = free.popLast() ?? items.count
        if slot == items.count { items.append(item) } else { items[slot] = item }
        entries.append(Entry(time: time, order: lastOrder, slot: slot))
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].isBefore(entries[parent]) else { break }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    mutating func next() -> (time: Int64, item: Item)? {
        guard let first = entries.first, let item = items[first.slot] else { return nil }
        items[first.slot] = nil
        free.append(first.slot)
        let last = entries.removeLast()
        guard !entries.isEmpty else { return (first.time, item) }
        entries[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < entries.count && entries[child].isBefore(entries[least]) {
                least = child
            }
            guard least != parent else { return (first.time, item) }
            entries.swapAt(parent, least)
            parent = least
        }
    }
}
