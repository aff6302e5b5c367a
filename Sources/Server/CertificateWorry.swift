internal import Crypto
internal import Settings

/// What is about to go wrong with the TLS certificate, or has already. It is served all the same: a
/// node that does not start tells its operator less than a browser's warning does.
struct CertificateWorry {
    let sentence: String
    let certificate: Certificate

    /// Looks through the chain that the settings name. Nil if all is well, or there is no TLS.
    init?(_ settings: Settings, at now: Int64) throws(NodeFault) {
        let path = settings.http.tlsCertificate
        guard !path.isEmpty else { return nil }
        let pem = try NodeFault.reading(path, for: "http.tls_certificate")
        let chain: [Certificate]
        do throws(KeyFault) {
            chain = try Certificate.chain(pem: pem.span)
        } catch {
            throw NodeFault("http.tls_certificate: \(error.description)")
        }
        for certificate in chain {
            guard let sentence = Self.sentence(about: certificate, at: now) else { continue }
            self.sentence = sentence
            self.certificate = certificate
            return
        }
        return nil
    }

    private static func sentence(about certificate: Certificate, at now: Int64) -> String? {
        if certificate.notAfter <= now {
            return "the TLS certificate has expired and no browser will take it; renew it"
        }
        if certificate.notBefore > now {
            return "the TLS certificate is not valid yet; is this machine's clock right?"
        }
        // Some certificates are made for days only, and are renewed in their last one.
        let isShort = certificate.notAfter - certificate.notBefore <= soon
        if !isShort, certificate.notAfter - now < soon {
            return "the TLS certificate expires within two weeks; renew it"
        }
        return nil
    }

    private static let soon: Int64 = 14 * 24 * 3_600
}
