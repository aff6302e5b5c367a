/// Reads the lines of a head or of trailers as they become whole, and keeps where its fields are.
///
/// A line is looked at only when its end has come, and bytes that were searched for an end are not
/// searched again: linear time in whatever pieces the bytes arrive, and the same verdict for all
/// ways of cutting them. Control characters are refused by the search itself, so that a stranger
/// who speaks TLS to the plain port hears of it at his first byte.
///
/// Positions count from the section's first byte, with which every span passed in begins.
struct HTTPSection: Sendable {
    enum Line {
        case incomplete
        case line(Range<Int>)
        case refused(HTTPRefusal.Rule, at: Int)
    }

    /// Kept from one head to the next, so that only a connection's first one makes it grow.
    private(set) var entries: [HTTPFields.Entry] = []
    private var lineStart = 0
    private var searched = 0

    var isFirstLine: Bool { lineStart == 0 }

    /// Finds the next whole line within the first `limit` bytes.
    mutating func nextLine(in bytes: Span<UInt8>, limit: Int) -> Line {
        let end = min(bytes.count, limit)
        var index = searched
        while index < end {
            let byte = bytes[index]
            if HTTPSyntax.isText(byte) {
                index += 1
                continue
            }
            guard byte == UInt8(ascii: "\r") else {
                let rule: HTTPRefusal.Rule = byte == UInt8(ascii: "\n") ? .bareLF : .control
                return .refused(rule, at: index)
            }
            guard index + 1 < end else { break }
            guard bytes[index + 1] == UInt8(ascii: "\n") else {
                return .refused(.bareCR, at: index)
            }
            let line = lineStart..<index
            lineStart = index + 2
            searched = lineStart
            return .line(line)
        }
        searched = index
        return bytes.count < limit ? .incomplete : .refused(.headTooLarge, at: limit)
    }

    /// Takes apart one field line and keeps its place.
    mutating func readField(
        _ line: Range<Int>,
        in bytes: Span<UInt8>
    ) throws(HTTPRefusal) -> HTTPFields.Entry {
        var colon = line.lowerBound
        while colon < line.upperBound, HTTPSyntax.isToken(bytes[colon]) {
            colon += 1
        }
        guard colon > line.lowerBound, colon < line.upperBound, bytes[colon] == UInt8(ascii: ":")
        else {
            throw HTTPRefusal(nameRule(line, stoppedAt: colon, in: bytes), at: UInt64(colon))
        }
        let value = bytes.trimmed(colon + 1..<line.upperBound)
        let entry = HTTPFields.Entry(
            nameStart: UInt32(truncatingIfNeeded: line.lowerBound),
            nameEnd: UInt32(truncatingIfNeeded: colon),
            valueStart: UInt32(truncatingIfNeeded: value.lowerBound),
            valueEnd: UInt32(truncatingIfNeeded: value.upperBound)
        )
        entries.append(entry)
        return entry
    }

    private func nameRule(
        _ line: Range<Int>,
        stoppedAt index: Int,
        in bytes: Span<UInt8>
    ) -> HTTPRefusal.Rule {
        guard index < line.upperBound, HTTPSyntax.isBlank(bytes[index]) else { return .fieldName }
        if index == line.lowerBound { return .foldedLine }
        let rest = bytes.trimmed(index..<line.upperBound)
        return !rest.isEmpty && bytes[rest.lowerBound] == UInt8(ascii: ":")
            ? .spaceBeforeColon : .fieldName
    }

    /// The entries in an array of just their size.
    func copyEntries() -> [HTTPFields.Entry] {
        unsafe entries.withUnsafeBufferPointer { unsafe [HTTPFields.Entry]($0) }
    }

    mutating func reset() {
        entries.removeAll(keepingCapacity: true)
        lineStart = 0
        searched = 0
    }
}
