/// How a great many durations are spread, in constant room: each falls into one of 64 classes between two
/// powers of two, so that a percentile is true to 1.6 %. Only the powers between the shortest and the longest take
/// room, for a load keeps five of these for each second.
package struct Spread: Sendable {
    /// Of the classes from `start` on, all others are empty.
    private var counts: [UInt64] = []
    private var start = 0
    package private(set) var count: UInt64 = 0
    package private(set) var most = Duration.zero

    package init() {}

    package mutating func note(_ duration: Duration) {
        let nanoseconds = UInt64(max(duration / .nanoseconds(1), 0))
        let place = Self.place(of: nanoseconds)
        makeRoom(for: place...place)
        counts[place - start] += 1
        count += 1
        most = max(most, duration)
    }

    package mutating func add(_ other: Spread) {
        if let places = other.places { makeRoom(for: places) }
        for (index, more) in other.counts.enumerated() {
            counts[other.start - start + index] += more
        }
        count += other.count
        most = max(most, other.most)
    }

    /// What has been noted since, where the other is an earlier state of this one.
    package func since(_ other: Spread) -> Spread {
        var rest = self
        if let places = other.places { rest.makeRoom(for: places) }
        for (index, less) in other.counts.enumerated() {
            rest.counts[other.start - rest.start + index] &-= less
        }
        rest.count &-= other.count
        return rest
    }

    /// The least that so many percent do not exceed, but for the width of a class; 0 of nothing.
    package func percentile(_ percent: Double) -> Duration {
        guard count > 0 else { return .zero }
        let rank = UInt64((percent / 100 * Double(count)).rounded(.up))
        var seen: UInt64 = 0
        for index in counts.indices {
            seen += counts[index]
            guard seen >= max(rank, 1) else { continue }
            // The last class has whatever is longer, too.
            let place = start + index
            return place == Self.classes - 1 ? most : min(Self.end(of: place), most)
        }
        return most
    }

    private var places: ClosedRange<Int>? {
        counts.isEmpty ? nil : start...start + counts.count - 1
    }

    private mutating func makeRoom(for places: ClosedRange<Int>) {
        let power = 64
        let first = places.lowerBound / power * power
        let end = (places.upperBound / power + 1) * power
        if counts.isEmpty { start = first }
        if first < start {
            counts.insert(contentsOf: repeatElement(0, count: start - first), at: 0)
            start = first
        }
        let missing = end - start - counts.count
        if missing > 0 { counts.append(contentsOf: repeatElement(0, count: missing)) }
    }

    // 0 to 63 have a class each; from there on, the six bits behind the first one count.
    private static func place(of value: UInt64) -> Int {
        guard value >= 64 else { return Int(value) }
        let shift = 63 - value.leadingZeroBitCount - 6
        return min((shift + 1) * 64 + Int(value >> UInt64(shift)) - 64, classes - 1)
    }

    private static func end(of place: Int) -> Duration {
        guard place >= 64 else { return .nanoseconds(place) }
        let shift = place / 64 - 1
        return .nanoseconds(Int64((place % 64 + 65) << shift) - 1)
    }

    /// Up to five minutes.
    private static let classes = 64 * 34
}
