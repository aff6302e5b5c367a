import Crypto
import Testing

@Suite struct `A certificate's fingerprint` {
    private static let pairs = (0..<32).map { $0 == 10 ? "0a" : "AB" }.joined(separator: ":")

    @Test func `is read in capitals or not, and written in capitals`() throws {
        let fingerprint = try CertificateFingerprint("SHA-256 \(Self.pairs)")
        #expect(fingerprint.algorithm == .sha256)
        #expect(fingerprint.bytes[10] == 10)
        #expect(fingerprint.description == "sha-256 " + Self.pairs.uppercased())
        #expect(try CertificateFingerprint(fingerprint.description) == fingerprint)
        #expect(try CertificateFingerprint("sha-256 " + Self.pairs.lowercased()) == fingerprint)
    }

    @Test(arguments: [(CertificateFingerprint.Algorithm.sha384, 48), (.sha512, 64)])
    func `may be longer`(algorithm: CertificateFingerprint.Algorithm, count: Int) throws {
        let pairs = [String](repeating: "00", count: count).joined(separator: ":")
        let fingerprint = try CertificateFingerprint("\(algorithm.rawValue) \(pairs)")
        #expect(fingerprint.bytes.count == count)
    }

    @Test(arguments: ["sha-1", "md5", "sha-224", "sha256", "x"])
    func `of a weak or unknown kind is refused by name`(algorithm: String) {
        #expect(throws: CertificateFingerprint.Fault.unsupported(algorithm: algorithm)) {
            try CertificateFingerprint("\(algorithm) AB:CD")
        }
    }

    @Test(arguments: [
        "", " ", "sha-256", "sha-256 ", "sha-256 AB:", "sha-256 :AB", "sha-256 A:BC",
        "sha-256 ABCD",
        "sha-256 AG:00", "sha-256 AB CD", "sha-256 AB::CD", "sha-256 ÄB:CD",
        "sha-256 " + String(repeating: "AB:", count: 500),
    ])
    func `that is no list of pairs is refused`(text: String) {
        #expect(throws: CertificateFingerprint.Fault.malformed) {
            try CertificateFingerprint(text)
        }
    }

    @Test func `of the wrong length is refused`() {
        let fault = CertificateFingerprint.Fault.wrongLength(algorithm: .sha256, bytes: 31)
        #expect(throws: fault) {
            try CertificateFingerprint("sha-256 " + Self.pairs.dropLast(3))
        }
    }

    @Test func `differs by kind and by each byte`() throws {
        let one = try CertificateFingerprint("sha-256 \(Self.pairs)")
        for index in 0..<32 {
            var bytes = one.bytes
            bytes[index] ^= 1
            let pairs = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
            let other = try CertificateFingerprint("sha-256 " + pairs.joined(separator: ":"))
            #expect(other != one)
        }
    }

    @Test func `of our own certificate is the SHA-256 that others compute`() throws {
        let rsa = try DTLSCertificate(
            certificatePEM: Array(RSAIdentity.certificate.utf8).span,
            keyPEM: Array(RSAIdentity.key.utf8).span
        )
        let chain = try Certificate.chain(pem: Array(RSAIdentity.certificate.utf8).span)
        #expect(rsa.fingerprint.bytes == chain.first?.fingerprint)
    }
}
