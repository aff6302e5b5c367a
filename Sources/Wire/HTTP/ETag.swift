/// The name of one version of a representation (RFC 9110 section 8.8.3).
package struct ETag: Hashable, Sendable {
    package let isWeak: Bool
    /// What stands between the quotes.
    package let opaque: [UInt8]

    /// Names a version. The letters are our own choice, so a quote or blank among them is a slip.
    package init(_ opaque: String, isWeak: Bool = false) {
        self.isWeak = isWeak
        self.opaque = Array(opaque.utf8)
        precondition(
            self.opaque.allSatisfy(Self.isOpaque),
            "an entity tag holds neither blanks nor quotes; make it of hex digits"
        )
    }

    /// Reads one entity tag that is all of the text.
    package init?(parsing text: Span<UInt8>) {
        var index = 0
        guard let tag = Self.read(text, from: &index), index == text.count else { return nil }
        self = tag
    }

    /// As it stands in a field: `"…"` or `W/"…"`.
    package var text: String {
        "\(isWeak ? "W/" : "")\"\(String(decoding: opaque, as: UTF8.self))\""
    }

    /// Same version byte for byte: for ranges, and before writing.
    package func isStronglyEqual(to other: ETag) -> Bool {
        !isWeak && !other.isWeak && opaque == other.opaque
    }

    /// Same version as far as a reader cares: for not sending it again.
    package func isWeaklyEqual(to other: ETag) -> Bool { opaque == other.opaque }

    /// Reads an entity tag that begins at `index`, and moves past it.
    static func read(_ text: Span<UInt8>, from index: inout Int) -> ETag? {
        var start = index
        let isWeak =
            start + 1 < text.count && text[start] == UInt8(ascii: "W")
            && text[start + 1] == UInt8(ascii: "/")
        if isWeak { start += 2 }
        guard start < text.count, text[start] == UInt8(ascii: "\"") else { return nil }
        var end = start + 1
        while end < text.count, isOpaque(text[end]) {
            end += 1
        }
        guard end < text.count, text[end] == UInt8(ascii: "\"") else { return nil }
        index = end + 1
        return ETag(text.extracting(start + 1..<end), isWeak: isWeak)
    }

    private init(_ opaque: Span<UInt8>, isWeak: Bool) {
        self.isWeak = isWeak
        var bytes: [UInt8] = []
        bytes.append(copying: opaque)
        self.opaque = bytes
    }

    private static func isOpaque(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != UInt8(ascii: "\"") && byte != 0x7F
    }
}
