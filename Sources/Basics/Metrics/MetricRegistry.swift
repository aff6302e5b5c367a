import Synchronization

/// All that a node counts, and the page that Prometheus reads.
///
/// Metrics are registered while the node starts, under a lock. Counting afterwards touches only the
/// metric itself; the registry is asked again only when the page is. A name that is taken or badly
/// formed is a programmer's error and traps at start, where the first test meets it.
package final class MetricRegistry: Sendable {
    private let entries = Mutex(Entries())

    private struct Entries {
        var names: Set<String> = []
        var inOrder: [Entry] = []
    }

    private struct Entry {
        var header: [UInt8]
        var write: @Sendable (inout MetricPage) -> Void
    }

    private enum Kind: String {
        case counter
        case gauge
        case histogram
        case untyped
    }

    /// One line of a family whose values are asked for, not counted.
    package struct Reading: Sendable {
        package var labels: [String]
        package var value: Double

        package init(_ labels: [String], _ value: Double) {
            self.labels = labels
            self.value = value
        }
    }

    package init() {}

    /// The page, in the text format 0.0.4: `text/plain; version=0.0.4; charset=utf-8`.
    ///
    /// Metrics come in the order they were registered. Readings are taken during this call, on the
    /// calling thread, outside the registry's lock.
    package func render() -> [UInt8] {
        var page = MetricPage()
        for entry in entries.withLock({ $0.inOrder }) {
            page.begin(header: entry.header)
            entry.write(&page)
        }
        return page.bytes
    }
}

// Registering single metrics.
extension MetricRegistry {
    package func counter(_ name: String, help: String, cells: Int = 1) -> Counter {
        let counter = Counter(cells: cells)
        register(.counter, name, help, labels: []) { page in
            page.line(name, value: counter.value)
        }
        return counter
    }

    package func gauge(_ name: String, help: String) -> Gauge {
        let gauge = Gauge()
        register(.gauge, name, help, labels: []) { page in
            page.line(name, value: gauge.value)
        }
        return gauge
    }

    package func histogram(
        _ name: String,
        help: String,
        buckets: Histogram.Buckets = .times,
        cells: Int = 1,
        isShownAtZero: Bool = true
    ) -> Histogram {
        let histogram = Histogram(buckets: buckets, cells: cells)
        register(.histogram, name, help, labels: []) { page in
            if isShownAtZero || histogram.cumulativeCounts.last != 0 {
                page.lines(name, of: histogram)
            }
        }
        return histogram
    }

    /// A gauge whose value is asked for whenever the page is.
    package func gauge(
        _ name: String,
        help: String,
        reading: @escaping @Sendable () -> Double
    ) {
        register(.gauge, name, help, labels: []) { page in
            page.line(name, value: reading())
        }
    }

    /// A counter whose value is asked for whenever the page is, as the kernel's own counts are.
    package func counter(
        _ name: String,
        help: String,
        reading: @escaping @Sendable () -> Double
    ) {
        register(.counter, name, help, labels: []) { page in
            page.line(name, value: reading())
        }
    }
}

// Registering what others have named, against the habits of Prometheus: a gauge whose name ends in
// `_total`, a counter whose name does not.
extension MetricRegistry {
    package func untyped(
        _ name: String,
        help: String,
        reading: @escaping @Sendable () -> Double
    ) {
        register(.untyped, name, help, labels: []) { page in
            page.line(name, value: reading())
        }
    }

    package func untyped(
        _ name: String,
        help: String,
        labels: [String],
        readings: @escaping @Sendable () -> [Reading]
    ) {
        register(.untyped, name, help, labels: labels) { page in
            for reading in readings() {
                page.line(name, labels: labels, reading.labels, value: reading.value)
            }
        }
    }

    package func untypedCounter(
        _ name: String,
        help: String,
        isShownAtZero: Bool = true
    ) -> Counter {
        let counter = Counter()
        register(.untyped, name, help, labels: []) { page in
            let value = counter.value
            if value > 0 || isShownAtZero { page.line(name, value: value) }
        }
        return counter
    }
}

// Registering families.
extension MetricRegistry {
    package func counters(
        _ name: String,
        help: String,
        labels: [String],
        limit: Int = 100,
        cells: Int = 1
    ) -> CounterFamily {
        let family = CounterFamily(labels: labels, limit: limit) { Counter(cells: cells) }
        register(.counter, name, help, labels: labels) { page in
            for (values, child) in family.all {
                page.line(name, labels: labels, values, value: child.value)
            }
        }
        return family
    }

    package func gauges(
        _ name: String,
        help: String,
        labels: [String],
        limit: Int = 100
    ) -> GaugeFamily {
        let family = GaugeFamily(labels: labels, limit: limit) { Gauge() }
        register(.gauge, name, help, labels: labels) { page in
            for (values, child) in family.all {
                page.line(name, labels: labels, values, value: child.value)
            }
        }
        return family
    }

    package func histograms(
        _ name: String,
        help: String,
        labels: [String],
        buckets: Histogram.Buckets = .times,
        limit: Int = 100,
        cells: Int = 1
    ) -> HistogramFamily {
        let family = HistogramFamily(labels: labels, limit: limit) {
            Histogram(buckets: buckets, cells: cells)
        }
        register(.histogram, name, help, labels: labels) { page in
            for (values, child) in family.all {
                page.lines(name, labels: labels, values, of: child)
            }
        }
        return family
    }

    /// Gauges of one name whose labels and values are asked for whenever the page is. Readings beyond
    /// the limit are left out; each must have its own labels.
    package func gauges(
        _ name: String,
        help: String,
        labels: [String],
        limit: Int = 100,
        readings: @escaping @Sendable () -> [Reading]
    ) {
        register(.gauge, name, help, labels: labels) { page in
            for reading in readings().prefix(limit) {
                page.line(name, labels: labels, reading.labels, value: reading.value)
            }
        }
    }
}

extension MetricRegistry {
    private func register(
        _ kind: Kind,
        _ name: String,
        _ help: String,
        labels: [String],
        write: @escaping @Sendable (inout MetricPage) -> Void
    ) {
        precondition(
            isMetricName(name),
            "\"\(name)\" is no metric name; use [a-zA-Z_:][a-zA-Z0-9_:]*"
        )
        precondition(!help.isEmpty, "\(name) needs a help text; say what it counts")
        for label in labels {
            precondition(isLabelName(label), "\"\(label)\" is no label; use [a-zA-Z_][a-zA-Z0-9_]*")
            precondition(kind != .histogram || label != "le", "a histogram's own label is le")
        }
        precondition(Set(labels).count == labels.count, "\(name) has a label twice")
        var header = Array("# HELP \(name) ".utf8)
        appendEscaped(help, quotes: false, to: &header)
        header += "\n# TYPE \(name) \(kind.rawValue)\n".utf8
        let entry = Entry(header: header, write: write)
        let suffixes = kind == .histogram ? ["", "_bucket", "_sum", "_count"] : [""]
        entries.withLock { entries in
            for suffix in suffixes {
                let isNew = entries.names.insert(name + suffix).inserted
                precondition(isNew, "\(name)\(suffix) is registered already; choose another name")
            }
            entries.inOrder.append(entry)
        }
    }
}

private func isMetricName(_ name: String) -> Bool {
    isName(name) { $0 == UInt8(ascii: ":") }
}

private func isLabelName(_ name: String) -> Bool {
    isName(name) { _ in false } && !name.hasPrefix("__")
}

private func isName(_ name: String, alsoAllowing extra: (UInt8) -> Bool) -> Bool {
    guard let first = name.utf8.first, !isDigit(first) else { return false }
    return name.utf8.allSatisfy { byte in
        isDigit(byte) || byte == UInt8(ascii: "_") || extra(byte)
            || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
            || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
    }
}

private func isDigit(_ byte: UInt8) -> Bool {
    UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
}
