/// How often something took how long, counted in buckets.
///
/// An observation is two relaxed atomic additions in the row of the calling thread. The count that a
/// scrape reports is the sum of the buckets it read, so the two always agree.
package final class Histogram: Sendable {
    package let buckets: Buckets
    @usableFromInline let bounds: [Double]
    @usableFromInline let cells: AtomicRows

    /// Upper bounds, each counting what is less or equal; one without a bound is always added.
    package struct Buckets: Hashable, Sendable, ExpressibleByArrayLiteral {
        package let bounds: [Double]

        package init(_ bounds: [Double]) {
            precondition(!bounds.isEmpty && bounds.count <= 64, "a histogram has 1 to 64 bounds")
            precondition(bounds.allSatisfy(\.isFinite), "the bound at infinity is always there")
            precondition(
                zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 },
                "bounds must grow from one to the next"
            )
            self.bounds = bounds
        }

        package init(arrayLiteral bounds: Double...) {
            self.init(bounds)
        }

        /// Seconds, from 5 ms to 10 s: what a request or a lock takes.
        package static let times: Buckets = [
            0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
        ]

        /// Seconds, from 1 ms to 1 s: what a packet takes to be written, to travel, to vary.
        package static let latencies: Buckets = [
            0.001, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.3, 0.4, 0.5, 0.75, 1,
        ]

        /// Shares of packets lost, from 0.1 % to all.
        package static let losses: Buckets = [
            0.001, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1,
        ]
    }

    /// Creates a histogram that belongs to no registry; see ``MetricRegistry`` for one that does.
    package init(buckets: Buckets = .times, cells: Int = 1) {
        self.buckets = buckets
        bounds = buckets.bounds
        self.cells = AtomicRows(rows: cells, columns: buckets.bounds.count + 2)
    }

    /// Counts one value, in seconds where it is a time. What is not a number is not counted.
    @inlinable
    package func observe(_ value: Double, cell: Int = 0) {
        guard !value.isNaN else { return }
        var bucket = 0
        while bucket < bounds.count && value > bounds[bucket] {
            bucket += 1
        }
        cells.add(1, row: cell, column: bucket)
        cells.addDouble(value, row: cell, column: bounds.count + 1)
    }

    @inlinable
    package func observe(_ duration: Duration, cell: Int = 0) {
        let (seconds, attoseconds) = duration.components
        observe(Double(seconds) + Double(attoseconds) * 1e-18, cell: cell)
    }

    /// How many values were at most each bound; the last is how many there were.
    package var cumulativeCounts: [UInt64] {
        var count: UInt64 = 0
        return (0...bounds.count).map { bucket in
            count &+= cells.total(column: bucket)
            return count
        }
    }

    package var sum: Double { cells.doubleTotal(column: bounds.count + 1) }
}
