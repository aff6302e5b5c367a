/// One stream, and what must be made of it: what is heard, or the rule it is refused by.
struct HTTPCase: Sendable, CustomStringConvertible {
    var name: String
    var stream: String
    var expected: String

    init(_ name: String, _ stream: String, _ expected: String) {
        self.name = name
        self.stream = stream
        self.expected = expected
    }

    /// A GET with these fields after its Host.
    init(_ name: String, get fields: String, _ expected: String) {
        self.init(name, "GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n", expected)
    }

    /// A POST with these fields after its Host, and these bytes after its head.
    init(_ name: String, post fields: String, _ body: String, _ expected: String) {
        self.init(name, "POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\(body)", expected)
    }

    /// A POST in chunks, with these bytes after its head.
    init(_ name: String, chunked body: String, _ expected: String) {
        self.init(name, post: "Transfer-Encoding: chunked\r\n", body, expected)
    }

    var description: String { name }
}

extension HTTPCase {
    static let all: [HTTPCase] = [
        lines, targets, hosts, lengths, codings, chunks, fields, sequences,
    ]
    .flatMap { $0 }
    static let got = "GET / none | end | clean end"
    static let none = "POST / none | end | clean end"

    static func line(_ name: String, _ line: String, _ expected: String) -> HTTPCase {
        HTTPCase(name, "\(line)\r\nHost: a\r\n\r\n", expected)
    }

    static let lines: [HTTPCase] = [
        line("a plain request", "GET / HTTP/1.1", got),
        line("an older version", "GET / HTTP/1.0", got),
        line("a later minor version", "GET / HTTP/1.9", got),
        line("no version", "GET /", "request_line"),
        line("a trailing space and no version", "GET / ", "request_line"),
        line("version 0.9", "GET / HTTP/0.9", "version"),
        line("version 2.0", "GET / HTTP/2.0", "version"),
        line("version 3.1", "GET / HTTP/3.1", "version"),
        line("a version of two digits", "GET / HTTP/1.10", "request_line"),
        line("a version without a minor", "GET / HTTP/1", "request_line"),
        line("a version with a comma", "GET / HTTP/1,1", "request_line"),
        line("a version in lower case", "GET / http/1.1", "request_line"),
        line("another protocol's version", "GET / HTCPCP/1.1", "request_line"),
        line("a space after the version", "GET / HTTP/1.1 ", "request_line"),
        line("a tab after the version", "GET / HTTP/1.1\t", "request_line"),
        line("a space before the method", " GET / HTTP/1.1", "method"),
        line("two spaces after the method", "GET  / HTTP/1.1", "request_line"),
        line("two spaces after the target", "GET /  HTTP/1.1", "request_line"),
        line("a tab after the method", "GET\t/ HTTP/1.1", "method"),
        line("a tab after the target", "GET /\tHTTP/1.1", "target"),
        line("a method alone", "GET", "request_line"),
        line("a method and a space", "GET ", "request_line"),
        line("an unknown method", "BREW / HTTP/1.1", "BREW / none | end | clean end"),
        line("a method in lower case", "get / HTTP/1.1", "get / none | end | clean end"),
        line("a method with marks", "M-SEARCH! / HTTP/1.1", "M-SEARCH! / none | end | clean end"),
        line("a method with a colon", "GE:T / HTTP/1.1", "method"),
        line("a method with a parenthesis", "GET( / HTTP/1.1", "method"),
        line("a method beyond ASCII", "G\u{C9}T / HTTP/1.1", "method"),
        line("CONNECT", "CONNECT a:443 HTTP/1.1", "connect"),
        line("CONNECT with a path", "CONNECT / HTTP/1.1", "connect"),
        line("TRACE", "TRACE / HTTP/1.1", "TRACE / none | end | clean end"),
        HTTPCase("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "version"),
        HTTPCase("a hello of TLS", "\u{16}\u{3}\u{1}\u{2}\0\u{1}", "control"),
        HTTPCase("a field where the request belongs", "Host: a\r\n\r\n", "method"),
        HTTPCase("a NUL in the method", "G\0T / HTTP/1.1\r\nHost: a\r\n\r\n", "control"),
        HTTPCase("a NUL in the target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", "control"),
        HTTPCase("a vertical tab in the line", "GET\u{B}/ HTTP/1.1\r\n\r\n", "control"),
        HTTPCase("an escape character in the line", "GET /\u{1B} HTTP/1.1\r\n\r\n", "control"),
        HTTPCase("a DEL in the line", "GET /\u{7F} HTTP/1.1\r\n\r\n", "control"),
        HTTPCase("a line that ends in LF", "GET / HTTP/1.1\nHost: a\r\n\r\n", "bare_lf"),
        HTTPCase("all lines ending in LF", "GET / HTTP/1.1\nHost: a\n\n", "bare_lf"),
        HTTPCase("a line that ends in CR", "GET / HTTP/1.1\rHost: a\r\n\r\n", "bare_cr"),
        HTTPCase("a line that ends in CR CR LF", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", "bare_cr"),
        HTTPCase("one empty line first", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", got),
        HTTPCase(
            "two empty lines first",
            "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "empty_lines"
        ),
        HTTPCase("a bare LF first", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "bare_lf"),
        HTTPCase("nothing", "", "clean end"),
        HTTPCase("half a line", "GET / HT", "cut_off"),
        HTTPCase("half a line end", "GET / HTTP/1.1\r", "cut_off"),
        HTTPCase("half a head", "GET / HTTP/1.1\r\nHost: a\r\n", "cut_off"),
    ]

    static let targets: [HTTPCase] = [
        line("no target", "GET  HTTP/1.1", "target"),
        line("a target without a slash", "GET a HTTP/1.1", "target"),
        line("a query alone", "GET ?a HTTP/1.1", "target"),
        line("an asterisk with GET", "GET * HTTP/1.1", "target"),
        line("an asterisk with OPTIONS", "OPTIONS * HTTP/1.1", "OPTIONS * none | end | clean end"),
        line("an asterisk and more", "OPTIONS ** HTTP/1.1", "target"),
        line("a fragment", "GET /#a HTTP/1.1", "target"),
        line("a quote", "GET /\" HTTP/1.1", "target"),
        line("an angle bracket", "GET /<script> HTTP/1.1", "target"),
        line("letters beyond ASCII", "GET /\u{E9} HTTP/1.1", "target"),
        line(
            "marks that browsers leave",
            "GET /?[{|}]^`\\ HTTP/1.1",
            "GET /?[{|}]^`\\ none | end | clean end"
        ),
        line(
            "a URL of this host",
            "GET http://a/ HTTP/1.1",
            "GET http://a/ none | end | clean end"
        ),
        line(
            "a URL with a secure scheme",
            "GET HTTPS://A HTTP/1.1",
            "GET HTTPS://A none | end | clean end"
        ),
        line("a URL of another host", "GET http://b/ HTTP/1.1", "host_mismatch"),
        line("a URL of another port", "GET http://a:81/ HTTP/1.1", "host_mismatch"),
        line("a URL with a user", "GET http://a@a/ HTTP/1.1", "target"),
        line("a URL without a host", "GET http:/// HTTP/1.1", "target"),
        line("a URL of another scheme", "GET ftp://a/ HTTP/1.1", "target"),
        line("a URL with no scheme", "GET //a/ HTTP/1.1", "GET //a/ none | end | clean end"),
        line("a URL with a bad port", "GET http://a:x/ HTTP/1.1", "target"),
        HTTPCase(
            "a URL in HTTP/1.0, no Host",
            "GET http://a/ HTTP/1.0\r\n\r\n",
            "GET http://a/ none | end | clean end"
        ),
    ]

    static func host(_ name: String, _ host: String, _ expected: String) -> HTTPCase {
        HTTPCase(name, "GET / HTTP/1.1\r\nHost:\(host)\r\n\r\n", expected)
    }

    static let hosts: [HTTPCase] = [
        host("a Host with a port", " a.example:8065", got),
        host("a Host that is IPv4", "127.0.0.1", got),
        host("a Host that is IPv6", " [::1]:80", got),
        host("a Host with tabs around it", "\ta\t", got),
        host("a Host in upper case", " ROOST", got),
        host("a Host with an empty port", " a:", got),
        host("an empty Host", "", "host"),
        host("a blank Host", "  ", "host"),
        host("a Host with a path", " a/b", "host"),
        host("a Host with a user", " a@b", "host"),
        host("a Host with a space", " a b", "host"),
        host("a Host that is a list", " a,b", "host"),
        host("a Host with a comma and a space", " a, b", "host"),
        host("a Host with a long port", " a:123456", "host"),
        host("a Host with a word for a port", " a:http", "host"),
        host("a Host with two ports", " a:1:2", "host"),
        host("a Host with only a port", " :80", "host"),
        host("a Host with an open bracket", " [::1", "host"),
        host("a Host with a name in brackets", " [roost]", "host"),
        host("a Host with more behind its bracket", " [::1]x", "host"),
        host("a Host beyond ASCII", " caf\u{E9}", "host"),
        host("a Host with a query", " a?b", "host"),
        host("a Host with a backslash", " a\\b", "host"),
        HTTPCase("no Host", "GET / HTTP/1.1\r\n\r\n", "no_host"),
        HTTPCase("no Host in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", got),
        HTTPCase("two Hosts", get: "Host: b\r\n", "second_host"),
        HTTPCase("the same Host twice", get: "Host: a\r\n", "second_host"),
        HTTPCase("two Hosts in two cases", get: "hOST: a\r\n", "second_host"),
        HTTPCase(
            "two Hosts in HTTP/1.0",
            "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n",
            "second_host"
        ),
        HTTPCase(
            "a Host that hides behind a space",
            "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
            "space_before_colon"
        ),
        HTTPCase(
            "a Host on a folded first line",
            "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
            "folded_line"
        ),
    ]
}
