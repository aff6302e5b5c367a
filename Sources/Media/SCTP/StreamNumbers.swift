/// The next number of each stream that was ever used; all others are at zero.
///
/// Sorted, and found by halving: there are seldom more than a few, and never more than streams.
struct StreamNumbers {
    private var entries: [Entry] = []

    private struct Entry {
        var stream: UInt16
        var next: UInt16
    }

    subscript(stream: UInt16) -> UInt16 {
        get {
            let place = place(of: stream)
            guard place < entries.count, entries[place].stream == stream else { return 0 }
            return entries[place].next
        }
        set {
            let place = place(of: stream)
            if place < entries.count, entries[place].stream == stream {
                entries[place].next = newValue
            } else {
                entries.insert(Entry(stream: stream, next: newValue), at: place)
            }
        }
    }

    /// Back to zero; of no streams means of all (RFC 6525 section 4.1).
    mutating func reset(_ streams: [UInt16]) {
        if streams.isEmpty { entries = [] }
        for stream in streams {
            let place = place(of: stream)
            if place < entries.count, entries[place].stream == stream { entries.remove(at: place) }
        }
    }

    private func place(of stream: UInt16) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].stream < stream { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
