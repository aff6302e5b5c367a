import Testing
import Wire

@Suite struct `A request that is written` {
    @Test func `names its host and its length once, whatever the fields say`() throws {
        var fields = HTTPFields()
        fields.append("host", "evil")
        fields.append("Content-Length", "9")
        fields.append("transfer-encoding", "chunked")
        fields.append("x-note", "a\r\nevil: b")
        var bytes: [UInt8] = []
        let location = try HTTPLocation("http://Example.org:8080/a?b=c")
        HTTPRequestWriter.writeHead(.post, location, fields: fields, length: 2, to: &bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "POST /a?b=c HTTP/1.1\r\nhost: example.org:8080\r\nx-note: a  evil: b\r\n"
                + "content-length: 2\r\n\r\n"
        )
    }
}

@Suite struct `A location` {
    @Test(arguments: [
        ("http://a", "http://a", "/"), ("HTTPS://A:443/x", "https://a", "/x"),
        ("http://[::0001]:81?q", "http://[::1]:81", "/?q"),
        ("https://a_b.c-d/", "https://a_b.c-d", "/"),
    ])
    func `has an origin and a target`(text: String, origin: String, target: String) throws {
        let location = try HTTPLocation(text)
        #expect(location.origin == origin)
        #expect(location.target == target)
        #expect(try HTTPLocation(location.origin + location.target) == location)
    }

    @Test(arguments: [
        ("ftp://a", HTTPLocationFault.Rule.scheme, 0), ("http://u:p@a/", .user, 10),
        ("http://", .host, 7), ("http://a b/", .host, 8), ("http://[a]/", .host, 8),
        ("http://a:/", .port, 8), ("http://a:65536/", .port, 9), ("http://a:0/", .port, 9),
        ("http://a/b\r\nc", .target, 10), ("http://a/#b", .target, 9),
    ])
    func `is refused with the rule and the byte`(
        text: String,
        rule: HTTPLocationFault.Rule,
        offset: Int
    ) {
        do {
            _ = try HTTPLocation(text)
            Issue.record("taken")
        } catch {
            #expect(error.rule == rule)
            #expect(error.offset == offset)
        }
    }

    @Test func `has a bounded length`() throws {
        let long = "http://a/" + String(repeating: "b", count: HTTPLocation.mostBytes - 9)
        #expect(try HTTPLocation(long).target.utf8.count == HTTPLocation.mostBytes - 8)
        #expect(throws: HTTPLocationFault.self) { try HTTPLocation(long + "b") }
    }
}
