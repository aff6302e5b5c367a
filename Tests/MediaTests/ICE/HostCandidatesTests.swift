import Basics
import Media
import Testing

@Suite struct `Our host candidates` {
    private let lan = IPAddress(v4: 0x0A00_0005)
    private let second = IPAddress(v4: 0x0A00_0106)
    private let v6 = IPAddress(v6: 0x2001_0DB8_0000_0000, 5)
    private let linkLocal = IPAddress(v6: 0xFE80_0000_0000_0000, 5)
    private let external = IPAddress(v4: 0xCB00_7105)

    private func host(_ found: [IPAddress]) -> HostCandidates {
        HostCandidates(found: found, udpPort: 8_443, tcpPort: 8_443)
    }

    /// As `udp 10.0.0.5:8443`.
    private func shown(_ host: HostCandidates) -> [String] {
        host.candidates().map { candidate in
            guard case .address(let ip) = candidate.host else { return "a name" }
            let address = SocketAddress(ip: ip, port: candidate.port)
            return candidate.transport == .udp ? "udp \(address)" : "tcp \(address)"
        }
    }

    @Test func `are one of UDP and one of TCP for each address`() {
        let host = host([.loopback, lan, second, linkLocal, v6, lan])
        #expect(
            shown(host) == [
                "udp 10.0.0.5:8443", "udp 10.0.1.6:8443",
                "tcp 10.0.0.5:8443", "tcp 10.0.1.6:8443",
            ]
        )
        let candidates = host.candidates()
        #expect(candidates.allSatisfy { $0.kind == .host && $0.component == 1 })
        #expect(candidates[0].priority == 2_130_706_431)
        #expect(Set(candidates.map(\.priority)).count == 4)
        #expect(candidates.map(\.priority) == candidates.map(\.priority).sorted(by: >))
        #expect(Set(candidates.map(\.foundation)).count == 4)
        #expect(candidates[2].transport == .tcp(.passive))
    }

    @Test func `can be read by others`() throws {
        for candidate in host([lan, second]).candidates() {
            #expect(try ICECandidate(candidate.description) == candidate)
        }
    }

    @Test func `keep their foundation when other addresses come`() {
        let before = host([lan]).candidates()[0]
        let after = host([second, lan]).candidates()[1]
        #expect(before.foundation == after.foundation)
    }

    @Test func `are of IPv6 if that is allowed, or configured`() {
        var host = host([lan, v6, linkLocal])
        host.allowsIPv6 = true
        #expect(shown(host).contains("udp [2001:db8::5]:8443"))
        #expect(shown(host).count == 4)
        host.allowsIPv6 = false
        host.udpAddresses = [v6]
        #expect(shown(host) == ["udp [2001:db8::5]:8443", "tcp 10.0.0.5:8443"])
    }

    @Test func `are those configured, each transport by its own list`() {
        var host = host([lan, second])
        host.udpAddresses = [second]
        host.tcpAddresses = [lan, external]
        #expect(shown(host) == ["udp 10.0.1.6:8443", "tcp 10.0.0.5:8443"])
        host.udpAddresses = [.anyV4]
        #expect(host.udpLocals == [lan, second])
        host.udpPort = nil
        #expect(host.udpLocals == [])
        #expect(shown(host) == ["tcp 10.0.0.5:8443"])
    }

    @Test func `are of loopback if there is nothing else, or configured`() {
        #expect(shown(host([.loopback])) == ["udp 127.0.0.1:8443", "tcp 127.0.0.1:8443"])
        var host = host([.loopback, lan])
        host.udpAddresses = [.loopback, lan]
        #expect(shown(host).contains("udp 127.0.0.1:8443"))
        #expect(!shown(host).contains("tcp 127.0.0.1:8443"))
    }

    @Test func `show the override in place of every address of its family, once`() throws {
        var host = host([lan, second, v6])
        host.allowsIPv6 = true
        host.hostOverride = try HostOverride("203.0.113.5")
        #expect(
            shown(host) == [
                "udp 203.0.113.5:8443", "udp [2001:db8::5]:8443",
                "tcp 203.0.113.5:8443", "tcp [2001:db8::5]:8443",
            ]
        )
        host.hostOverride = try HostOverride(" 203.0.113.5 , 2001:db8::9,203.0.113.6")
        #expect(
            shown(host).prefix(3) == [
                "udp 203.0.113.5:8443", "udp 203.0.113.6:8443", "udp [2001:db8::9]:8443",
            ]
        )
    }

    @Test func `show a name's addresses once they are known`() throws {
        var host = host([lan])
        let override = try HostOverride("calls.example.org")
        #expect(override == .name("calls.example.org"))
        host.hostOverride = override
        #expect(shown(host).first == "udp 10.0.0.5:8443")
        host.hostOverride = override.resolved(to: [external])
        #expect(shown(host).first == "udp 203.0.113.5:8443")
    }

    @Test func `show pairs as given, and nothing that has none`() throws {
        var host = host([lan, second])
        host.hostOverride = try HostOverride("203.0.113.5/10.0.0.5,203.0.113.7/10.9.9.9")
        #expect(shown(host) == ["udp 203.0.113.5:8443", "tcp 203.0.113.5:8443"])
    }

    @Test func `show what STUN has found, unless there is an override`() throws {
        var host = host([lan, second])
        host.discovered = [lan: external]
        #expect(shown(host).prefix(2) == ["udp 203.0.113.5:8443", "udp 10.0.1.6:8443"])
        host.hostOverride = try HostOverride("198.51.100.1")
        #expect(shown(host).first == "udp 198.51.100.1:8443")
    }

    @Test func `have another port where an external address does`() throws {
        var host = host([lan, second])
        host.portOverride = try PortOverride("30443")
        #expect(shown(host).first == "udp 10.0.0.5:8443", "a local address keeps its own")
        host.discovered = [lan: external]
        #expect(shown(host).prefix(2) == ["udp 203.0.113.5:30443", "udp 10.0.1.6:8443"])
        host.hostOverride = try HostOverride("10.0.0.5")
        #expect(shown(host) == ["udp 10.0.0.5:30443", "tcp 10.0.0.5:30443"])
    }

    @Test func `have the port of whichever local address is ours`() throws {
        let override = try PortOverride("10.0.0.4/30001,10.0.0.5/30002")
        var host = host([lan])
        host.hostOverride = try HostOverride("203.0.113.5")
        host.portOverride = override
        #expect(shown(host) == ["udp 203.0.113.5:30002", "tcp 203.0.113.5:30002"])
        #expect(override.port(for: 8_443, on: [second]) == 8_443)
    }

    @Test func `are bounded`() {
        let many = (0..<200).map { IPAddress(v4: 0x0A01_0000 + UInt32($0)) }
        #expect(host(many).candidates().count == 2 * HostCandidates.mostAddresses)
    }
}

@Suite struct `An override` {
    @Test func `may be nothing`() throws {
        #expect(try HostOverride("") == .none)
        #expect(try HostOverride(" , ") == .none)
        #expect(try PortOverride("") == .none)
        #expect(try PortOverride("0") == .none)
    }

    @Test(arguments: [
        ("a.example,b.example", OverrideFault.Rule.host), ("203.0.113.5,b.example", .host),
        ("300.1.1.1", .host), ("1.1.1.1/x", .pair), ("1.1.1.1/::1", .pair),
        ("1.1.1.1/2.2.2.2/3.3.3.3", .pair), ("1.1.1.1/2.2.2.2,3.3.3.3", .pair),
        (String(repeating: "1.1.1.1,", count: 33), .tooMany),
        (String(repeating: ",", count: 5_000), .tooMany),
    ])
    func `of the host that is wrong says so`(text: String, rule: OverrideFault.Rule) {
        #expect {
            try HostOverride(text)
        } throws: { error in
            (error as? OverrideFault)?.rule == rule
        }
    }

    @Test(arguments: [
        ("x", OverrideFault.Rule.port), ("65536", .port), ("-1", .port), ("1,2", .portPair),
        ("1.1.1.1/0", .portPair), ("1.1.1.1/x", .portPair), ("x/1", .portPair),
        ("1.1.1.1/1,1.1.1.1/2", .twice),
    ])
    func `of the port that is wrong says so`(text: String, rule: OverrideFault.Rule) {
        #expect {
            try PortOverride(text)
        } throws: { error in
            (error as? OverrideFault)?.rule == rule
        }
    }
}

@Suite struct `A datagram's kind` {
    @Test func `is told by its first bytes, as RFC 7983 has it`() {
        for first in UInt8.min...UInt8.max {
            let expected: DatagramKind =
                switch first {
                case 0...3: .stun
                case 20...63: .dtls
                case 128...191: .rtp
                default: .unknown
                }
            #expect(DatagramKind(first, 111) == expected)
        }
        for second in UInt8.min...UInt8.max {
            let isControl = (192...223).contains(second)
            #expect(DatagramKind(0x80, second) == (isControl ? .rtcp : .rtp))
        }
        #expect(DatagramKind([0x80].span) == .unknown)
        #expect(DatagramKind([UInt8]().span) == .unknown)
    }
}
