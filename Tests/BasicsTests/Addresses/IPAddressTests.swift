import Basics
import Testing

@Suite struct `An IP address` {
    @Test func `is counted with itself, or with the /64 of its home`() throws {
        let v4 = try IPAddress("192.0.2.7")
        #expect(v4.neighbourhood == v4)
        #expect(
            try IPAddress("2001:db8:1:2:3:4:5:6").neighbourhood == IPAddress("2001:db8:1:2::")
        )
        #expect(
            try IPAddress("2001:db8:1:2::1").neighbourhood
                != IPAddress("2001:db8:1:3::1").neighbourhood
        )
    }

    @Test(arguments: [
        ("0.0.0.0", "0.0.0.0"),
        ("192.0.2.255", "192.0.2.255"),
        ("::", "::"),
        ("::1", "::1"),
        ("1::", "1::"),
        ("2001:DB8::0001", "2001:db8::1"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
        ("0:0:0:0:0:0:0:0", "::"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
        ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:c000:0201", "192.0.2.1"),
        ("::192.0.2.1", "::c000:201"),
    ])
    func `is written the one way RFC 5952 allows`(text: String, expected: String) throws {
        let address = try IPAddress(text)
        #expect(address.description == expected)
        #expect(try IPAddress(expected) == address)
    }

    @Test(arguments: [
        "", " ", "1", "1.2.3", "1.2.3.4.", "1.2.3.4.5", "1..2.3", "256.1.1.1", "01.2.3.4",
        "1.2.3.04", "1.2.3.4 ", "+1.2.3.4", "0x1.2.3.4", "1.2.3.1000", ":", ":::", "::1::",
        "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8",
        ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", "12345::", "g::", "::%1", "fe80::1%eth0", "[::1]",
        "::1.2.3", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "1.2.3.4::", "::ffff:1.2.3.256",
        "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
    ])
    func `is refused, not guessed at, when misspelt`(text: String) {
        #expect(throws: AddressFault.self) { try IPAddress(text) }
    }

    @Test(arguments: UInt64(0)..<200)
    func `survives being written and read`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<50 {
            // Whole groups of zeros are what the spelling is about, so make them common.
            let mask = { (random: inout SeededRandom) in
                (0..<4).reduce(UInt64(0)) { mask, _ in
                    mask << 16 | (Bool.random(using: &random) ? 0xFFFF : 0)
                }
            }
            let address = IPAddress(
                v6: random.next() & mask(&random),
                random.next() & mask(&random)
            )
            #expect(try IPAddress(address.description) == address, "seed \(seed)")
        }
    }

    @Test func `names the byte where it went wrong`() {
        #expect { try IPAddress("10.0.300.1") } throws: { error in
            (error as? AddressFault)?.offset == 5
        }
    }

    @Test func `knows where it belongs`() throws {
        for text in ["127.0.0.1", "127.255.0.1", "::1", "::ffff:127.0.0.1"] {
            #expect(try IPAddress(text).isLoopback, "\(text)")
        }
        for text in ["128.0.0.1", "126.0.0.1", "::2", "::"] {
            #expect(try !IPAddress(text).isLoopback, "\(text)")
        }
        let inside = ["10.255.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.0.9"]
        for text in inside + ["fc00::1", "fdff::1", "fe80::1", "febf::1"] {
            #expect(try IPAddress(text).isPrivate, "\(text)")
        }
        let outside = ["11.0.0.1", "172.15.0.1", "172.32.0.1", "192.169.0.1", "8.8.8.8"]
        for text in outside + ["2001:db8::1", "fec0::1", "fb00::1", "127.0.0.1", "::1"] {
            #expect(try !IPAddress(text).isPrivate, "\(text)")
        }
    }
}

@Suite struct `A network of addresses` {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.255.255", true),
        ("10.0.0.0/8", "11.0.0.0", false),
        ("192.0.2.7", "192.0.2.7", true),
        ("192.0.2.7", "192.0.2.6", false),
        ("0.0.0.0/0", "255.1.2.3", true),
        ("0.0.0.0/0", "::1", false),
        ("::/0", "2001:db8::1", true),
        ("::/0", "10.0.0.1", false),
        ("2001:db8::/32", "2001:db8:ffff::1", true),
        ("2001:db8::/32", "2001:db9::", false),
        ("2001:db8::/65", "2001:db8::7fff:0:0:1", true),
        ("2001:db8::/65", "2001:db8::8000:0:0:1", false),
        ("2001:db8::/64", "2001:db8::ffff:0:0:1", true),
        ("::1", "::1", true),
        ("::1", "::2", false),
        ("::ffff:10.0.0.0/104", "10.9.9.9", true),
    ])
    func `holds what shares its prefix`(network: String, address: String, holds: Bool) throws {
        #expect(try IPNetwork(network).contains(IPAddress(address)) == holds)
    }

    @Test(arguments: [
        "", "/", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/8 ", "10.0.0.0/0x8",
        "10.0.0.0/8/8", "10/8", "::ffff:10.0.0.0/95", "::ffff:10.0.0.0/129", "10.0.0.0/0008",
    ])
    func `is refused when misspelt`(text: String) {
        #expect(throws: AddressFault.self) { try IPNetwork(text) }
    }

    @Test func `tells what to write when bits stand after its prefix`() {
        #expect { try IPNetwork("10.1.2.3/8") } throws: { error in
            "\(error)".contains("write 10.0.0.0/8")
        }
        #expect { try IPNetwork("2001:db8::1/64") } throws: { error in
            "\(error)".contains("write 2001:db8::/64")
        }
    }

    @Test func `writes a lone address with its full prefix`() throws {
        #expect(try IPNetwork("192.0.2.7").description == "192.0.2.7/32")
        #expect(try IPNetwork("::1").description == "::1/128")
    }
}

@Suite struct `A socket address` {
    @Test(arguments: [
        ("1.2.3.4:80", "1.2.3.4:80"),
        ("[::1]:80", "[::1]:80"),
        (":8065", "[::]:8065"),
        ("[::ffff:1.2.3.4]:0", "1.2.3.4:0"),
        ("0.0.0.0:65535", "0.0.0.0:65535"),
    ])
    func `is read and written`(text: String, expected: String) throws {
        #expect(try SocketAddress(text).description == expected)
    }

    @Test(arguments: [
        "", ":", "80", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:-1", "1.2.3.4:080000",
        "::1:80", "[::1]", "[::1]80", "[]:80", "[1.2.3.4]:80", "[::1:80", "localhost:80",
        "1.2.3.4:8 ",
    ])
    func `is refused when misspelt`(text: String) {
        #expect(throws: AddressFault.self) { try SocketAddress(text) }
    }

    @Test func `without a host means every address, of both families`() throws {
        #expect(try SocketAddress(":8065") == SocketAddress(ip: .any, port: 8065))
    }
}
