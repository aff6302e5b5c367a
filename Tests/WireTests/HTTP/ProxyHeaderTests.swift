import Basics
import Testing
import Wire

@Suite struct `A PROXY header` {
    static let sign: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10]

    private func block(_ command: UInt8, _ family: UInt8, _ content: [UInt8]) -> [UInt8] {
        Self.sign + [command, family, UInt8(content.count >> 8), UInt8(content.count & 255)]
            + content
    }

    @Test(arguments: [
        ("PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n", "192.0.2.1:56324", "198.51.100.2:443"),
        ("PROXY TCP6 2001:db8::1 ::1 1 65535\r\n", "[2001:db8::1]:1", "[::1]:65535"),
        ("PROXY TCP6 ::ffff:192.0.2.1 ::1 0 2\r\n", "192.0.2.1:0", "[::1]:2"),
    ])
    func `of text names both ends`(line: String, source: String, destination: String) throws {
        let bytes = Array((line + "GET /").utf8)
        let expected = ProxyHeader.relayed(
            source: try SocketAddress(source),
            destination: try SocketAddress(destination),
            count: line.utf8.count
        )
        #expect(ProxyHeader(parsing: bytes.span) == expected)
        for count in 0..<line.utf8.count {
            #expect(ProxyHeader(parsing: bytes.span.extracting(first: count)) == .needsMore)
        }
    }

    @Test func `of text may not know`() {
        #expect(ProxyHeader(parsing: "PROXY UNKNOWN\r\n".utf8.span) == .local(count: 15))
        #expect(ProxyHeader(parsing: "PROXY UNKNOWN ff x\r\n".utf8.span) == .local(count: 20))
    }

    @Test(
        arguments: [
            ("GET / HTTP/1.1\r\n", .signature, 0),
            ("PROXY\tTCP4", .signature, 5),
            ("PRI * HTTP/2.0\r\n", .signature, 2),
            ("PROXY \r\n", .line, 6),
            ("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n", .line, 30),
            ("PROXY TCP5 1.2.3.4 5.6.7.8 1 2\r\n", .line, 6),
            ("PROXY TCP4  1.2.3.4 5.6.7.8 1 2\r\n", .line, 6),
            ("PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n", .line, 6),
            ("PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n", .line, 6),
            ("PROXY TCP4 ::1 5.6.7.8 1 2\r\n", .line, 11),
            ("PROXY TCP6 1.2.3.4 ::1 1 2\r\n", .line, 11),
            ("PROXY TCP4 1.2.3.4 5.6.7.256 1 2\r\n", .line, 25),
            ("PROXY TCP4 1.2.3.4 5.6.7.8 65536 2\r\n", .line, 27),
            ("PROXY TCP4 1.2.3.4 5.6.7.8 01 2\r\n", .line, 27),
            ("PROXY TCP4 1.2.3.4 5.6.7.8 +1 2\r\n", .line, 27),
            ("PROXY TCP4 1.2.3.4 5.6.7.8 123456 2\r\n", .line, 32),
            ("\r\n\r\n\u{1}", .signature, 4),
        ] as [(String, ProxyHeader.Rule, Int)]
    )
    func `is refused where it is wrong`(line: String, rule: ProxyHeader.Rule, offset: Int) {
        #expect(ProxyHeader(parsing: line.utf8.span) == .refused(rule, at: offset))
    }

    @Test func `of text has at most 107 bytes`() {
        let unknown = "PROXY UNKNOWN "
        let filler = String(repeating: "x", count: 105 - unknown.utf8.count)
        #expect(ProxyHeader(parsing: (unknown + filler + "\r\n").utf8.span) == .local(count: 107))
        #expect(
            ProxyHeader(parsing: (unknown + filler + "x\r\n").utf8.span)
                == .refused(.lineTooLong, at: 107)
        )
        #expect(ProxyHeader(parsing: (unknown + filler + "x").utf8.span) == .needsMore)
    }

    @Test func `of bytes names both ends, and extensions are passed over`() throws {
        let v4: [UInt8] = [192, 0, 2, 1, 198, 51, 100, 2, 0xDC, 4, 1, 187]
        for extensions in [[], [UInt8](repeating: 9, count: 524)] {
            let header = block(0x21, 0x11, v4 + extensions)
            let expected = ProxyHeader.relayed(
                source: try SocketAddress("192.0.2.1:56324"),
                destination: try SocketAddress("198.51.100.2:443"),
                count: header.count
            )
            #expect(ProxyHeader(parsing: (header + [71]).span) == expected)
            for count in 0..<header.count {
                #expect(ProxyHeader(parsing: header.span.extracting(first: count)) == .needsMore)
            }
        }
        let v6 =
            [UInt8](repeating: 0, count: 15) + [1] + [0x20, 1, 0x0D, 0xB8]
            + [UInt8](repeating: 0, count: 12) + [0, 1, 0, 2]
        let expected = ProxyHeader.relayed(
            source: try SocketAddress("[::1]:1"),
            destination: try SocketAddress("[2001:db8::]:2"),
            count: 52
        )
        #expect(ProxyHeader(parsing: block(0x21, 0x21, v6).span) == expected)
    }

    @Test func `of bytes may speak for the proxy itself`() {
        #expect(ProxyHeader(parsing: block(0x20, 0x00, []).span) == .local(count: 16))
        #expect(ProxyHeader(parsing: block(0x20, 0x77, [1, 2]).span) == .local(count: 18))
        #expect(ProxyHeader(parsing: block(0x21, 0x00, [1]).span) == .local(count: 17))
        let unix = [UInt8](repeating: 0, count: 216)
        #expect(ProxyHeader(parsing: block(0x21, 0x31, unix).span) == .local(count: 232))
    }

    @Test func `of bytes is refused where it is wrong`() {
        func outcome(_ bytes: [UInt8]) -> ProxyHeader { ProxyHeader(parsing: bytes.span) }
        #expect(outcome(block(0x11, 0x11, [])) == .refused(.command, at: 12))
        #expect(outcome(block(0x22, 0x11, [])) == .refused(.command, at: 12))
        #expect(outcome(block(0x21, 0x12, [])) == .refused(.family, at: 13))
        let eleven = [UInt8](repeating: 0, count: 11)
        #expect(outcome(block(0x21, 0x11, eleven)) == .refused(.length, at: 14))
        let most = [UInt8](repeating: 0, count: 536)
        #expect(outcome(block(0x21, 0x11, most + [0])) == .refused(.length, at: 14))
        #expect(block(0x21, 0x11, most).count == ProxyHeader.mostBytes)
        guard case .relayed = outcome(block(0x21, 0x11, most)) else {
            Issue.record("the longest header is allowed")
            return
        }
    }
}

@Suite struct `The address a request was forwarded for` {
    private func client(_ values: [String], peer: String = "10.0.0.1") throws -> String {
        var fields = HTTPFields()
        for value in values {
            fields.append("x-forwarded-for", value)
        }
        let trusted = [try IPNetwork("10.0.0.0/8"), try IPNetwork("2001:db8::/32")]
        let address = ForwardedFor.client(of: fields, peer: try IPAddress(peer), trusted: trusted)
        return address.description
    }

    @Test func `is the peer's if the peer isn't trusted`() throws {
        #expect(try client(["1.1.1.1"], peer: "9.9.9.9") == "9.9.9.9")
        #expect(try client([], peer: "10.0.0.1") == "10.0.0.1")
    }

    @Test func `is the first untrusted one from the right`() throws {
        #expect(try client(["1.1.1.1"]) == "1.1.1.1")
        #expect(try client(["6.6.6.6, 1.1.1.1, 10.2.3.4"]) == "1.1.1.1")
        #expect(try client(["6.6.6.6", "1.1.1.1", "10.2.3.4, 2001:db8::7"]) == "1.1.1.1")
        #expect(try client(["10.0.0.3 ,10.0.0.2"]) == "10.0.0.3")
        #expect(try client(["::ffff:1.1.1.1"]) == "1.1.1.1")
    }

    @Test func `may stand with a port`() throws {
        #expect(try client(["1.1.1.1:5000"]) == "1.1.1.1")
        #expect(try client(["[2001:db9::1]:5000"]) == "2001:db9::1")
    }

    @Test(arguments: ["unknown", "", " ", ":80", "1.1.1", "_hidden", "1.1.1.1 2.2.2.2"])
    func `is not looked for behind garbage`(garbage: String) throws {
        #expect(try client(["6.6.6.6, \(garbage), 10.0.0.9"]) == "10.0.0.9")
        #expect(try client(["6.6.6.6, \(garbage)"]) == "10.0.0.1")
    }

    @Test func `is looked for over thirty-two hops and no further`() throws {
        let hops = [String](repeating: "10.0.0.2", count: 31).joined(separator: ",")
        #expect(try client(["1.1.1.1,\(hops)"]) == "1.1.1.1")
        #expect(try client(["1.1.1.1,10.0.0.3,\(hops)"]) == "10.0.0.3")
    }
}
