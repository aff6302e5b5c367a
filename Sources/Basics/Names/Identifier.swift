/// An id as the client protocol writes it: 26 characters of a to z and 0 to 9 (134 bits).
///
/// Kept as four words instead of a string, so that comparing, hashing and copying one costs nothing
/// on the heap.
package struct Identifier: Hashable, Sendable {
    package static let length = 26

    /// The characters in order, eight to a word, the first in the highest byte; the last word has two.
    private var words: (UInt64, UInt64, UInt64, UInt16)

    /// Reads an id; nil unless it is exactly one.
    package init?(_ text: some StringProtocol) {
        self.init(utf8: text.utf8)
    }

    package init?(_ bytes: Span<UInt8>) {
        guard bytes.count == Self.length else { return nil }
        var builder = Builder()
        for place in bytes.indices {
            guard Self.isAllowed(bytes[place]) else { return nil }
            builder.append(bytes[place])
        }
        words = builder.words
    }

    private init?(utf8: some Collection<UInt8>) {
        var builder = Builder()
        for byte in utf8 {
            guard builder.count < Self.length, Self.isAllowed(byte) else { return nil }
            builder.append(byte)
        }
        guard builder.count == Self.length else { return nil }
        words = builder.words
    }

    /// Draws an id, each of the 36²⁶ as likely as any other if the generator is fair.
    package init(using random: inout some RandomNumberGenerator) {
        var builder = Builder()
        while builder.count < Self.length {
            // The largest multiple of 36¹² that fits: above it, the first ids would come more often.
            let word = random.next()
            guard word < Self.powerOf12 * 3 else { continue }
            builder.append(digitsOf: word)
        }
        words = builder.words
    }

    /// Spells 256 bits as an id. The same bits give the same id, for names that must map to ids.
    package init(spelling bits: (UInt64, UInt64, UInt64, UInt64)) {
        var builder = Builder()
        builder.append(digitsOf: bits.0)
        builder.append(digitsOf: bits.1)
        builder.append(digitsOf: bits.2)
        words = builder.words
    }

    package static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }

    /// 36¹², the most that twelve digits can count in 64 bits.
    fileprivate static let powerOf12: UInt64 = 4_738_381_338_321_616_896

    package var utf8: [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    /// Appends the characters. Nothing is allocated but room in the buffer.
    package func append(to bytes: inout [UInt8]) {
        bytes.append(addingCapacity: Self.length) { free in
            for shift in stride(from: 56, through: 0, by: -8) {
                free.append(UInt8(truncatingIfNeeded: words.0 >> UInt64(shift)))
            }
            for shift in stride(from: 56, through: 0, by: -8) {
                free.append(UInt8(truncatingIfNeeded: words.1 >> UInt64(shift)))
            }
            for shift in stride(from: 56, through: 0, by: -8) {
                free.append(UInt8(truncatingIfNeeded: words.2 >> UInt64(shift)))
            }
            free.append(UInt8(truncatingIfNeeded: words.3 >> 8))
            free.append(UInt8(truncatingIfNeeded: words.3))
        }
    }

    package static func == (lhs: Identifier, rhs: Identifier) -> Bool {
        lhs.words == rhs.words
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }
}

extension Identifier: Comparable {
    package static func < (lhs: Identifier, rhs: Identifier) -> Bool { lhs.words < rhs.words }
}

extension Identifier: CustomStringConvertible {
    package var description: String { String(decoding: utf8, as: UTF8.self) }
}

/// Collects the characters of an id.
private struct Builder {
    var words: (UInt64, UInt64, UInt64, UInt16) = (0, 0, 0, 0)
    var count = 0

    mutating func append(_ byte: UInt8) {
        switch count / 8 {
        case 0: words.0 = words.0 << 8 | UInt64(byte)
        case 1: words.1 = words.1 << 8 | UInt64(byte)
        case 2: words.2 = words.2 << 8 | UInt64(byte)
        default: words.3 = words.3 << 8 | UInt16(byte)
        }
        count += 1
    }

    /// Appends twelve digits to base 36, or as many as are missing.
    mutating func append(digitsOf number: UInt64) {
        var rest = number % Identifier.powerOf12
        for _ in 0..<min(12, Identifier.length - count) {
            let digit = UInt8(rest % 36)
            rest /= 36
            append(digit < 10 ? digit + UInt8(ascii: "0") : digit - 10 + UInt8(ascii: "a"))
        }
    }
}
