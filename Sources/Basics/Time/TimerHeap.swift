/// What is due when: a binary heap of (instant, token), earliest first.
///
/// Entries can't be withdrawn. Whoever asked looks, when called, whether it still wants to be; most
/// deadlines on a server move further away (a connection that is in use), and then this costs
/// nothing until the old entry comes up and is put in again.
package struct TimerHeap: Sendable {
    package struct Entry: Hashable, Sendable {
        package var instant: Instant
        package var token: UInt64

        package init(instant: Instant, token: UInt64) {
            self.instant = instant
            self.token = token
        }
    }

    private var entries: [Entry] = []

    package init() {}

    package var count: Int { entries.count }

    /// When to call ``popDue(at:)`` next.
    package var deadline: Instant? { entries.first?.instant }

    package mutating func insert(_ entry: Entry) {
        entries.append(entry)
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].instant < entries[parent].instant else { break }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes out the earliest entry if its time has come.
    package mutating func popDue(at now: Instant) -> Entry? {
        guard let first = entries.first, first.instant <= now else { return nil }
        let last = entries.removeLast()
        guard !entries.isEmpty else { return first }
        entries[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < entries.count && entries[child].instant < entries[least].instant {
                least = child
            }
            guard least != parent else { return first }
            entries.swapAt(parent, least)
            parent = least
        }
    }
}
