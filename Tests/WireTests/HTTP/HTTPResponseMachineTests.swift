import Testing
import Wire

@Suite struct `A response machine` {
    /// What is heard after one request, in words.
    private func listen(
        to stream: String,
        after method: HTTPMethod = .get,
        pieces: Int = .max,
        ends: Bool = true,
        limits: HTTPLimits = HTTPLimits()
    ) -> [String] {
        var machine = HTTPResponseMachine(limits: limits)
        machine.begin(method)
        var heard: [String] = []
        let bytes = Array(stream.utf8)
        var content = ""
        /// False once nothing more will come.
        func note(_ event: HTTPResponseMachine.Event, _ piece: [UInt8]) -> Bool {
            if case .body(let range) = event {
                content += text(piece[range])
                return true
            }
            if !content.isEmpty { heard.append(content) }
            content = ""
            switch event {
            case .needsMore, .body: return false
            case .head(let head): heard.append("\(head.status.rawValue) \(head.framing)")
            case .end: heard.append(machine.isIdle ? "end" : "last")
            case .failed(let refusal):
                heard.append("failed \(refusal.rule) at \(refusal.offset)")
                return false
            }
            return true
        }
        var start = 0
        while start < bytes.count {
            let end = start + min(pieces, bytes.count - start)
            let piece = Array(bytes[start..<end])
            start = end
            var offset = 0
            var kept = ""
            while true {
                let event = machine.next(in: piece.span, from: &offset)
                if case .needsMore = event {
                    kept = content
                    break
                }
                if !note(event, piece) { return heard }
            }
            content = kept
        }
        if ends { _ = note(machine.receiveEnd(), []) }
        return heard
    }

    @Test(
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", ["200 length(2)", "hi", "end"]),
            ("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", ["200 none", "end"]),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n",
                ["200 chunked", "hi!", "end"]
            ),
            ("HTTP/1.1 200 OK\r\n\r\nall of it", ["200 untilClose", "all of it", "last"]),
            ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", ["200 length(2)", "hi", "last"]),
            (
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi",
                ["200 length(2)", "hi", "last"]
            ),
            ("HTTP/1.1 204 No Content\r\n\r\n", ["204 none", "end"]),
            ("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", ["304 none", "end"]),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                    + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                ["200 none", "end"]
            ),
            (
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
                ["101 none", "last"]
            ),
        ] as [(String, [String])]
    )
    func `hears a response whole, however it is cut`(stream: String, expected: [String]) {
        for pieces in [1, 2, 3, 7, 50, .max] {
            #expect(listen(to: stream, pieces: pieces) == expected, "pieces of \(pieces)")
        }
    }

    @Test func `knows that an answer to HEAD has no content`() {
        let stream = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
        #expect(listen(to: stream, after: .head) == ["200 none", "end"])
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(listen(to: chunked, after: .head) == ["200 none", "end"])
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nh", "failed cutOff at 39"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "failed cutOff at 50"),
        ("HTTP/1.1 200 OK\r\nContent-", "failed cutOff at 25"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 ", "failed unasked at 0"),
        ("HTTP/1.1 OK\r\n", "failed statusLine at 0"),
        ("HTTP/1.1 99 x\r\n", "failed statusLine at 0"),
        ("HTTP/1.1 600 x\r\n", "failed statusLine at 0"),
        ("HTTP/1.1 0200 x\r\n", "failed statusLine at 0"),
        ("HTTP/1.1  200 x\r\n", "failed statusLine at 0"),
        ("HTTP/2.0 200 x\r\n", "failed version at 0"),
        ("ICY 200 OK\r\n", "failed statusLine at 0"),
        ("\r\nHTTP/1.1 200 OK\r\n", "failed statusLine at 0"),
        ("HTTP/1.1 200 OK\n", "failed bareLF at 15"),
        ("HTTP/1.1 200 OK\r\nA : b\r\n", "failed spaceBeforeColon at 18"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n",
            "failed lengthAndCoding at 36"
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n",
            "failed transferCoding at 36"
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n", "failed contentTooLarge at 42"),
    ])
    func `gives up a response that is cut off or could be read two ways`(
        stream: String,
        expected: String
    ) {
        for pieces in [1, 5, .max] {
            #expect(listen(to: stream, pieces: pieces).last == expected, "pieces of \(pieces)")
        }
    }

    @Test func `holds its limits`() {
        var limits = HTTPLimits()
        limits.bodyBytes = 3
        func last(_ stream: String) -> String? { listen(to: stream, limits: limits).last }
        #expect(last("HTTP/1.1 200 OK\r\n\r\nabc") == "last")
        #expect(last("HTTP/1.1 200 OK\r\n\r\nabcd") == "failed contentTooLarge at 22")
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(last(chunked + "3\r\nabc\r\n0\r\n\r\n") == "end")
        #expect(last(chunked + "4\r\nabcd\r\n0\r\n\r\n") == "failed contentTooLarge at 48")
        let interim = "HTTP/1.1 100 Continue\r\n\r\n"
        let final = "HTTP/1.1 204 No Content\r\n\r\n"
        #expect(last(String(repeating: interim, count: 8) + final) == "end")
        #expect(last(String(repeating: interim, count: 9)) == "failed tooManyInterim at 0")
        let head = "HTTP/1.1 200 OK\r\nA: "
        let filler = String(repeating: "x", count: 16_384 - head.utf8.count - 4)
        #expect(last("\(head)\(filler)\r\n\r\n") == "last")
        #expect(last("\(head)\(filler)x\r\n\r\n") == "failed headTooLarge at 16384")
        let fields = String(repeating: "A: b\r\n", count: 64)
        #expect(last("HTTP/1.1 204 No\r\n\(fields)\r\n") == "end")
        #expect(last("HTTP/1.1 204 No\r\n\(fields)A: b\r\n") == "failed tooManyFields at 401")
    }

    @Test func `leaves the bytes after a switch of protocols to the new one`() {
        let stream = Array("HTTP/1.1 101 Yes\r\n\r\n\u{1}frame".utf8)
        var machine = HTTPResponseMachine(limits: HTTPLimits())
        machine.begin(.get)
        var offset = 0
        guard case .head(let head) = machine.next(in: stream.span, from: &offset) else {
            Issue.record("no head")
            return
        }
        #expect(head.status == .switchingProtocols)
        #expect(offset == stream.count - 6)
    }

    @Test func `is asked and answers in turn`() {
        var machine = HTTPResponseMachine(limits: HTTPLimits())
        let answer = Array("HTTP/1.1 204 No\r\n\r\n".utf8)
        for _ in 0..<3 {
            #expect(machine.isIdle)
            machine.begin(.get)
            #expect(!machine.isIdle)
            var offset = 0
            guard case .head = machine.next(in: answer.span, from: &offset) else {
                Issue.record("no head")
                return
            }
            #expect(machine.next(in: answer.span, from: &offset) == .end)
        }
        #expect(machine.receiveEnd() == .needsMore)
        #expect(!machine.isIdle)
    }
}
