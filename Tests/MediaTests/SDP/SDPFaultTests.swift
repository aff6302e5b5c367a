import Media
import Testing

@Suite struct `A fault in a description` {
    private static let media = "m=video 9 UDP/TLS/RTP/SAVPF 96"

    /// Each line makes the third of a description that is fine without it.
    @Test(arguments: [
        ("m=video 9 UDP/TLS/RTP/SAVPF", SDPFault.Rule.media),
        ("m=video x UDP/TLS/RTP/SAVPF 96", .media),
        ("m=video 65536 UDP/TLS/RTP/SAVPF 96", .media),
        ("m=video 9 UDP/TLS/RTP/SAVPF 128", .payloadType),
        ("m=video 9 UDP/TLS/RTP/SAVPF 18446744073709551616", .payloadType),
        ("m=", .media),
        ("x", .line),
        ("video", .line),
        ("a=rtpmap:96", .formatMap),
        ("a=rtpmap:96 VP8", .formatMap),
        ("a=rtpmap:96 VP8/0", .formatMap),
        ("a=rtpmap:96 VP8/90000/1/1", .formatMap),
        ("a=rtpmap:x VP8/90000", .payloadType),
        ("a=rtcp-fb:", .payloadType),
        ("a=fmtp:96 a\u{7F}b", .characters),
        ("a=mid:", .mid),
        ("a=mid:a b", .mid),
        ("a=ice-ufrag:abc", .credentials),
        ("a=ice-ufrag:ab:cd", .credentials),
        ("a=ice-pwd:short", .credentials),
        ("a=setup:maybe", .setup),
        ("a=fingerprint:sha-256", .fingerprint),
        ("a=fingerprint:sha-256 A:BC", .fingerprint),
        ("a=fingerprint:sha-256 XY:00", .fingerprint),
        ("a=extmap:0 urn:x", .extensionMap),
        ("a=extmap:256 urn:x", .extensionMap),
        ("a=extmap:1", .extensionMap),
        ("a=extmap:1/somewhere urn:x", .extensionMap),
        ("a=msid:", .msid),
        ("a=msid:a b c", .msid),
        ("a=ssrc:4294967296 cname:x", .source),
        ("a=ssrc-group:FID x", .source),
        ("a=ssrc-group:SIM 1 2 3 4 5 6 7 8 9", .sources),
        ("a=rid:h", .rid),
        ("a=rid:h! send", .rid),
        ("a=rid:h both", .rid),
        ("a=simulcast:send", .simulcast),
        ("a=simulcast:send 1;;2", .simulcast),
        ("a=simulcast:send 1 send 2", .simulcast),
        ("a=simulcast:send 1;2;3;4;5;6;7;8;9", .simulcast),
        ("a=sctp-port:0", .sctp),
        ("a=sctp-port:65536", .sctp),
        ("a=max-message-size:-1", .messageSize),
    ])
    func `names the line and the rule`(line: String, rule: SDPFault.Rule) {
        let fault = fault(in: "v=0\r\n\(Self.media)\r\n\(line)\r\n")
        #expect(fault?.rule == rule)
        #expect(fault?.line == 3)
        #expect(fault?.description == "SDP line 3: \(rule.rawValue)")
    }

    @Test(arguments: [
        ("a=mid:0", "a=mid:1"), ("a=sendonly", "a=recvonly"), ("a=setup:active", "a=setup:passive"),
        ("a=ice-ufrag:abcd", "a=ice-ufrag:efgh"), ("a=sctp-port:1", "a=sctp-port:2"),
        ("a=simulcast:send 1", "a=simulcast:send 2"),
    ])
    func `is a thing said twice in two ways`(first: String, second: String) {
        #expect(fault(in: "v=0\n\(Self.media)\n\(first)\n\(first)\n") == nil)
        let fault = fault(in: "v=0\n\(Self.media)\n\(first)\n\(second)\n")
        #expect(fault?.rule == .once)
        #expect(fault?.line == 4)
    }

    @Test(arguments: ["", "v", "v=1", "o=- 1 1 IN IP4 0.0.0.0\nv=0", "\0\0", "{}"])
    func `is a text that is no description`(text: String) {
        let fault = fault(in: text)
        #expect(fault?.rule == .version)
        #expect(fault?.line == 1)
    }

    @Test func `is the same mid for two sections`() {
        let text = "v=0\n\(Self.media)\na=mid:0\n\(Self.media)\na=mid:0\n"
        #expect(fault(in: text)?.rule == .mid)
        #expect(fault(in: text)?.line == 4)
        #expect(fault(in: "v=0\na=group:BUNDLE 0 0\n")?.rule == .group)
        #expect(fault(in: "v=0\na=group:LS 0 0\n") == nil)
    }

    /// What may stand in one section so often and not once more.
    @Test(arguments: [
        (16, "a=ssrc:# cname:x", SDPFault.Rule.sources),
        (16, "a=ssrc-group:FID #", .sources),
        (32, "a=extmap:# urn:#", .extensions),
        (8, "a=msid:s t#", .msids),
        (16, "a=rid:r# send", .rids),
        (8, "a=fingerprint:sha-256 #:00", .fingerprints),
    ])
    func `is one more than there may be`(limit: Int, line: String, rule: SDPFault.Rule) {
        let text = { (count: Int) in
            let lines = (10..<10 + count).map { line.replacing("#", with: "\($0)") }
            return (["v=0", Self.media] + lines).joined(separator: "\n")
        }
        #expect(fault(in: text(limit)) == nil)
        #expect(fault(in: text(limit + 1))?.rule == rule)
        #expect(fault(in: text(limit + 1))?.line == limit + 3)
    }

    @Test func `is a description that is too large`() {
        let sections = { (count: Int) in
            "v=0\n" + String(repeating: "m=x 0 y z\n", count: count)
        }
        #expect(fault(in: sections(256)) == nil)
        #expect(fault(in: sections(257))?.rule == .sections)
        let formats = { (count: Int) in
            "v=0\nm=video 9 x " + (0..<count).map { "\($0)" }.joined(separator: " ")
        }
        #expect(fault(in: formats(64)) == nil)
        #expect(fault(in: formats(65))?.rule == .formats)
        let padded = { (count: Int) in
            "v=0\ns=" + String(repeating: "x", count: count - 6)
        }
        #expect(fault(in: padded(65_536)) == nil)
        #expect(fault(in: padded(65_537))?.rule == .size)
        let group = { (count: Int) in
            "v=0\na=group:BUNDLE " + (0..<count).map { "\($0)" }.joined(separator: " ")
        }
        #expect(fault(in: group(256)) == nil)
        #expect(fault(in: group(257))?.rule == .group)
    }

    /// They are told and never dialled; no honest peer should fail for having many addresses.
    @Test func `is not one candidate too many`() throws {
        let lines = (0..<100).map { "a=candidate:\($0) 1 udp 1 192.0.2.1 \($0 + 1) typ host" }
        let text = "v=0\n\(Self.media)\n" + lines.joined(separator: "\n")
        let section = try SessionDescription(text).sections[0]
        #expect(section.candidates.count == 64)
        #expect(section.candidates[1] == "candidate:1 1 udp 1 192.0.2.1 2 typ host")
    }

    /// However a real description is cut or bent, there is a fault in it or there is none.
    @Test(arguments: ["chromium-audio-video", "firefox-simulcast", "aiortc-audio-video"])
    func `lies within the text`(name: String) throws {
        let bytes = Array(try SDPFixtures.text(name).utf8)
        for count in stride(from: 0, to: bytes.count, by: 499) {
            check(Array(bytes[..<count]))
            for replacement: UInt8 in [0, 0x0A, 0x20, 0x3A, 0xFF] {
                var bent = bytes
                bent[count] = replacement
                check(bent)
            }
        }
    }

    private func check(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let fault = fault(in: text) else { return }
        let lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
        #expect((1...max(1, lines.count)).contains(fault.line))
    }

    private func fault(in text: String) -> SDPFault? {
        do {
            _ = try SessionDescription(text)
            return nil
        } catch {
            return error
        }
    }
}
