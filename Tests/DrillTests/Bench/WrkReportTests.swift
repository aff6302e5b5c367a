import Testing
import roost_drill

@Suite struct `A report of wrk` {
    private static let text = """
        Running 3s test @ http://127.0.0.1:8065/version
          2 threads and 64 connections
          Thread Stats   Avg      Stdev     Max   +/- Stdev
            Latency     1.53ms    2.45ms  41.26ms   91.81%
            Req/Sec    35.13k     4.98k   49.33k    70.00%
          Latency Distribution
             50%  745.00us
             75%    1.20ms
             90%    3.68ms
             99%   12.32ms
          210047 requests in 3.01s, 35.66MB read
        Requests/sec:  69777.13
        Transfer/sec:     11.85MB
        """

    @Test func `says how many requests there were, in what time, and the slowest of a hundred`()
        throws
    {
        let report = try #require(WrkReport(Self.text))
        #expect(report.requests == 210_047)
        #expect(report.seconds == 3.01)
        #expect(report.p99Milliseconds == 12.32)
        #expect((report.perSecond - 210_047 / 3.01).magnitude < 0.001)
    }

    @Test(arguments: [("745.00us", 0.745), ("1.20ms", 1.2), ("1.06s", 1_060), ("1.00m", 60_000)])
    func `is read in each of wrk's units`(written: String, milliseconds: Double) throws {
        let text = Self.text.replacing("12.32ms", with: written)
        #expect(try #require(WrkReport(text)).p99Milliseconds == milliseconds)
    }

    @Test(arguments: [
        "  Non-2xx or 3xx responses: 12", "  Socket errors: connect 0, read 3, write 0, timeout 0",
    ])
    func `that tells of errors counts for nothing`(line: String) {
        #expect(WrkReport(Self.text + "\n" + line) == nil)
    }

    @Test(arguments: ["99%   12.32ms", "210047 requests in 3.01s", "12.32ms"])
    func `that lacks something counts for nothing`(part: String) {
        #expect(WrkReport(Self.text.replacing(part, with: "")) == nil)
    }
}
