internal import Crypto

/// What MESSAGE-INTEGRITY is made with (RFC 8489 section 9). Never shown.
package struct STUNKey: Sendable {
    private let bytes: [UInt8]

    /// ICE's: the other side's password, for one session.
    package init(password: some StringProtocol) {
        bytes = Array(password.utf8)
    }

    /// TURN's: a user of a realm (section 9.2.2).
    package init(username: String, realm: String, password: String) {
        bytes = Digest.of(Array("\(username):\(realm):\(password)".utf8).span, .md5)
    }

    static var tagSize: Int { 20 }

    /// The tag of a message up to where its MESSAGE-INTEGRITY begins, whatever its header says
    /// about what follows: it is made as if that attribute were the last (section 14.5).
    func tag(of message: Span<UInt8>) -> [UInt8] {
        var copy = message.copied
        let length = message.count + 4 + Self.tagSize - STUNMessage.headerSize
        copy[2] = UInt8(truncatingIfNeeded: length >> 8)
        copy[3] = UInt8(truncatingIfNeeded: length)
        var hmac = HMAC(.sha1, key: bytes.span)
        return hmac.code(of: copy.span)
    }
}
