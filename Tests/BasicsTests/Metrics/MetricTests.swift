import Basics
import Testing

@Suite struct `A counter` {
    @Test func `sums what its cells hold`() {
        let counter = Counter(cells: 3)
        for cell in 0..<10 { counter.add(2, cell: cell) }
        counter.add()
        #expect(counter.value == 21)
    }

    @Test func `takes any number for a cell`() {
        let counter = Counter(cells: 2)
        counter.add(1, cell: -1)
        counter.add(1, cell: .max)
        counter.add(1, cell: .min)
        #expect(counter.value == 3)
    }

    @Test func `loses nothing when many threads add to it`() async {
        let counter = Counter(cells: 2)
        await withTaskGroup { group in
            for cell in 0..<4 {
                group.addTask {
                    for _ in 0..<10_000 { counter.add(1, cell: cell) }
                }
            }
        }
        #expect(counter.value == 40_000)
    }
}

@Suite struct `A gauge` {
    @Test func `goes up and down`() {
        let gauge = Gauge()
        gauge.set(2.5)
        gauge.add()
        gauge.add(-3)
        #expect(gauge.value == 0.5)
    }

    @Test func `loses nothing when many threads move it`() async {
        let gauge = Gauge()
        await withTaskGroup { group in
            for step in [1.0, -1, 2, -3] {
                group.addTask {
                    for _ in 0..<5_000 { gauge.add(step) }
                }
            }
        }
        #expect(gauge.value == -5_000)
    }
}

@Suite struct `A histogram` {
    @Test func `counts what is at most each bound`() {
        let histogram = Histogram(buckets: [1, 2, 5], cells: 2)
        for (cell, value) in [0.5, 1, 1.5, 2, 5, 5.1, .infinity].enumerated() {
            histogram.observe(value, cell: cell)
        }
        #expect(histogram.cumulativeCounts == [2, 4, 5, 7])
    }

    @Test func `does not count what is not a number`() {
        let histogram = Histogram(buckets: [1])
        histogram.observe(.nan)
        histogram.observe(.milliseconds(250))
        #expect(histogram.cumulativeCounts == [1, 1])
        #expect(histogram.sum == 0.25)
    }

    @Test(arguments: UInt64(0)..<50)
    func `agrees with a list that is counted by hand`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let bounds = (1...8).map { Double($0) * 0.125 }
        let histogram = Histogram(buckets: Histogram.Buckets(bounds), cells: 4)
        let values = (0..<200).map { _ in Double(Int.random(in: 0...16, using: &random)) / 16 }
        for value in values {
            histogram.observe(value, cell: Int.random(in: 0..<8, using: &random))
        }
        let expected = bounds.map { bound in UInt64(values.count { $0 <= bound }) } + [200]
        #expect(histogram.cumulativeCounts == expected)
        #expect(histogram.sum == values.reduce(0, +))  // sixteenths add up exactly
    }

    @Test func `refuses bounds that do not grow`() async {
        await #expect(processExitsWith: .failure) { _ = Histogram(buckets: [1, 1]) }
    }
}

@Suite struct `A metric family` {
    @Test func `gives the same child for the same labels`() {
        let family = MetricRegistry().counters("a_total", help: "A.", labels: ["x", "y"])
        #expect(family.child("1", "2") === family.child("1", "2"))
        #expect(family.child("1", "2") !== family.child("2", "1"))
    }

    @Test func `sends what is beyond its limit to one child called other`() {
        let registry = MetricRegistry()
        let family = registry.counters("a_total", help: "A.", labels: ["x"], limit: 2)
        for name in ["one", "two", "three", "four", "one"] { family.child(name).add() }
        let page = String(decoding: registry.render(), as: UTF8.self)
        let expected = """
            # HELP a_total A.
            # TYPE a_total counter
            a_total{x="one"} 2
            a_total{x="two"} 1
            a_total{x="other"} 2

            """
        #expect(page == expected)
    }

    @Test func `does not repeat a child that was called other before it was full`() {
        let registry = MetricRegistry()
        let family = registry.gauges("a", help: "A.", labels: ["x"], limit: 1)
        family.child("other").add()
        family.child("more").add()
        let lines = String(decoding: registry.render(), as: UTF8.self).split(separator: "\n")
        #expect(lines.dropFirst(2) == [#"a{x="other"} 2"#])
    }
}
