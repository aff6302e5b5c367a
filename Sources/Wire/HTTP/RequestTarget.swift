/// The path of a request, decoded into names that are safe to compare and to look up.
///
/// There is one spelling for each place. What could make two readers see different places is
/// refused: dot segments, empty segments, slashes in disguise, escapes that aren't. A browser has
/// resolved dots before it sends, so nobody honest is turned away.
package struct RequestTarget: Equatable, Sendable {
    /// The names between the slashes. None for `/`; a slash at the end is remembered apart.
    package let segments: [String]
    package let hasTrailingSlash: Bool

    package struct Fault: Error, Hashable, Sendable {
        package var rule: Rule
        /// The byte of the path.
        package var offset: Int

        package enum Rule: String, Sendable {
            case noSlash = "A path begins with a slash."
            case emptySegment = "No name in a path is empty."
            case dotSegment = "A path is written without . and .. in it."
            case escape = "An escape is a percent sign and two hex digits."
            case hiddenSlash = "No name in a path holds a slash or backslash, escaped or not."
            case control = "No name in a path holds a control character, escaped or not."
            case encoding = "The names in a path are UTF-8."
        }
    }

    /// Decodes a path, such as ``HTTPRequestHead/path``.
    package init(path: Span<UInt8>) throws(Fault) {
        guard !path.isEmpty, path[0] == UInt8(ascii: "/") else { throw Fault(.noSlash, at: 0) }
        var segments: [String] = []
        var start = 1
        while start < path.count {
            var end = start
            while end < path.count, path[end] != UInt8(ascii: "/") {
                end += 1
            }
            segments.append(try Self.segment(start..<end, of: path))
            start = end + 1
        }
        self.segments = segments
        hasTrailingSlash = path.count > 1 && path[path.count - 1] == UInt8(ascii: "/")
    }

    private static func segment(
        _ range: Range<Int>,
        of path: Span<UInt8>
    ) throws(Fault) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            var byte = path[index]
            let start = index
            index += 1
            if byte == UInt8(ascii: "%") {
                guard index + 1 < range.upperBound, let high = HTTPSyntax.hexDigit(path[index]),
                    let low = HTTPSyntax.hexDigit(path[index + 1])
                else { throw Fault(.escape, at: start) }
                byte = high << 4 | low
                index += 2
            }
            if byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\") {
                throw Fault(.hiddenSlash, at: start)
            }
            if byte < 0x20 || byte == 0x7F { throw Fault(.control, at: start) }
            bytes.append(byte)
        }
        if bytes.isEmpty { throw Fault(.emptySegment, at: range.lowerBound) }
        if bytes == [0x2E] || bytes == [0x2E, 0x2E] {
            throw Fault(.dotSegment, at: range.lowerBound)
        }
        guard let name = String(validating: bytes, as: UTF8.self) else {
            throw Fault(.encoding, at: range.lowerBound)
        }
        return name
    }
}

extension RequestTarget.Fault {
    package init(_ rule: Rule, at offset: Int) {
        self.rule = rule
        self.offset = offset
    }

    /// What to tell the client: the rule and the place.
    package var sentence: String { "\(rule.rawValue) (byte \(offset) of the path)" }
}
