internal import Crypto

/// What MESSAGE-INTEGRITY is made with (RFC 8489 section 9). Never shown.
package struct STUNKey: Sendable {
    private let key: SHA1Key

    /// ICE's: the other side's password, for one session.
    package init(password: some StringProtocol) {
        key = SHA1Key(Array(password.utf8).span)
    }

    /// TURN's: a user of a realm (section 9.2.2).
    package init(username: String, realm: String, password: String) {
        key = SHA1Key(Digest.of(Array("\(username):\(realm):\(password)".utf8).span, .md5).span)
    }

    static var tagSize: Int { 20 }

    /// The tag of a message up to where its MESSAGE-INTEGRITY begins, whatever its header says
    /// about what follows: it is made as if that attribute were the last (section 14.5).
    func tag(of message: Span<UInt8>) -> InlineArray<20, UInt8> {
        let length = message.count + 4 + Self.tagSize - STUNMessage.headerSize
        return key.code(of: message, withLength: UInt16(truncatingIfNeeded: length))
    }

    /// Whether a tag is this message's, found in a time that does not tell how much of it is right.
    func isTag(_ tag: Span<UInt8>, of message: Span<UInt8>) -> Bool {
        guard tag.count == Self.tagSize else { return false }
        let expected = self.tag(of: message)
        var difference: UInt8 = 0
        for index in 0..<Self.tagSize { difference |= expected[index] ^ tag[index] }
        return difference == 0
    }
}
