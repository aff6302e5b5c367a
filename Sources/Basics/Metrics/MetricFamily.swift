import Synchronization

/// Metrics of one name that differ in the values of their labels.
///
/// A child is looked up under a lock, once, and then kept by whoever counts with it. The number of
/// children is bounded: beyond the limit everyone shares one child whose labels all say `other`, so
/// no peer can grow the page that Prometheus reads, whatever it makes us count.
package final class MetricFamily<Child: Sendable>: Sendable {
    package let labels: [String]
    private let limit: Int
    private let make: @Sendable () -> Child
    private let children = Mutex(Children())

    private struct Children {
        var byValues: [[String]: Child] = [:]
        var inOrder: [(values: [String], child: Child)] = []
    }

    init(labels: [String], limit: Int, make: @escaping @Sendable () -> Child) {
        precondition(!labels.isEmpty, "a family has labels; register a single metric instead")
        precondition(1...10_000 ~= limit, "a family has a limit between 1 and 10000")
        self.labels = labels
        self.limit = limit
        self.make = make
    }

    /// The child with these values, one for each label in the family's order.
    package func child(_ values: String...) -> Child {
        child(values)
    }

    package func child(_ values: [String]) -> Child {
        precondition(values.count == labels.count, "this family's labels are \(labels)")
        return children.withLock { children in
            if let known = children.byValues[values] { return known }
            let isFull = children.inOrder.count >= limit
            let values = isFull ? labels.map { _ in "other" } : values
            if isFull, let other = children.byValues[values] { return other }
            let child = make()
            children.byValues[values] = child
            children.inOrder.append((values, child))
            return child
        }
    }

    /// Every child, oldest first.
    var all: [(values: [String], child: Child)] {
        children.withLock { $0.inOrder }
    }
}

package typealias CounterFamily = MetricFamily<Counter>
package typealias GaugeFamily = MetricFamily<Gauge>
package typealias HistogramFamily = MetricFamily<Histogram>
