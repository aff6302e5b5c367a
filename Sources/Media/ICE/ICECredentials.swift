/// The name and password under which connectivity checks find one side (RFC 8839 section 5.4).
package struct ICECredentials: Hashable, Sendable {
    package let ufrag: String
    package let password: String

    package init(ufrag: String, password: String) {
        self.ufrag = ufrag
        self.password = password
    }

    /// Draws both: 96 bits of name, so that nobody guesses one, and 144 of password.
    package init(using random: inout some RandomNumberGenerator) {
        ufrag = Self.text(16, using: &random)
        password = Self.text(24, using: &random)
    }

    private static func text(_ count: Int, using random: inout some RandomNumberGenerator) -> String
    {
        let alphabet = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
        )
        let bytes = (0..<count).map { _ in alphabet[Int(random.next() & 63)] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
