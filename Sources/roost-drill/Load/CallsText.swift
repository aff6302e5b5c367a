/// A text of a node's, of which only what is looked for is read: in a large call most of them say that
/// somebody else came.
package struct CallsText {
    private let text: [UInt8]

    package init(_ text: [UInt8]) {
        self.text = text
    }

    /// The event's name without the prefix of calls; nil for what is no event.
    package var name: Substring? {
        guard stands(Self.opening, at: 0) else { return nil }
        let word = word(from: Self.opening.count)
        let isOfCalls = word.hasPrefix(Self.prefix)
        return isOfCalls ? word.dropFirst(Self.prefix.count) : word
    }

    /// The number of the event on its connection, which stands at the end.
    package var number: Int? {
        var end = text.count
        while end > 0, !Self.isDigit(text[end - 1]) { end -= 1 }
        var start = end
        while start > 0, Self.isDigit(text[start - 1]) { start -= 1 }
        let name = Self.sequence
        guard end > start, start >= name.count, stands(name, at: start - name.count) else {
            return nil
        }
        return Int(String(decoding: text[start..<end], as: UTF8.self))
    }

    /// The text that follows this key for the first time.
    package func value(of key: String) -> String? {
        let mark = [UInt8]("\"\(key)\":\"".utf8)
        var start = 0
        while start + mark.count < text.count {
            if stands(mark, at: start) { return String(word(from: start + mark.count)) }
            start += 1
        }
        return nil
    }

    private func stands(_ mark: [UInt8], at start: Int) -> Bool {
        guard start + mark.count <= text.count else { return false }
        for offset in mark.indices where text[start + offset] != mark[offset] { return false }
        return true
    }

    /// What stands there up to the next quotation mark.
    private func word(from start: Int) -> Substring {
        var end = start
        while end < text.count, text[end] != UInt8(ascii: "\"") { end += 1 }
        return Substring(String(decoding: text[start..<end], as: UTF8.self))
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }

    package static let prefix = "custom_com.mattermost.calls_"
    private static let opening = [UInt8](#"{"event":""#.utf8)
    private static let sequence = [UInt8](#""seq":"#.utf8)
}
