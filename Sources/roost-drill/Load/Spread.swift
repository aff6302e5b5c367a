/// How a great many durations are spread, in constant room: each falls into one of 64 classes between two
/// powers of two, so that a percentile is true to 1.6 %.
package struct Spread: Sendable {
    private var counts = [UInt64](repeating: 0, count: Spread.classes)
    package private(set) var count: UInt64 = 0
    package private(set) var most = Duration.zero

    package init() {}

    package mutating func note(_ duration: Duration) {
        let nanoseconds = UInt64(max(duration / .nanoseconds(1), 0))
        counts[Self.place(of: nanoseconds)] += 1
        count += 1
        most = max(most, duration)
    }

    package mutating func add(_ other: Spread) {
        for index in counts.indices { counts[index] += other.counts[index] }
        count += other.count
        most = max(most, other.most)
    }

    /// What has been noted since, where the other is an earlier state of this one.
    package func since(_ other: Spread) -> Spread {
        var rest = self
        for index in rest.counts.indices { rest.counts[index] &-= other.counts[index] }
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
            return index == Self.classes - 1 ? most : min(Self.end(of: index), most)
        }
        return most
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
