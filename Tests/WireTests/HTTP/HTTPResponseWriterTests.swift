import Testing
import Wire

@Suite struct `A response writer` {
    private let date = Array("Sun, 06 Nov 1994 08:49:37 GMT".utf8)

    private func written(_ write: (inout [UInt8]) -> Void) -> String {
        var bytes: [UInt8] = []
        write(&bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `writes a head whole`() {
        var fields = HTTPFields()
        fields.append("content-type", "text/plain")
        let head = written {
            HTTPResponseWriter.writeHead(
                .notFound,
                fields: fields,
                date: date.span,
                framing: .length(12),
                keepAlive: true,
                to: &$0
            )
        }
        #expect(
            head == """
                HTTP/1.1 404 Not Found\r
                date: Sun, 06 Nov 1994 08:49:37 GMT\r
                content-type: text/plain\r
                content-length: 12\r
                \r\n
                """
        )
    }

    @Test(arguments: [
        (HTTPResponseWriter.Coding?.none, ""),
        (.identity, "vary: Accept-Encoding\r\n"),
        (.gzip, "vary: Accept-Encoding\r\ncontent-encoding: gzip\r\n"),
    ])
    func `tells caches that content may be coded, also where it is not`(
        coding: HTTPResponseWriter.Coding?,
        fields: String
    ) {
        let head = written {
            HTTPResponseWriter.writeHead(
                .ok,
                coding: coding,
                date: date.span,
                framing: .none,
                keepAlive: true,
                to: &$0
            )
        }
        let begin = "HTTP/1.1 200 OK\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        #expect(head == "\(begin)\(fields)content-length: 0\r\n\r\n")
    }

    @Test(arguments: [
        (HTTPStatus.ok, HTTPFraming.none, true, HTTPVersion.http11, "content-length: 0\r\n"),
        (.ok, .length(.max), true, .http11, "content-length: 18446744073709551615\r\n"),
        (.ok, .chunked, true, .http11, "transfer-encoding: chunked\r\n"),
        (.ok, .length(10), false, .http11, "content-length: 10\r\nconnection: close\r\n"),
        (.ok, .untilClose, true, .http10, "connection: close\r\n"),
        (.ok, .none, true, .http10, "content-length: 0\r\nconnection: keep-alive\r\n"),
        (.noContent, .length(3), true, .http11, ""),
        (.notModified, .chunked, true, .http11, ""),
        (.switchingProtocols, .none, false, .http11, ""),
    ])
    func `says how the message ends, once`(
        status: HTTPStatus,
        framing: HTTPFraming,
        keepAlive: Bool,
        version: HTTPVersion,
        fields: String
    ) {
        let end = written {
            HTTPResponseWriter.endHead(
                status,
                framing: framing,
                keepAlive: keepAlive,
                version: version,
                to: &$0
            )
        }
        #expect(end == fields + "\r\n")
    }

    @Test func `writes fields that nothing can break out of`() {
        let field = written {
            HTTPResponseWriter.writeField("location", "/\r\n\r\n<script>", to: &$0)
        }
        #expect(field == "location: /    <script>\r\n")
    }

    @Test func `writes chunks, and no empty one before the last`() {
        let letters = [UInt8](repeating: 120, count: 26)
        let nothing: [UInt8] = []
        let content = written {
            HTTPResponseWriter.writeChunk(letters.span, to: &$0)
            HTTPResponseWriter.writeChunk(nothing.span, to: &$0)
            HTTPResponseWriter.writeLastChunk(to: &$0)
        }
        #expect(content == "1a\r\n\(String(repeating: "x", count: 26))\r\n0\r\n\r\n")
    }

    @Test func `invites a client that waits`() {
        let head = written { HTTPResponseWriter.writeContinue(to: &$0) }
        #expect(head == "HTTP/1.1 100 Continue\r\n\r\n")
    }

    @Test func `has a phrase for every status it names`() {
        #expect("\(HTTPStatus.headerFieldsTooLarge.reason)" == "Request Header Fields Too Large")
        #expect("\(HTTPStatus(rawValue: 299).reason)" == "Unnamed")
    }
}
