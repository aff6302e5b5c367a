import Basics
import Foundation
import Testing

@Suite struct `A metric registry` {
    @Test func `renders every kind as Prometheus reads it`() {
        let registry = MetricRegistry()
        registry.counter("roost_things_total", help: "Things\nwith a \\ in them.").add(3)
        registry.gauge("roost_level", help: "The level.").set(-0.5)
        let times = registry.histogram("roost_time", help: "The time.", buckets: [0.5, 1])
        times.observe(0.25)
        times.observe(3)
        registry.gauge("roost_asked", help: "Asked for.") { 1e300 }
        #expect(
            page(of: registry) == #"""
                # HELP roost_things_total Things\nwith a \\ in them.
                # TYPE roost_things_total counter
                roost_things_total 3
                # HELP roost_level The level.
                # TYPE roost_level gauge
                roost_level -0.5
                # HELP roost_time The time.
                # TYPE roost_time histogram
                roost_time_bucket{le="0.5"} 1
                roost_time_bucket{le="1"} 1
                roost_time_bucket{le="+Inf"} 2
                roost_time_sum 3.25
                roost_time_count 2
                # HELP roost_asked Asked for.
                # TYPE roost_asked gauge
                roost_asked 1e+300

                """#
        )
    }

    @Test func `escapes the values of labels`() {
        let registry = MetricRegistry()
        let family = registry.gauges("a", help: "A.", labels: ["x", "y"])
        family.child("back\\slash", "\"quoted\"\nline").set(.infinity)
        #expect(page(of: registry).contains(#"a{x="back\\slash",y="\"quoted\"\nline"} +Inf"#))
    }

    @Test func `says what is not a number as Prometheus does`() {
        let registry = MetricRegistry()
        let labels = ["x"]
        registry.gauges("a", help: "A.", labels: labels) {
            [.init(["1"], .nan), .init(["2"], -.infinity), .init(["3"], -0.0)]
        }
        let lines = page(of: registry).split(separator: "\n").dropFirst(2)
        #expect(lines == [#"a{x="1"} NaN"#, #"a{x="2"} -Inf"#, #"a{x="3"} 0"#])
    }

    @Test func `leaves out readings beyond its limit`() {
        let registry = MetricRegistry()
        registry.gauges("a", help: "A.", labels: ["x"], limit: 2) {
            (0..<3).map { .init(["\($0)"], 1) }
        }
        #expect(page(of: registry).split(separator: "\n").count == 4)
    }

    @Test func `refuses a name twice`() async {
        await #expect(processExitsWith: .failure) {
            let registry = MetricRegistry()
            _ = registry.gauge("a_sum", help: "A.")
            _ = registry.histogram("a", help: "A.")
        }
    }

    @Test(arguments: ["", "1a", "a-b", "ü", "a b", "a{"])
    func `refuses a name that is none`(name: String) async {
        await #expect(processExitsWith: .failure) { [name] in
            _ = MetricRegistry().gauge(name, help: "A.")
        }
    }

    /// The page is given to Prometheus' own linter, if it is installed.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/promtool")))
    func `satisfies promtool`() throws {
        let registry = MetricRegistry()
        registry.counter("roost_frames_total", help: "Frames \\ with \n all \"that\".").add(7)
        let sent = registry.counters("roost_events_total", help: "E.", labels: ["type"], limit: 3)
        for type in ["join", "\"", "\\\n", "é", "more"] { sent.child(type).add(.max) }
        let times = registry.histograms(
            "roost_handler_time_seconds",
            help: "What a handler took.",
            labels: ["handler"]
        )
        for value in [0.001, 0.3, 99] { times.child("health").observe(value) }
        registry.gauges("roost_open", help: "Open.", labels: ["kind"]) {
            [.init(["a"], .nan), .init(["b"], -.infinity), .init(["c"], 1e-7)]
        }
        let lint = Process()
        lint.executableURL = URL(filePath: "/usr/bin/promtool")
        lint.arguments = ["check", "metrics"]
        let (input, output) = (Pipe(), Pipe())
        lint.standardInput = input
        lint.standardOutput = output
        lint.standardError = output
        try lint.run()
        try input.fileHandleForWriting.write(contentsOf: Data(registry.render()))
        try input.fileHandleForWriting.close()
        let complaints = try output.fileHandleForReading.readToEnd() ?? Data()
        lint.waitUntilExit()
        #expect(lint.terminationStatus == 0, "\(String(decoding: complaints, as: UTF8.self))")
    }

    private func page(of registry: MetricRegistry) -> String {
        String(decoding: registry.render(), as: UTF8.self)
    }
}
