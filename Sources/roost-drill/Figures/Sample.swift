/// Numbers of one kind, and what can be said of them.
package struct Sample: Sendable {
    private var sorted: [Double]

    package init(_ values: some Sequence<Double>) {
        sorted = values.sorted()
    }

    package var median: Double { percentile(50) }

    /// The least value that so many percent do not exceed; 0 of nothing.
    package func percentile(_ percent: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let rank = (percent / 100 * Double(sorted.count)).rounded(.up)
        return sorted[min(max(Int(rank) - 1, 0), sorted.count - 1)]
    }
}
