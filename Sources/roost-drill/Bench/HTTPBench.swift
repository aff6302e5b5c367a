internal import Basics
internal import Glibc
internal import IO

/// A small JSON reply over connections that stay, beside nginx: in turns, so that whatever else goes
/// on on the machine strikes both.
///
/// The ratio to trust on a busy machine is that of processor time: it does not shrink because wrk, or
/// a stranger, wanted the same core.
enum HTTPBench: Bench {
    static let name = "http"
    static let summary = "a small JSON reply with wrk -t2 -c64, in turns with nginx's"

    private struct Side {
        var rates: [Double] = []
        var p99s: [Double] = []
        var requests = 0.0
        var cpuSeconds = 0.0

        var rate: Double { Sample(rates).median }
        var p99: Double { Sample(p99s).median }
        var cpuMicroseconds: Double { cpuSeconds / requests * 1e6 }

        mutating func add(_ run: (report: WrkReport, cpuSeconds: Double)) {
            rates.append(run.report.perSecond)
            p99s.append(run.report.p99Milliseconds)
            requests += run.report.requests
            cpuSeconds += run.cpuSeconds
        }
    }

    static func run(_ terms: BenchTerms, into book: inout FigureBook) async throws {
        let roost = try RoostServer(terms.roost, threads: 2)
        defer { roost.end() }
        try roost.waitUntilReady()
        let body = try LoopbackHTTP.get("/version", at: roost.address).body
        let nginx = try NginxServer(answering: body)
        defer { nginx.end() }
        try nginx.waitUntilReady()
        guard try LoopbackHTTP.get("/version", at: nginx.address).body == body else {
            throw DrillFault("nginx does not answer with the same bytes")
        }
        let workers = try nginx.workers()
        let seconds = terms.isQuick ? 1 : 3
        _ = try measure(roost.address, [roost.pid], seconds: 1)
        _ = try measure(nginx.address, workers, seconds: 1)
        var ours = Side()
        var theirs = Side()
        for _ in 0..<(terms.isQuick ? 2 : 6) {
            ours.add(try measure(roost.address, [roost.pid], seconds: seconds))
            theirs.add(try measure(nginx.address, workers, seconds: seconds))
        }
        book.add("http_requests", ours.rate, "/s")
        book.add("http_requests_nginx", theirs.rate, "/s")
        book.add("http_ratio", ours.rate / theirs.rate, "x", .atLeast(0.6))
        book.add("http_p99", ours.p99, "ms")
        book.add("http_p99_nginx", theirs.p99, "ms")
        book.add("http_p99_ratio", ours.p99 / theirs.p99, "x", .atMost(2))
        book.add("http_cpu", ours.cpuMicroseconds, "us/request")
        book.add("http_cpu_nginx", theirs.cpuMicroseconds, "us/request")
        book.add(
            "http_cpu_ratio",
            theirs.cpuMicroseconds / ours.cpuMicroseconds,
            "x",
            .atLeast(0.6)
        )
    }

    private static func measure(
        _ address: SocketAddress,
        _ pids: [pid_t],
        seconds: Int
    ) throws -> (report: WrkReport, cpuSeconds: Double) {
        let before = try cpuSeconds(of: pids)
        let wrk = try Child(
            "wrk",
            ["-t2", "-c64", "-d\(seconds)s", "--latency", "http://\(address)/version"],
            name: "wrk"
        )
        guard wrk.wait() == 0 else {
            throw DrillFault(
                "wrk did not work; run cluster/setup bench. It said:\n\(try wrk.said())"
            )
        }
        guard let report = WrkReport(try wrk.said()) else {
            throw DrillFault("wrk met errors, so the run counts for nothing:\n\(try wrk.said())")
        }
        return (report, try cpuSeconds(of: pids) - before)
    }

    private static func cpuSeconds(of pids: [pid_t]) throws -> Double {
        try pids.reduce(0) { try $0 + ProcessReading.cpuSeconds(of: $1) }
    }
}
