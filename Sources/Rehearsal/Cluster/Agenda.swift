/// What happens when, in virtual time: earliest first, and in the order noted among equals.
struct Agenda<Item: Sendable>: Sendable {
    private struct Entry: Sendable {
        var time: Int64
        var order: UInt64
        var slot: Int

        func isBefore(_ other: Entry) -> Bool {
            time != other.time ? time < other.time : order < other.order
        }
    }

    /// A heap in which each has four below it: so it has few floors.
    private var entries: [Entry] = []
    /// The items lie still while their entries move about in the heap.
    private var items: [Item?] = []
    private var free: [Int] = []
    private var lastOrder: UInt64 = 0

    var nextTime: Int64? { entries.first?.time }

    mutating func note(_ item: consuming Item, at time: Int64) {
        lastOrder += 1
        let entry: Entry
        if let slot = free.popLast() {
            entry = Entry(time: time, order: lastOrder, slot: slot)
            items[slot] = item
        } else {
            entry = Entry(time: time, order: lastOrder, slot: items.count)
            items.append(item)
        }
        var hole = entries.count
        entries.append(entry)
        while hole > 0 {
            let parent = (hole - 1) / 4
            guard entry.isBefore(entries[parent]) else { break }
            entries[hole] = entries[parent]
            hole = parent
        }
        entries[hole] = entry
    }

    mutating func next() -> (time: Int64, item: Item)? {
        guard let first = entries.first, let item = items[first.slot].take() else { return nil }
        free.append(first.slot)
        let last = entries.removeLast()
        guard !entries.isEmpty else { return (first.time, item) }
        var hole = 0
        while 4 * hole + 1 < entries.count {
            let child = leastChild(of: hole)
            guard entries[child].isBefore(last) else { break }
            entries[hole] = entries[child]
            hole = child
        }
        entries[hole] = last
        return (first.time, item)
    }

    private func leastChild(of parent: Int) -> Int {
        var least = 4 * parent + 1
        for child in (least + 1)..<min(least + 4, entries.count)
        where entries[child].isBefore(entries[least]) {
            least = child
        }
        return least
    }
}
