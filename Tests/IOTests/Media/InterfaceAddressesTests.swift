import Basics
import IO
import Testing

@Suite struct `Interface addresses` {
    @Test func `are found on any machine`() throws {
        let found = try InterfaceAddresses.found()
        #expect(found.entries.contains { $0.interface == "lo" && $0.ip == .loopback && $0.isUp })
        #expect(found.usable(withLoopback: true).contains(.loopback))
        #expect(found.usable().allSatisfy { !$0.isLoopback && !$0.isLinkLocal })
    }

    @Test func `are usable if they are up, and known beyond one cable`() throws {
        let list = [
            ("lo", "127.0.0.1", true), ("lo", "::1", true), ("eth0", "192.0.2.1", true),
            ("eth0", "fe80::1", true), ("eth0", "2001:db8::1", true), ("eth1", "fd00::7", true),
            ("eth1", "169.254.3.4", true), ("eth2", "10.0.0.1", false), ("br0", "192.0.2.1", true),
        ]
        let found = InterfaceAddresses(
            try list.map { .init(interface: $0.0, ip: try IPAddress($0.1), isUp: $0.2) }
        )
        func addresses(_ texts: String...) throws -> [IPAddress] {
            try texts.map { try IPAddress($0) }
        }
        #expect(found.usable() == (try addresses("192.0.2.1", "2001:db8::1", "fd00::7")))
        #expect(found.usable(withIPv6: false) == (try addresses("192.0.2.1")))
        let withLoopback = try addresses("127.0.0.1", "192.0.2.1")
        #expect(found.usable(withIPv6: false, withLoopback: true) == withLoopback)
        #expect(found.all.count == 8)
    }
}
