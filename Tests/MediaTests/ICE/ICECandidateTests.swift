import Basics
import Media
import Testing

@Suite struct `An ICE candidate` {
    @Test func `of Chromium is read`() throws {
        let candidate = try ICECandidate(
            "candidate:842163049 1 udp 1677729535 203.0.113.5 46154 typ srflx raddr 0.0.0.0 rport 0 "
                + "generation 0 ufrag EsAw network-id 1 network-cost 10"
        )
        #expect(candidate.foundation == "842163049")
        #expect(candidate.component == 1)
        #expect(candidate.transport == .udp)
        #expect(candidate.priority == 1_677_729_535)
        #expect(candidate.host == .address(try IPAddress("203.0.113.5")))
        #expect(candidate.port == 46_154)
        #expect(candidate.kind == .serverReflexive)
        #expect(candidate.related == SocketAddress(ip: .anyV4, port: 0))
        #expect(candidate.generation == 0)
        #expect(candidate.ufrag == "EsAw")
    }

    @Test func `of Firefox is read, with a= before it`() throws {
        let candidate = try ICECandidate(
            "a=candidate:1 2 UDP 2122252542 4d1f8f0e-9d6e-4e0b-8f8c-0a3a5b6c7d8e.local 40678 typ host\r\n"
        )
        #expect(candidate.component == 2)
        #expect(candidate.host == .name("4d1f8f0e-9d6e-4e0b-8f8c-0a3a5b6c7d8e.local"))
        #expect(candidate.related == nil)
    }

    @Test(arguments: ["active", "passive", "so"])
    func `over TCP says who connects`(word: String) throws {
        let line = "candidate:3 1 tcp 1518280447 2001:db8::1 9 typ host tcptype \(word)"
        let candidate = try ICECandidate(line)
        #expect(candidate.transport == .tcp(try #require(ICECandidate.TCPKind(rawValue: word))))
        #expect(candidate.description == line)
    }

    @Test func `is written as it is read`() throws {
        for line in [
            "candidate:1 1 udp 2130706431 192.0.2.1 8443 typ host",
            "candidate:a+/ 256 udp 1 2001:db8::1 1 typ relay raddr 192.0.2.1 rport 9 generation 3",
            "candidate:x 1 tcp 9 h.local 9 typ prflx tcptype active generation 0 ufrag abcd",
        ] {
            #expect(try ICECandidate(line).description == line)
        }
    }

    struct Broken: Sendable {
        var line: String
        var rule: ICECandidateFault.Rule
    }

    @Test(arguments: [
        Broken(line: "", rule: .beginning),
        Broken(line: "1 1 udp 1 1.1.1.1 1 typ host", rule: .beginning),
        Broken(line: "candidate:", rule: .incomplete),
        Broken(line: "candidate:1 1 udp 1 1.1.1.1 1 typ", rule: .incomplete),
        Broken(line: "candidate:1 1 udp 1 1.1.1.1 1 host typ", rule: .incomplete),
        Broken(line: "candidate:ä 1 udp 1 1.1.1.1 1 typ host", rule: .foundation),
        Broken(
            line: "candidate:\(String(repeating: "1", count: 33)) 1 udp 1 1.1.1.1 1 typ host",
            rule: .foundation
        ),
        Broken(line: "candidate:1 0 udp 1 1.1.1.1 1 typ host", rule: .component),
        Broken(line: "candidate:1 257 udp 1 1.1.1.1 1 typ host", rule: .component),
        Broken(line: "candidate:1 +1 udp 1 1.1.1.1 1 typ host", rule: .component),
        Broken(line: "candidate:1 1 sctp 1 1.1.1.1 1 typ host", rule: .transport),
        Broken(line: "candidate:1 1 udp 0 1.1.1.1 1 typ host", rule: .priority),
        Broken(line: "candidate:1 1 udp 2147483648 1.1.1.1 1 typ host", rule: .priority),
        Broken(line: "candidate:1 1 udp 99999999999999 1.1.1.1 1 typ host", rule: .priority),
        Broken(line: "candidate:1 1 udp 1 300.1.1.1 1 typ host", rule: .address),
        Broken(line: "candidate:1 1 udp 1 fe80::1%eth0 1 typ host", rule: .address),
        Broken(line: "candidate:1 1 udp 1 a/b 1 typ host", rule: .address),
        Broken(line: "candidate:1 1 udp 1 1.1.1.1 65536 typ host", rule: .port),
        Broken(line: "candidate:1 1 udp 1 1.1.1.1 -1 typ host", rule: .port),
        Broken(line: "candidate:1 1 udp 1 1.1.1.1 1 typ guest", rule: .kind),
        Broken(line: "candidate:1 1 tcp 1 1.1.1.1 1 typ host", rule: .tcpKind),
        Broken(line: "candidate:1 1 tcp 1 1.1.1.1 1 typ host tcptype x", rule: .tcpKind),
        Broken(line: "candidate:1 1 udp 1 1.1.1.1 1 typ host odd", rule: .extensions),
        Broken(line: "candidate:1 1 udp 1 1.1.1.1 1 typ host rport x", rule: .port),
        Broken(
            line: "candidate:1 1 udp 1 1.1.1.1 1 typ host"
                + String(repeating: " a b", count: 33),
            rule: .extensions
        ),
        Broken(
            line:
                "candidate:1 1 udp 1 1.1.1.1 1 typ host x \(String(repeating: "y", count: 1_024))",
            rule: .length
        ),
    ])
    func `that breaks a rule is refused with the rule`(broken: Broken) {
        #expect {
            try ICECandidate(broken.line)
        } throws: { error in
            (error as? ICECandidateFault)?.rule == broken.rule
        }
    }

    @Test func `has the priority that RFC 8445 computes`() {
        #expect(
            ICECandidate.priority(typePreference: 126, localPreference: 65_535) == 2_130_706_431
        )
        #expect(
            ICECandidate.priority(typePreference: 0, localPreference: 0, component: 256) == 0
        )
        #expect(
            ICECandidate.priority(typePreference: 100, localPreference: 1, component: 2)
                == 100 << 24 | 1 << 8 | 254
        )
    }
}
