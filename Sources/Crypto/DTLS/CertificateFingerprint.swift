internal import Basics
internal import COpenSSL

/// The hash by which a description names its sender's certificate (RFC 8122 section 5).
///
/// It is all that ties a DTLS peer to the person who was let in: the certificate itself is
/// self-signed and says nothing. So hashes that somebody could forge a certificate for are refused,
/// even though the RFC still lists them.
package struct CertificateFingerprint: Hashable, Sendable {
    package enum Algorithm: String, Sendable, CaseIterable {
        case sha256 = "sha-256"
        case sha384 = "sha-384"
        case sha512 = "sha-512"

        var length: Int {
            switch self {
            case .sha256: 32
            case .sha384: 48
            case .sha512: 64
            }
        }

        var pointer: OpaquePointer? {
            switch self {
            case .sha256: unsafe EVP_sha256()
            case .sha384: unsafe EVP_sha384()
            case .sha512: unsafe EVP_sha512()
            }
        }
    }

    package enum Fault: Error, Equatable, Sendable {
        /// Known to the RFC, but too weak, or known to nobody.
        case unsupported(algorithm: String)
        /// Not an algorithm, a space, and pairs of digits between colons.
        case malformed
        case wrongLength(algorithm: Algorithm, bytes: Int)
    }

    package let algorithm: Algorithm
    package let bytes: [UInt8]

    /// Reads `sha-256 AB:CD:…`, in capitals or not, as it stands behind `a=fingerprint:`.
    package init(_ text: some StringProtocol) throws(Fault) {
        // The longest has 7 letters, a space and 64 times three signs.
        guard text.utf8.count <= 256 else { throw .malformed }
        let parts = text.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2 else { throw .malformed }
        let name = parts[0].lowercased()
        guard let algorithm = Algorithm(rawValue: name) else {
            throw .unsupported(algorithm: String(name.prefix(32)))
        }
        var bytes: [UInt8] = []
        for pair in parts[1].utf8.split(
            separator: UInt8(ascii: ":"),
            omittingEmptySubsequences: false
        ) {
            let digits = Array(pair)
            guard digits.count == 2, let high = Self.value(of: digits[0]),
                let low = Self.value(of: digits[1])
            else { throw .malformed }
            bytes.append(high << 4 | low)
        }
        guard bytes.count == algorithm.length else {
            throw .wrongLength(algorithm: algorithm, bytes: bytes.count)
        }
        self.algorithm = algorithm
        self.bytes = bytes
    }

    /// Of a certificate that somebody else owns; nil if OpenSSL has no memory left.
    init?(_ algorithm: Algorithm, of certificate: OpaquePointer) {
        var bytes = [UInt8](repeating: 0, count: algorithm.length)
        var length = UInt32(bytes.count)
        guard unsafe X509_digest(certificate, algorithm.pointer, &bytes, &length) == 1 else {
            OpenSSLQueue.clear()
            return nil
        }
        self.algorithm = algorithm
        self.bytes = bytes
    }

    /// Whether this is the certificate's, found in a time that does not tell how much of it is right.
    func matches(_ certificate: OpaquePointer) -> Bool {
        guard let other = unsafe CertificateFingerprint(algorithm, of: certificate) else {
            return false
        }
        return self == other
    }

    package static func == (mine: CertificateFingerprint, other: CertificateFingerprint) -> Bool {
        mine.algorithm == other.algorithm && mine.bytes.isEqualInConstantTime(to: other.bytes)
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

extension CertificateFingerprint: CustomStringConvertible {
    /// As it stands in a description: `sha-256 AB:CD:…`.
    package var description: String {
        let digits = Array("0123456789ABCDEF".utf8)
        var text = Array(algorithm.rawValue.utf8)
        for (index, byte) in bytes.enumerated() {
            text.append(index == 0 ? UInt8(ascii: " ") : UInt8(ascii: ":"))
            text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension CertificateFingerprint.Fault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unsupported(let algorithm):
            "a fingerprint of the kind \(algorithm) proves nothing; use sha-256, sha-384 or sha-512"
        case .malformed:
            "a fingerprint is an algorithm, a space, and pairs of hexadecimal digits between colons"
        case .wrongLength(let algorithm, let bytes):
            "a fingerprint by \(algorithm.rawValue) has \(algorithm.length) bytes, not \(bytes)"
        }
    }
}
