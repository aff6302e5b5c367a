/// Why a key or a certificate could not be read or made.
package enum KeyFault: Error, Equatable, Sendable {
    /// No PEM block of the kind that was looked for.
    case missing(block: String)
    /// The block is there, but its contents are not what it says.
    case damaged(block: String, why: String)
    /// A key under a passphrase: nobody could be asked for it.
    case encrypted
    /// A key of a kind that this algorithm does not use.
    case wrongKind(expected: String)
    /// A shared secret shorter than the digest it feeds (RFC 7518, section 3.2).
    case tooShort(bytes: Int, least: Int)
    case tooLong(bytes: Int, most: Int)
    /// A name or address that can't stand in a certificate.
    case badName(String)
    case library(why: String)
}

extension KeyFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missing(let block):
            "there is no \"-----BEGIN \(block)-----\" in it; give a PEM file that has one"
        case .damaged(let block, let why):
            "its \(block) block is damaged (\(why)); export it again"
        case .encrypted:
            "it is encrypted with a passphrase; take that off with `openssl pkey -in KEY -out PLAIN`"
        case .wrongKind(let expected):
            "it is a key of another kind; give \(expected)"
        case .tooShort(let bytes, let least):
            "it has \(bytes) bytes and needs at least \(least); make one with `openssl rand -hex 32`"
        case .tooLong(let bytes, let most):
            "it has \(bytes) bytes and may have \(most); give the right file"
        case .badName(let name):
            "\"\(name)\" is neither a host name nor an IP address; correct or remove it"
        case .library(let why):
            "OpenSSL failed (\(why)); check that libcrypto 3 is installed whole"
        }
    }
}
