internal import Crypto
internal import Glibc

/// Whether the certificate and its key will be believed by browsers, and for how much longer.
package struct TLSFilesCheck: Check {
    private let certificate: String
    private let key: String
    private let host: String?
    /// Seconds since 1970.
    private let now: Int64
    /// What names the two files.
    private let settings: (certificate: String, key: String)

    /// `host` is what browsers call this server, if that is known.
    package init(
        certificate: String,
        key: String,
        host: String?,
        now: Int64,
        settings: (certificate: String, key: String) = ("http.tls_certificate", "http.tls_key")
    ) {
        self.settings = settings
        self.certificate = certificate
        self.key = key
        self.host = host
        self.now = now
    }

    package var name: String { isForPeople ? "tls files" : "cluster files" }

    private var isForPeople: Bool { settings.certificate.hasPrefix("http.") }

    package func look() -> Outcome {
        guard let chainPEM = ReadableFile.bytes(certificate, atMost: 4 << 20) else {
            return unreadable(certificate, settings.certificate)
        }
        guard let keyPEM = ReadableFile.bytes(key, atMost: 4 << 20) else {
            return unreadable(key, settings.key)
        }
        do throws(KeyFault) {
            let chain = try Certificate.chain(pem: chainPEM.span)
            guard let first = chain.first else {
                return .fail("\(certificate) holds no certificate", remedy: "give a PEM file")
            }
            return judgePair(first, chainPEM, keyPEM)
        } catch {
            return .fail(
                "\(certificate): \(error)",
                remedy: "set \(settings.certificate) to a PEM file"
            )
        }
    }

    private func judgePair(
        _ first: Certificate,
        _ chainPEM: [UInt8],
        _ keyPEM: [UInt8]
    ) -> Outcome {
        do throws(TLSFault) {
            _ = try TLSContext.server(
                certificateChainPEM: chainPEM.span,
                privateKeyPEM: keyPEM.span
            )
        } catch {
            return .fail(
                "\(certificate) and \(key) can't be used: \(error)",
                remedy: """
                    openssl x509 -noout -pubkey -in \(certificate)
                    openssl pkey -pubout -in \(key)    # both must print the same
                    """
            )
        }
        return judge(first)
    }

    private func judge(_ certificate: Certificate) -> Outcome {
        let renew =
            isForPeople
            ? "renew the certificate, then: sudo systemctl reload roost"
            : "make a new one with `roost cluster init`, then: sudo systemctl restart roost"
        let days = (certificate.notAfter - now) / 86_400
        if now >= certificate.notAfter {
            return .fail("expired \(-days) days ago", remedy: renew)
        }
        if now < certificate.notBefore {
            let wait = (certificate.notBefore - now) / 3_600
            return .fail(
                "is not valid for another \(wait) hours",
                remedy: "check this machine's clock: timedatectl"
            )
        }
        let names = certificate.names.joined(separator: ", ")
        if let host, !certificate.names.contains(where: { Self.name($0, covers: host) }) {
            return .fail(
                "is for \(names.isEmpty ? "no name" : names), not for \(host)",
                remedy: "get a certificate for \(host), or correct http.public_url"
            )
        }
        let seen = "\(certificate.key) for \(names), \(days) days left"
        if days < 14 { return .warn(seen, remedy: renew) }
        if let others = keyReaders {
            return .warn("\(seen), but \(key) can be read by \(others)", remedy: "chmod 600 \(key)")
        }
        if certificate.isSelfSigned, isForPeople {
            return .warn(
                "\(seen), self-signed: browsers warn their users",
                remedy: "get one from an authority, such as Let's Encrypt: sudo certbot certonly"
            )
        }
        return .ok(seen)
    }

    private func unreadable(_ path: String, _ setting: String) -> Outcome {
        let why = unsafe String(cString: strerror(errno))
        return .fail(
            "\(path) can't be read by user \(geteuid()): \(why)",
            remedy: "correct \(setting), or: sudo chown \(geteuid()) \(path)"
        )
    }

    /// Who besides its owner may read the key.
    private var keyReaders: String? {
        var status = stat()
        guard unsafe stat(key, &status) == 0 else { return nil }
        if status.st_mode & 0o004 != 0 { return "everybody" }
        // A group of its own, as Debian's ssl-cert, is a common and sound arrangement.
        return status.st_mode & 0o022 != 0 ? "others, and changed" : nil
    }

    /// RFC 6125 section 6.4: case doesn't matter, and a star stands for one first label.
    static func name(_ pattern: String, covers host: String) -> Bool {
        let (pattern, host) = (pattern.lowercased(), host.lowercased())
        guard pattern.hasPrefix("*.") else { return pattern == host }
        guard let dot = host.firstIndex(of: "."), dot != host.startIndex else { return false }
        return host[dot...] == pattern.dropFirst()
    }
}
