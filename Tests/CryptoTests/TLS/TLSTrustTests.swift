import Basics
import Crypto
import Testing

@Suite struct `A TLS client` {
    @Test func `refuses a certificate for another name`() throws {
        var pair = try TLSPair.trusting(names: ["example.org", "10.0.0.1"], asking: "localhost")
        pair.settle()
        let fault = TLSFault.wrongName(
            expected: "localhost",
            certificate: ["example.org", "10.0.0.1"]
        )
        #expect(pair.client.advance() == .failed(fault))
        #expect("\(fault)".contains("not for localhost but for example.org, 10.0.0.1"))
        guard case .failed(.refusedByPeer) = pair.server.advance() else {
            Issue.record("the server was not told")
            return
        }
    }

    @Test func `refuses a certificate for another address`() throws {
        var pair = try TLSPair.trusting(names: ["10.0.0.1"], asking: "10.0.0.2")
        pair.settle()
        let fault = TLSFault.wrongName(expected: "10.0.0.2", certificate: ["10.0.0.1"])
        #expect(pair.client.advance() == .failed(fault))
    }

    @Test func `takes a star for one label only`() throws {
        var pair = try TLSPair.trusting(names: ["*.example.org"], asking: "a.example.org")
        pair.settle()
        #expect(pair.client.advance() == .established)
        pair = try TLSPair.trusting(names: ["*.example.org"], asking: "a.b.example.org")
        pair.settle()
        guard case .failed(.wrongName) = pair.client.advance() else {
            Issue.record("believed")
            return
        }
    }

    @Test func `refuses a certificate that nobody it trusts vouches for`() throws {
        let client = try connect(
            to: SelfSigned.ofThisCentury(["localhost"]),
            trusting: .only(pem: SelfSigned.ofThisCentury(["localhost"]).certificatePEM)
        )
        guard case .failed(.untrusted) = client else {
            Issue.record("\(client)")
            return
        }
    }

    @Test func `refuses a self-signed certificate when it trusts the system`() throws {
        let client = try connect(to: SelfSigned.ofThisCentury(["localhost"]), trusting: .system)
        guard case .failed(.untrusted(let why)) = client else {
            Issue.record("\(client)")
            return
        }
        #expect(why.contains("no trusted authority vouches for it"))
    }

    @Test(arguments: [
        (Int64(946_684_800), Int64(978_307_199), "it expired on 2000-12-31"),
        (4_070_908_800, 4_102_444_799, "it is not valid before 2099-01-01"),
    ])
    func `says on which day a certificate begins or ends`(
        notBefore: Int64,
        notAfter: Int64,
        sentence: String
    ) throws {
        var random = SeededRandom(seed: 3)
        let identity = try SelfSigned(
            names: ["localhost"],
            notBefore: notBefore,
            notAfter: notAfter,
            using: &random
        )
        let client = try connect(to: identity, trusting: .only(pem: identity.certificatePEM))
        guard case .failed(.untrusted(let why)) = client else {
            Issue.record("\(client)")
            return
        }
        #expect(why.contains(sentence))
    }

    @Test func `believes anybody if it is told to`() throws {
        let client = try connect(to: SelfSigned.ofThisCentury(["a.example"]), trusting: .anybody)
        #expect(client == .established)
    }

    @Test func `can't be made to trust what is no certificate`() throws {
        #expect(throws: TLSFault.self) {
            _ = try TLSContext.client(trust: .only(pem: Array("nothing".utf8)))
        }
    }

    private func connect(
        to identity: SelfSigned,
        trusting trust: TLSContext.Trust
    ) throws -> TLSMachine.Progress {
        let context = try TLSContext.server(
            certificateChainPEM: identity.certificatePEM.span,
            privateKeyPEM: identity.keyPEM.span
        )
        var pair = TLSPair(
            client: try TLSMachine.client(.client(trust: trust), serverName: "localhost"),
            server: try TLSMachine.server(context)
        )
        pair.settle()
        return pair.client.advance()
    }
}

@Suite struct `A TLS server` {
    @Test func `says when its certificate and key are no pair`() throws {
        let one = try SelfSigned.ofThisCentury(["one.example"])
        let other = try SelfSigned.ofThisCentury(["other.example"])
        #expect(throws: TLSFault.keyMismatch(subject: "one.example")) {
            _ = try TLSContext.server(
                certificateChainPEM: one.certificatePEM.span,
                privateKeyPEM: other.keyPEM.span
            )
        }
    }

    @Test func `says which file is not what it should be`() throws {
        let identity = try SelfSigned.ofThisCentury(["one.example"])
        #expect(throws: TLSFault.certificateUnreadable(.missing(block: "CERTIFICATE"))) {
            _ = try TLSContext.server(
                certificateChainPEM: identity.keyPEM.span,
                privateKeyPEM: identity.keyPEM.span
            )
        }
        #expect(throws: TLSFault.keyUnreadable(.missing(block: "PRIVATE KEY"))) {
            _ = try TLSContext.server(
                certificateChainPEM: identity.certificatePEM.span,
                privateKeyPEM: identity.certificatePEM.span
            )
        }
    }

    @Test func `says that a key is encrypted instead of asking for a passphrase`() throws {
        let identity = try SelfSigned.ofThisCentury(["one.example"])
        #expect(throws: TLSFault.keyUnreadable(.encrypted)) {
            _ = try TLSContext.server(
                certificateChainPEM: identity.certificatePEM.span,
                privateKeyPEM: Array(encryptedKey.utf8).span
            )
        }
    }

    private let encryptedKey = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAi6OAKA1V+YGwICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEELupybdxXRiz46BvNw2zm9gEgZCb
        d8fSdaGAuwKuvHBrWDkFbRLq55hZXwLFn0ID/41RVkMRssshmcDP0sKSwCXyMP+T
        vcWnILEpAmBB9wnuSEYQ9JwFoV3UyaKgok37JPufxPeYgERtOpbWthRTvxUjULH1
        8YVNHs6T2LZXKyWwgfOUMRvAqyrab/NISV5qZ8LXyw1WIOCDVW5SN0AfbSodNzk=
        -----END ENCRYPTED PRIVATE KEY-----
        """
}
