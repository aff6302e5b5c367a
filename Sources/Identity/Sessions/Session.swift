package import Basics
internal import Crypto

/// One log-in of one person, as the book and the store keep it.
package struct Session: Hashable, Sendable {
    /// What a session is known by: the SHA-256 of its token.
    package struct Key: Hashable, Sendable {
        private var words: (UInt64, UInt64, UInt64, UInt64)

        package init(token: Span<UInt8>) {
            let digest = Digest.of(token)
            words = (
                Self.word(digest, 0), Self.word(digest, 1), Self.word(digest, 2),
                Self.word(digest, 3)
            )
        }

        /// From the 32 bytes that a store has kept.
        package init?(bytes: [UInt8]) {
            guard bytes.count == 32 else { return nil }
            words = (
                Self.word(bytes, 0), Self.word(bytes, 1), Self.word(bytes, 2), Self.word(bytes, 3)
            )
        }

        package var bytes: [UInt8] {
            [words.0, words.1, words.2, words.3].flatMap { word in
                stride(from: UInt64(56), through: 0, by: -8).map {
                    UInt8(truncatingIfNeeded: word >> $0)
                }
            }
        }

        private static func word(_ bytes: [UInt8], _ index: Int) -> UInt64 {
            bytes[index * 8..<index * 8 + 8].reduce(0) { $0 << 8 | UInt64($1) }
        }

        package static func == (lhs: Key, rhs: Key) -> Bool { lhs.words == rhs.words }

        package func hash(into hasher: inout Hasher) {
            hasher.combine(words.0)  // as good as random already
        }
    }

    package var key: Key
    package var principal: Principal
    /// What a page must show in a header to prove that it may read this site's cookies.
    package var csrf: Secret
    /// Seconds since 1970.
    package var began: Int64
    package var seen: Int64

    package init(key: Key, principal: Principal, csrf: Secret, began: Int64, seen: Int64) {
        self.key = key
        self.principal = principal
        self.csrf = csrf
        self.began = began
        self.seen = seen
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(key)
    }
}
