package import Synchronization

/// A number that goes up and down: how many connections are open, how full a queue is.
package final class Gauge: Sendable {
    @usableFromInline let bits = Atomic<UInt64>(0)

    /// Creates a gauge that belongs to no registry; see ``MetricRegistry`` for one that does.
    package init() {}

    @inlinable
    package func set(_ value: Double) {
        bits.store(value.bitPattern, ordering: .relaxed)
    }

    /// Moves the gauge by an amount, down if it is negative.
    @inlinable
    package func add(_ amount: Double = 1) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (exchanged, seen) = bits.weakCompareExchange(
                expected: old,
                desired: new,
                ordering: .relaxed
            )
            if exchanged { return }
            old = seen
        }
    }

    package var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
}
