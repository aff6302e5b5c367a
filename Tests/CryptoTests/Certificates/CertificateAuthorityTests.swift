import Basics
import Crypto
import Foundation
import Testing

@Suite struct `A certificate authority` {
    static let start: Int64 = 1_700_000_000
    static let end: Int64 = 4_000_000_000

    private func make(seed: UInt64 = 1) throws -> CertificateAuthority {
        var random = SeededRandom(seed: seed)
        return try CertificateAuthority(
            name: "calls",
            notBefore: Self.start,
            notAfter: Self.end,
            using: &random
        )
    }

    private func issue(
        _ authority: CertificateAuthority,
        _ names: [String],
        until notAfter: Int64 = 3_000_000_000
    ) throws -> CertificateAuthority.Issued {
        var random = SeededRandom(seed: 7)
        return try authority.issue(
            names: names,
            notBefore: Self.start,
            notAfter: notAfter,
            using: &random
        )
    }

    @Test func `signs for names and addresses what is no authority itself`() throws {
        let issued = try issue(try make(), ["node-1", "10.0.0.5", "fd00::5"])
        let read = try #require(try Certificate.chain(pem: issued.certificatePEM.span).first)
        #expect(read.subject == "node-1")
        #expect(read.names == ["node-1", "10.0.0.5", "fd00:0:0:0:0:0:0:5"])
        #expect(!read.isSelfSigned)
        #expect(read.notAfter == 3_000_000_000)
        #expect(throws: KeyFault.self) {
            try CertificateAuthority(
                certificatePEM: issued.certificatePEM,
                keyPEM: issued.keyPEM
            )
        }
    }

    @Test func `signs nothing that would outlive it`() throws {
        let issued = try issue(try make(), ["node-1"], until: Self.end + 1)
        let read = try #require(try Certificate.chain(pem: issued.certificatePEM.span).first)
        #expect(read.notAfter == Self.end)
    }

    @Test func `is the same after its files were read again`() throws {
        let made = try make()
        let again = try CertificateAuthority(
            certificatePEM: made.certificatePEM,
            keyPEM: made.keyPEM
        )
        #expect(again.notAfter == made.notAfter)
        #expect(try verify(try issue(again, ["node-2"]), by: made, as: "node-2") == 0)
    }

    @Test func `is not made of a certificate and another's key`() throws {
        let one = try make()
        let other = try make(seed: 2)
        let expected = KeyFault.wrongKind(expected: "the key that was made with the certificate")
        #expect(throws: expected) {
            try CertificateAuthority(certificatePEM: one.certificatePEM, keyPEM: other.keyPEM)
        }
    }

    @Test(arguments: ["sslserver", "sslclient"])
    func `is believed by openssl for both ends of a connection`(purpose: String) throws {
        let authority = try make()
        let issued = try issue(authority, ["node-1", "10.0.0.5"])
        #expect(try verify(issued, by: authority, as: "node-1", purpose: purpose) == 0)
        #expect(try verify(issued, by: authority, as: "node-2", purpose: purpose) != 0)
        #expect(try verify(issued, by: try make(seed: 3), as: "node-1", purpose: purpose) != 0)
    }

    @Test(arguments: ["", "a,b", "white space", "a/b"])
    func `signs for no name that is none`(name: String) throws {
        let authority = try make()
        #expect(throws: KeyFault.badName(name)) { try issue(authority, [name]) }
    }

    private func verify(
        _ issued: CertificateAuthority.Issued,
        by authority: CertificateAuthority,
        as name: String,
        purpose: String = "sslserver"
    ) throws -> Int32 {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (ca, leaf) = (folder.appending(path: "ca.pem"), folder.appending(path: "leaf.pem"))
        try Data(authority.certificatePEM).write(to: ca)
        try Data(issued.certificatePEM).write(to: leaf)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = [
            "verify", "-x509_strict", "-CAfile", ca.path, "-purpose", purpose,
            "-verify_hostname", name, leaf.path,
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
