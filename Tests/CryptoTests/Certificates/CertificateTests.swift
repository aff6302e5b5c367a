import Basics
import Crypto
import Testing

@Suite struct `A certificate` {
    @Test func `says what it was made with`() throws {
        var random = SeededRandom(seed: 5)
        let made = try SelfSigned(
            names: ["roost.example.org", "*.example.org", "192.0.2.7", "2001:db8::1"],
            notBefore: 1_700_000_000,
            notAfter: 1_730_000_000,
            using: &random
        )
        let chain = try Certificate.chain(pem: made.certificatePEM.span)
        let read = try #require(chain.first)
        #expect(chain.count == 1)
        #expect(read.subject == "roost.example.org")
        #expect(
            read.names == [
                "roost.example.org", "*.example.org", "192.0.2.7", "2001:db8:0:0:0:0:0:1",
            ]
        )
        #expect(read.notBefore == 1_700_000_000)
        #expect(read.notAfter == 1_730_000_000)
        #expect(read.isSelfSigned)
        #expect(read.key == "ECDSA P-256")
        #expect(read.fingerprintText.count == 32 * 3 - 1)
    }

    /// Made with `openssl req -x509 -newkey ed25519`; its fingerprint is what `openssl x509` says.
    @Test func `is read as openssl reads it`() throws {
        let file = Array(foreign.utf8)
        let chain = try Certificate.chain(pem: file.span)
        let read = try #require(chain.first)
        #expect(read.subject == "foreign")
        #expect(read.names == ["foreign.example"])
        #expect(read.key == "Ed25519")
        #expect(read.fingerprintText == foreignFingerprint)
    }

    @Test func `is read with those that vouch for it, in their order`() throws {
        let one = try SelfSigned.ofThisCentury(["one.example"])
        let two = try SelfSigned.ofThisCentury(["two.example"])
        let text = Array("a comment\n".utf8) + one.certificatePEM + two.certificatePEM
        let chain = try Certificate.chain(pem: text.span)
        #expect(chain.map(\.subject) == ["one.example", "two.example"])
    }

    @Test(arguments: ["a,b.example", "", "white space", "-.", "a..b", "x\u{0}y", "\u{e9}.example"])
    func `is not made for what is no name`(name: String) {
        #expect(throws: KeyFault.badName(name)) { try SelfSigned.ofThisCentury([name]) }
    }

    @Test func `says that its block is damaged, or missing`() throws {
        let nothing: [UInt8] = []
        #expect(throws: KeyFault.missing(block: "CERTIFICATE")) {
            try Certificate.chain(pem: nothing.span)
        }
        var text = try SelfSigned.ofThisCentury(["one.example"]).certificatePEM
        text[100] = UInt8(ascii: "!")
        #expect {
            try Certificate.chain(pem: text.span)
        } throws: { fault in
            guard case KeyFault.damaged("CERTIFICATE", _) = fault else { return false }
            return true
        }
    }

    @Test func `has a limit of bytes`() {
        let most = 4 << 20
        let text = [UInt8](repeating: 10, count: most + 1)
        #expect(throws: KeyFault.missing(block: "CERTIFICATE")) {
            try Certificate.chain(pem: text.span.extracting(0..<most))
        }
        #expect(throws: KeyFault.tooLong(bytes: most + 1, most: most)) {
            try Certificate.chain(pem: text.span)
        }
    }
}

private let foreign = """
    -----BEGIN CERTIFICATE-----
    MIIBVTCCAQegAwIBAgIUGU489kLsdufIoa2nwZyVP4OOIpwwBQYDK2VwMBIxEDAO
    BgNVBAMMB2ZvcmVpZ24wHhcNMjYxMTIxMDM0MTQ3WhcNMzUwMjA3MDM0MTQ3WjAS
    MRAwDgYDVQQDDAdmb3JlaWduMCowBQYDK2VwAyEADLcti2HImY4EzdCIIKjYE9Mh
    BESNYfOTeSswO4MJFZGjbzBtMB0GA1UdDgQWBBTqyjK9gJJFJ+TAQyxSqCHhPZWR
    NDAfBgNVHSMEGDAWgBTqyjK9gJJFJ+TAQyxSqCHhPZWRNDAPBgNVHRMBAf8EBTAD
    AQH/MBoGA1UdEQQTMBGCD2ZvcmVpZ24uZXhhbXBsZTAFBgMrZXADQQAivdf6LgUO
    FZynldRY47nGnCe52EK0OuZOWuOHWlkC7y2ruLRj3ey8vbjwMksTldrSGDaPoF7g
    qtZ2hDYgnXkD
    -----END CERTIFICATE-----
    """

private let foreignFingerprint = """
    2E:68:CA:29:77:BD:9F:23:51:CF:10:D8:C9:56:EB:21:\
    EE:36:82:D6:95:12:E2:19:05:E2:1B:4D:C0:16:F7:97
    """
