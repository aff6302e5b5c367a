internal import Basics
internal import Glibc
internal import IO

/// How long a node takes to start, how big it is, and what it costs while nobody wants anything.
enum StartBench: Bench {
    static let name = "start"
    static let summary = "start to ready, size of the binary, memory and processor time at rest"

    static func run(_ terms: BenchTerms, into book: inout FigureBook) async throws {
        var times: [Double] = []
        for _ in 0..<(terms.isQuick ? 3 : 10) {
            let began = Loop.readClock()
            let server = try RoostServer(terms.roost)
            defer { server.end() }
            try server.waitUntilReady()
            times.append((Loop.readClock() - began) / .milliseconds(1))
        }
        let sample = Sample(times)
        book.add("start_ready", sample.median, "ms", .atMost(150))
        book.add("start_ready_slowest", sample.percentile(100), "ms")
        try measureSize(terms.roost, into: &book)
        try measureRest(terms, into: &book)
    }

    private static func measureSize(_ path: String, into book: inout FigureBook) throws {
        book.add("binary", try size(of: path) / 1e6, "MB")
        let stripped = try Workbench.path("roost-stripped")
        guard try Child("strip", ["-o", stripped, path], name: "strip").wait() == 0 else {
            throw DrillFault("strip did not work; run cluster/setup build")
        }
        book.add("binary_stripped", try size(of: stripped) / 1e6, "MB")
    }

    private static func size(of path: String) throws -> Double {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw SystemFault.last("look at \(path)") }
        return Double(status.st_size)
    }

    private static func measureRest(_ terms: BenchTerms, into book: inout FigureBook) throws {
        let server = try RoostServer(terms.roost)
        defer { server.end() }
        try server.waitUntilReady()
        sleep(1)
        let seconds: UInt32 = terms.isQuick ? 2 : 10
        let before = try ProcessReading.cpuSeconds(of: server.pid)
        sleep(seconds)
        let used = try ProcessReading.cpuSeconds(of: server.pid) - before
        book.add("idle_cpu", used / Double(seconds) * 100, "%", .atMost(0.1))
        book.add("idle_resident", try ProcessReading.residentBytes(of: server.pid) / 1e6, "MB")
    }
}
