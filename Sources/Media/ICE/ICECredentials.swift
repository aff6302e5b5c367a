internal import Basics

/// What the two ends of a session know each other by (RFC 8445 section 5.3): a name that every check
/// bears, and a password that vouches for it.
package struct ICECredentials: Hashable, Sendable, CustomStringConvertible {
    package let ufrag: String
    /// Not in any log.
    package let password: String

    /// Takes what a peer's description says. Nil if it is not by RFC 8839 section 5.4: a ufrag of 4 to
    /// 256 ice-chars, a password of 22 to 256.
    package init?(ufrag: some StringProtocol, password: some StringProtocol) {
        guard Self.isToken(ufrag, 4...256), Self.isToken(password, 22...256) else { return nil }
        self.ufrag = String(ufrag)
        self.password = String(password)
    }

    /// Makes ours, for this ufrag or a random one. A ufrag may say where its session lives, so that
    /// whoever gets the first check can tell; what must not be guessed is the password.
    package init?(ufrag: String? = nil, using random: inout some RandomNumberGenerator) {
        self.init(
            ufrag: ufrag ?? Self.token(8, using: &random),
            password: Self.token(24, using: &random)
        )
    }

    package var description: String { "\(ufrag):\(Secret.mask)" }

    /// Six bits a letter: 144 in a password.
    private static func token(
        _ count: Int,
        using random: inout some RandomNumberGenerator
    ) -> String {
        let letters = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
        )
        let bytes = (0..<count).map { _ in letters[Int(random.next() >> 58)] }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isToken(_ text: some StringProtocol, _ length: ClosedRange<Int>) -> Bool {
        length.contains(text.utf8.count) && text.utf8.allSatisfy(\.isICEChar)
    }
}

extension ICECredentials: CustomDebugStringConvertible, CustomReflectable {
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["ufrag": ufrag]) }
}

extension UInt8 {
    /// A letter, a digit, `+` or `/` (RFC 8839 section 5.1).
    var isICEChar: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}
