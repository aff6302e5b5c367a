/// What happens when, in virtual time: earliest first, and in the order noted among equals.
struct Agenda<Item: Sendable>: Sendable {
    private struct Entry: Sendable {
        var time: Int64
        var order: UInt64
        var item: Item

        func isBefore(_ other: Entry) -> Bool { (time, order) < (other.time, other.order) }
    }

    private var entries: [Entry] = []
    private var lastOrder: UInt64 = 0

    var nextTime: Int64? { entries.first?.time }

    mutating func note(_ item: Item, at time: Int64) {
        lastOrder += 1
        entries.append(Entry(time: time, order: lastOrder, item: item))
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].isBefore(entries[parent]) else { break }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    mutating func next() -> (time: Int64, item: Item)? {
        guard let first = entries.first else { return nil }
        let last = entries.removeLast()
        guard !entries.isEmpty else { return (first.time, first.item) }
        entries[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < entries.count && entries[child].isBefore(entries[least]) {
                least = child
            }
            guard least != parent else { return (first.time, first.item) }
            entries.swapAt(parent, least)
            parent = least
        }
    }
}
