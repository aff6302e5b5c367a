import Testing
import Wire

@Suite struct `A content coding` {
    @Test(arguments: [
        ("gzip", ContentCoding.gzip),
        ("GZIP", .gzip),
        ("x-gzip", .gzip),
        ("deflate, gzip;q=1.0, *;q=0.5", .gzip),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", .gzip),
        ("*", .gzip),
        ("gzip;q=0.001", .gzip),
        ("gzip ; q=0.5", .gzip),
        ("gzip;q=0.5, identity;q=0.5", .gzip),
        ("gzip;Q=1", .gzip),
        ("gzip;q=1.000", .gzip),
        ("identity;q=0, gzip;q=0.1", .gzip),
        ("", .identity),
        ("identity", .identity),
        ("br", .identity),
        ("gzip;q=0", .identity),
        ("gzip;q=0.000", .identity),
        ("gzip;q=0, *", .identity),
        ("gzip;q=0.5, identity", .identity),
        ("gzip;q=0.5, identity;q=0.501", .identity),
        ("*;q=0", .identity),
        ("gzip;q=1.001", .identity),
        ("gzip;q=2", .identity),
        ("gzip;q=", .identity),
        ("gzip;q=0.1234", .identity),
        ("gzip;q=-1", .identity),
        ("gzip;level=9", .identity),
        ("gzipped", .identity),
        ("g zip", .identity),
    ])
    func `is the one a client likes best`(value: String, expected: ContentCoding) {
        var fields = HTTPFields()
        fields.append("accept-encoding", value)
        #expect(ContentCoding.best(for: fields) == expected)
    }

    @Test func `is chosen from all fields together`() {
        var fields = HTTPFields()
        #expect(ContentCoding.best(for: fields) == .identity)
        fields.append("accept-encoding", "br")
        fields.append("accept-encoding", "gzip")
        #expect(ContentCoding.best(for: fields) == .gzip)
    }
}
