import Basics
import Testing
import Wire

@Suite struct `A range of HTTP` {
    @Test(
        arguments: [
            ("bytes=0-0", [0..<1]),
            ("bytes=0-99", [0..<100]),
            ("bytes=0-1000", [0..<100]),
            ("bytes=90-", [90..<100]),
            ("bytes=-10", [90..<100]),
            ("bytes=-1000", [0..<100]),
            ("Bytes=5-6", [5..<7]),
            ("bytes=0-1, 5-6,\t-1", [0..<2, 5..<7, 99..<100]),
            ("bytes=,,0-1,,", [0..<2]),
            ("bytes=200-,0-1", [0..<2]),
            ("bytes=0-99999999999999999999", [0..<100]),
        ] as [(String, [Range<UInt64>])]
    )
    func `says which bytes of what there is`(value: String, ranges: [Range<UInt64>]) {
        #expect(HTTPRange(parsing: value.utf8.span, length: 100) == .partial(ranges))
    }

    @Test(arguments: [
        "bytes=100-", "bytes=-0", "bytes=100-200, 300-", "bytes=99999999999999999999-",
    ])
    func `cannot be of what there isn't`(value: String) {
        #expect(HTTPRange(parsing: value.utf8.span, length: 100) == .unsatisfiable)
    }

    @Test(arguments: [
        "", "bytes", "bytes=", "bytes=,", "lines=0-1", "bytes 0-1", "bytes=1-0", "bytes=a-",
        "bytes=-",
        "bytes=0--1", "bytes=+0-1", "bytes=0-1;", "bytes=0-1 2-3", "bytes= 0x0-1", "bytes=0-1,x",
        "bytes=0-,0-", "bytes=0-99,0-0",
    ])
    func `is ignored when it makes no sense or asks for bytes twice over`(value: String) {
        #expect(HTTPRange(parsing: value.utf8.span, length: 100) == .whole)
    }

    @Test func `is ignored when there are too many`() {
        let list = (0..<16).map { "\($0)-\($0)" }.joined(separator: ",")
        guard case .partial(let ranges) = HTTPRange(parsing: "bytes=\(list)".utf8.span, length: 100)
        else {
            Issue.record("sixteen are allowed")
            return
        }
        #expect(ranges.count == 16)
        #expect(HTTPRange(parsing: "bytes=\(list),16-16".utf8.span, length: 100) == .whole)
    }

    @Test func `of nothing is nothing`() {
        #expect(HTTPRange(parsing: "bytes=0-".utf8.span, length: 0) == .unsatisfiable)
        #expect(HTTPRange(parsing: "bytes=-5".utf8.span, length: 0) == .unsatisfiable)
    }

    @Test func `may reach to the last byte that can be counted`() {
        let all = HTTPRange(parsing: "bytes=0-18446744073709551615".utf8.span, length: .max)
        #expect(all == .partial([0..<UInt64.max]))
    }
}

@Suite struct `The conditions of a request` {
    private static let now = HTTPDate(secondsSince1970: 1_790_000_000)
    private static let modified = HTTPDate(secondsSince1970: 784_111_777)
    private static let same = "Sun, 06 Nov 1994 08:49:37 GMT"
    private static let before = "Sun, 06 Nov 1994 08:49:36 GMT"
    private let conditions = HTTPConditions(etag: ETag("v1"), lastModified: modified, now: now)

    private func fields(_ pairs: [(StaticString, String)]) -> HTTPFields {
        var fields = HTTPFields()
        for (name, value) in pairs {
            fields.append(name, value)
        }
        return fields
    }

    @Test func `spare a client what it has`() {
        func verdict(_ value: String, _ method: HTTPMethod = .get) -> HTTPConditions.Verdict {
            conditions.verdict(on: fields([("if-none-match", value)]), method: method)
        }
        for value in ["\"v1\"", "W/\"v1\"", "\"v0\", \"v1\"", "\"a,b\",\"v1\"", "*", ",, \"v1\""] {
            #expect(verdict(value) == .notModified, "\(value)")
            #expect(verdict(value, .post) == .preconditionFailed, "\(value)")
        }
        for value in ["\"v2\"", "v1", "", "\"v1", "w/\"v1\"", "junk, \"v1\"", "\"V1\""] {
            #expect(verdict(value) == .proceed, "\(value)")
        }
    }

    @Test func `keep a writer from writing over another's work`() {
        func verdict(_ value: String) -> HTTPConditions.Verdict {
            conditions.verdict(on: fields([("if-match", value)]), method: .put)
        }
        #expect(verdict("\"v1\"") == .proceed)
        #expect(verdict("*") == .proceed)
        #expect(verdict("W/\"v1\"") == .preconditionFailed, "weak tags don't match strongly")
        #expect(verdict("\"v0\"") == .preconditionFailed)
        let none = HTTPConditions(etag: nil, now: Self.now)
        #expect(none.verdict(on: fields([("if-match", "*")]), method: .put) == .preconditionFailed)
        #expect(none.verdict(on: fields([("if-none-match", "*")]), method: .put) == .proceed)
    }

    @Test(
        arguments: [
            ([("if-modified-since", same)], .notModified),
            ([("if-modified-since", before)], .proceed),
            ([("if-modified-since", "yesterday")], .proceed),
            ([("if-unmodified-since", same)], .proceed),
            ([("if-unmodified-since", before)], .preconditionFailed),
            ([("if-none-match", "\"v0\""), ("if-modified-since", same)], .proceed),
            ([("if-match", "\"v1\""), ("if-unmodified-since", before)], .proceed),
        ] as [([(StaticString, String)], HTTPConditions.Verdict)]
    )
    func `go by dates only where there are no tags`(
        pairs: [(StaticString, String)],
        verdict: HTTPConditions.Verdict
    ) {
        #expect(conditions.verdict(on: fields(pairs), method: .get) == verdict)
    }

    @Test(arguments: [
        ("\"v1\"", true), ("\"v0\"", false), ("W/\"v1\"", false), (same, true), (before, false),
        ("junk", false),
    ])
    func `give a range only of the version it was meant for`(value: String, holds: Bool) {
        let fields = fields([("range", "bytes=0-1"), ("if-range", value)])
        let range = conditions.range(on: fields, method: .get, length: 10)
        #expect(range == (holds ? .partial([0..<2]) : .whole))
    }

    @Test func `give a range only to GET, and only one set of them`() {
        let one = fields([("range", "bytes=0-1")])
        #expect(conditions.range(on: one, method: .get, length: 10) == .partial([0..<2]))
        #expect(conditions.range(on: one, method: .head, length: 10) == .whole)
        let two = fields([("range", "bytes=0-1"), ("range", "bytes=2-3")])
        #expect(conditions.range(on: two, method: .get, length: 10) == .whole)
    }

    @Test func `write tags as they read them`() {
        #expect(ETag("v1").text == "\"v1\"")
        #expect(ETag("v1", isWeak: true).text == "W/\"v1\"")
        #expect(ETag(parsing: "W/\"v1\"".utf8.span) == ETag("v1", isWeak: true))
        #expect(ETag(parsing: "\"v1\" ".utf8.span) == nil)
    }
}
