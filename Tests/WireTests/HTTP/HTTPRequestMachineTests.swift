import Testing
import Wire

@Suite struct `A request machine` {
    @Test func `hears a request without content`() throws {
        let stream = "GET /a/b?c=d HTTP/1.1\r\nHost: roost:8065\r\nX-Odd:\t two  words \r\n\r\n"
        let head = try #require(firstHead(of: stream))
        #expect(head.method == .get)
        #expect(text(head.target) == "/a/b?c=d")
        #expect(text(head.path) == "/a/b")
        #expect(head.query.map(text) == "c=d")
        #expect(text(head.host) == "roost:8065")
        #expect(head.version == .http11)
        #expect(head.framing == .none)
        #expect(head.keepAlive)
        #expect(head.fields.string("x-odd") == "two  words")
        #expect(listen(to: stream) == [.head(head), .end, .cleanEnd])
    }

    @Test func `hears counted content as ranges of the input`() {
        let stream = Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello".utf8)
        var machine = HTTPRequestMachine(limits: HTTPLimits())
        var offset = 0
        guard case .head(let head) = machine.next(in: stream.span, from: &offset) else {
            Issue.record("no head")
            return
        }
        #expect(head.framing == .length(5))
        let range = machine.next(in: stream.span, from: &offset)
        #expect(range == .body(stream.count - 5..<stream.count))
        #expect(machine.next(in: stream.span, from: &offset) == .end)
        #expect(machine.next(in: stream.span, from: &offset) == .needsMore)
        #expect(offset == stream.count)
    }

    @Test func `takes chunks apart and drops what trails them`() {
        let stream = """
            POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r
            5\r\nhello\r\n00A\r\n, chunks!!\r\n0\r\nX-Sum: 1\r\n\r
            GET /next HTTP/1.1\r\nHost: a\r\n\r\n
            """
        let heard = listen(to: stream)
        #expect(
            heard.map(\.description) == [
                "POST / chunked", "content hello, chunks!!", "end", "GET /next none", "end",
                "clean end",
            ]
        )
    }

    @Test func `hears requests that came at once one after the other`() {
        let one = "GET /%d HTTP/1.1\r\nHost: a\r\n\r\n"
        let heard = listen(to: String(repeating: one, count: 100))
        #expect(heard.count == 201)
        #expect(heard.count { $0 == .end } == 100)
    }

    @Test func `swallows what follows the last request`() {
        let stream = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /evil HTTP/1.1\r\n"
        #expect(listen(to: stream).map(\.description) == ["GET / none", "end", "clean end"])
    }

    @Test(arguments: [
        ("HTTP/1.1", "", true),
        ("HTTP/1.1", "Connection: close\r\n", false),
        ("HTTP/1.1", "Connection: x, Close ,y\r\n", false),
        ("HTTP/1.1", "Connection: closed\r\n", true),
        ("HTTP/1.1", "Connection: x\r\nConnection: close\r\n", false),
        ("HTTP/1.0", "", false),
        ("HTTP/1.0", "Connection: Keep-Alive\r\n", true),
        ("HTTP/1.0", "Connection: keep-alive, close\r\n", false),
        ("HTTP/1.2", "", true),
    ])
    func `knows whether the connection stays`(version: String, fields: String, stays: Bool) {
        #expect(firstHead(of: "GET / \(version)\r\nHost: a\r\n\(fields)\r\n")?.keepAlive == stays)
    }

    @Test func `sees who waits before sending content`() {
        let waits = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: "
        #expect(firstHead(of: waits + "5\r\n\r\n")?.expectsContinue == true)
        #expect(firstHead(of: waits + "0\r\n\r\n")?.expectsContinue == false)
        let old = "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        #expect(firstHead(of: old)?.expectsContinue == false)
    }

    @Test func `sees an offer to upgrade, unless content could be taken for the new protocol`() {
        let fields = "Host: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: h2c, WebSocket\r\n"
        #expect(
            firstHead(of: "GET / HTTP/1.1\r\n\(fields)\r\n")?.offersUpgrade(to: "websocket") == true
        )
        #expect(
            firstHead(of: "GET / HTTP/1.1\r\n\(fields)\r\n")?.offersUpgrade(to: "websock") == false
        )
        #expect(firstHead(of: "GET / HTTP/1.0\r\n\(fields)\r\n")?.isUpgrade == false)
        let body = "GET / HTTP/1.1\r\n\(fields)Content-Length: 3\r\n\r\nabc"
        #expect(firstHead(of: body)?.isUpgrade == false)
        let alone = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n"
        #expect(firstHead(of: alone)?.isUpgrade == false)
    }

    @Test func `reads a target in each of its forms`() {
        let absolute = firstHead(of: "GET http://A.b:80/x?y HTTP/1.1\r\nHost: a.B:80\r\n\r\n")
        #expect(absolute.map { text($0.path) } == "/x")
        #expect(absolute?.query.map(text) == "y")
        let bare = firstHead(of: "GET https://a?y HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(bare.map { text($0.path) } == "/")
        #expect(bare?.query.map(text) == "y")
        let star = firstHead(of: "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(star.map { text($0.path) } == "*")
        #expect(firstHead(of: "GET /a?b?c HTTP/1.1\r\nHost: a\r\n\r\n")?.query.map(text) == "b?c")
    }

    @Test func `passes on a method it doesn't know`() {
        let head = firstHead(of: "BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(head?.method == .other)
        #expect(head.map { text($0.methodName) } == "BREW")
    }

    @Test func `says where in the message the rule was broken`() {
        let stream = "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost : a\r\n\r\n"
        #expect(listen(to: stream).last == .refused(HTTPRefusal(.spaceBeforeColon, at: 20)))
        let chunk = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x\r\n"
        for size in [1, 7, chunk.utf8.count] {
            #expect(
                listen(to: chunk, inPiecesOf: [size]).last
                    == .refused(HTTPRefusal(.chunkExtension, at: UInt64(chunk.utf8.count - 4)))
            )
        }
    }

    @Test func `stays refused`() {
        let stream = Array("GET / HTTP/1.1\n".utf8)
        var machine = HTTPRequestMachine(limits: HTTPLimits())
        var offset = 0
        let first = machine.next(in: stream.span, from: &offset)
        #expect(first == .refused(HTTPRefusal(.bareLF, at: 14)))
        offset = 0
        #expect(machine.next(in: Array("GET / HTT".utf8).span, from: &offset) == first)
        #expect(machine.receiveEnd() == HTTPRefusal(.bareLF, at: 14))
    }

    @Test func `knows a clean end from one that cuts a message off`() {
        let get = "GET / HTTP/1.1\r\nHost: a\r\n"
        #expect(listen(to: "").last == .cleanEnd)
        #expect(listen(to: "\r\n").last == .cleanEnd)
        #expect(rule(of: "G") == .cutOff)
        #expect(rule(of: get) == .cutOff)
        #expect(rule(of: get + "Content-Length: 3\r\n\r\nab") == .cutOff)
        #expect(rule(of: get + "Content-Length: 3\r\n\r\nabc") == nil)
        #expect(rule(of: get + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n") == .cutOff)
    }

    @Test func `tells when a head has begun to come`() {
        var machine = HTTPRequestMachine(limits: HTTPLimits())
        var offset = 0
        #expect(!machine.isMidHead)
        #expect(machine.next(in: [71].span, from: &offset) == .needsMore)
        #expect(machine.isMidHead)
        offset = 0
        let rest = Array("ET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n".utf8)
        guard case .head = machine.next(in: rest.span, from: &offset) else {
            Issue.record("no head")
            return
        }
        #expect(!machine.isMidHead)
        #expect(machine.isMidMessage)
    }
}

@Suite struct `The limits of a request machine` {
    /// A head of exactly this many bytes.
    private func head(bytes: Int) -> [UInt8] {
        let start = "GET / HTTP/1.1\r\nHost: a\r\nX: "
        let filler = String(repeating: "x", count: bytes - start.utf8.count - 4)
        return Array("\(start)\(filler)\r\n\r\n".utf8)
    }

    @Test func `hold for the whole head`() {
        #expect(listen(to: head(bytes: 16_384)).last == .cleanEnd)
        for size in [1, 100, 20_000] {
            #expect(
                listen(to: head(bytes: 16_385), inPiecesOf: [size]).last
                    == .refused(HTTPRefusal(.headTooLarge, at: 16_384))
            )
        }
    }

    @Test func `hold for a head whose end never comes`() {
        let endless = head(bytes: 16_384).dropLast(4) + [UInt8](repeating: 120, count: 9_000)
        var machine = HTTPRequestMachine(limits: HTTPLimits())
        var offset = 0
        #expect(
            machine.next(in: Array(endless).span, from: &offset)
                == .refused(HTTPRefusal(.headTooLarge, at: 16_384))
        )
    }

    @Test func `hold for the number of fields`() {
        let field = "X: y\r\n"
        let most = "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: field, count: 63)
        #expect(listen(to: most + "\r\n").last == .cleanEnd)
        #expect(rule(of: most + field + "\r\n") == .tooManyFields)
    }

    @Test func `hold for the target, whether or not its end has come`() {
        let target = "/" + String(repeating: "t", count: 8_191)
        #expect(listen(to: "GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n").last == .cleanEnd)
        #expect(rule(of: "GET \(target)t HTTP/1.1\r\nHost: a\r\n\r\n") == .targetTooLong)
        #expect(rule(of: "GET \(target)\(target)") == .targetTooLong)
    }

    @Test func `hold for the method`() {
        let method = String(repeating: "M", count: 32)
        #expect(listen(to: "\(method) / HTTP/1.1\r\nHost: a\r\n\r\n").last == .cleanEnd)
        #expect(rule(of: "\(method)M / HTTP/1.1\r\nHost: a\r\n\r\n") == .methodTooLong)
    }

    @Test func `hold for content, counted or in chunks`() {
        var limits = HTTPLimits()
        limits.bodyBytes = 10
        func last(_ stream: String) -> Heard? {
            listen(to: Array(stream.utf8), limits: limits).last
        }
        let counted = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: "
        #expect(last(counted + "10\r\n\r\n0123456789") == .cleanEnd)
        #expect(last(counted + "11\r\n\r\n") == .refused(HTTPRefusal(.contentTooLarge, at: 48)))
        let chunked =
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n"
        #expect(last(chunked + "4\r\n6789\r\n0\r\n\r\n") == .cleanEnd)
        #expect(last(chunked + "5\r\n") == .refused(HTTPRefusal(.contentTooLarge, at: 68)))
        #expect(
            last(chunked + "ffffffffffffffff\r\n")
                == .refused(HTTPRefusal(.contentTooLarge, at: 83))
        )
    }

    @Test func `may be widened for one request between its head and its content`() {
        var limits = HTTPLimits()
        limits.bodyBytes = 0
        let stream = Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx".utf8)
        var machine = HTTPRequestMachine(limits: limits)
        for isFirst in [true, false] {
            var offset = 0
            guard case .head = machine.next(in: stream.span, from: &offset) else {
                Issue.record("no head")
                return
            }
            if isFirst { machine.bodyLimit = 1 }
            let next = machine.next(in: stream.span, from: &offset)
            if isFirst {
                #expect(next == .body(stream.count - 1..<stream.count))
                #expect(machine.next(in: stream.span, from: &offset) == .end)
            } else {
                #expect(next == .refused(HTTPRefusal(.contentTooLarge, at: 47)))
            }
        }
    }

    @Test func `hold for what trails the content`() {
        let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
        let most = String(repeating: "X: y\r\n", count: 16)
        #expect(rule(of: chunked + most + "\r\n") == nil)
        #expect(rule(of: chunked + most + "X: y\r\n\r\n") == .trailersTooLarge)
        let long = String(repeating: "x", count: 2_048 - 7)
        #expect(rule(of: "\(chunked)X: \(long)\r\n\r\n") == nil)
        #expect(rule(of: "\(chunked)X: \(long)x\r\n\r\n") == .trailersTooLarge)
        #expect(rule(of: "\(chunked)X: \(long)\(long)") == .trailersTooLarge)
    }
}
