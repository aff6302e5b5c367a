internal import Basics
internal import IO

/// What it costs to count and to log, which is done wherever something happens.
enum SeeingBench: Bench {
    static let name = "seeing"
    static let summary = "counting, logging and rendering the metrics page"

    /// Makes the line and drops it: formatting without the file.
    private struct FormattingSink: LogSink {
        let format: LogFormat

        func now() -> WallTime { WallTime(seconds: 1_795_230_759, nanoseconds: 123_456_789) }

        func write(_ record: LogRecord) {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(512)
            format.append(record, to: &bytes)
            precondition(bytes.count > 50, "a line was lost")
        }
    }

    static func run(_ terms: BenchTerms, into book: inout FigureBook) async throws {
        let rounds = terms.isQuick ? 500_000 : 10_000_000
        let counting = await count(rounds)
        book.add("counter_add_two_threads", counting, "ns")
        let histogram = Histogram()
        let observing = nanoseconds(rounds) { step in
            histogram.observe(Double(step & 7) * 0.01)
        }
        book.add("histogram_observe", observing, "ns")
        let levels = LogLevels(.info)
        let quiet = Log("bench", levels: levels, sink: SilentLogSink())
        let suppressed = nanoseconds(rounds) { step in
            quiet.debug("packet \(step)", ["length": .int(step), "path": "a"])
        }
        book.add("log_suppressed", suppressed, "ns")
        for (name, format) in [("json", LogFormat.json), ("human", .human(colour: true))] {
            let log = Log("bench", levels: levels, sink: FormattingSink(format: format))
            let line = nanoseconds(rounds / 100) { step in
                log.info(
                    "a request was answered",
                    [
                        "status": 200, "path": "/api/v4/users/me",
                        "took": .duration(.microseconds(1_234)), "connection": .int(step),
                    ]
                )
            }
            book.add("log_line_\(name)", line, "ns")
        }
        measurePage(rounds / 50_000, into: &book)
    }

    /// Processor time for one addition, with two threads that have a cell each.
    private static func count(_ rounds: Int) async -> Double {
        let counter = Counter(cells: 2)
        let before = ProcessorTime.ofProcess
        await withTaskGroup { group in
            for cell in 0..<2 {
                group.addTask {
                    for _ in 0..<rounds { counter.add(1, cell: cell) }
                }
            }
        }
        precondition(counter.value == UInt64(rounds * 2), "an addition was lost")
        return (ProcessorTime.ofProcess - before) / .nanoseconds(1) / Double(rounds * 2)
    }

    private static func measurePage(_ rounds: Int, into book: inout FigureBook) {
        let registry = MetricRegistry()
        let counters = registry.counters(
            "roost_a_total",
            help: "A.",
            labels: ["direction", "type"],
            limit: 400
        )
        for index in 0..<220 { counters.child("in", "message_\(index)").add(UInt64(index)) }
        let times = registry.histograms("roost_b_seconds", help: "B.", labels: ["method"])
        for index in 0..<20 { times.child("method_\(index)").observe(0.3 / Double(index + 1)) }
        let page = nanoseconds(rounds) { _ in _ = registry.render() }
        book.add("metrics_page_500_series", page / 1_000, "us")
    }

    /// Processor time of one round, on this thread.
    private static func nanoseconds(_ rounds: Int, _ body: (Int) -> Void) -> Double {
        let before = ProcessorTime.ofThread
        for step in 0..<rounds { body(step) }
        return (ProcessorTime.ofThread - before) / .nanoseconds(1) / Double(rounds)
    }
}
