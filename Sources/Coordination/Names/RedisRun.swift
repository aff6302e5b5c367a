/// One run of one Redis process, as it names itself (`run_id`). A Redis that was started again, or
/// another one in its place, may have forgotten what the one before had acknowledged.
package struct RedisRun: Hashable, Sendable, CustomStringConvertible {
    package static let limit = 64

    private let text: String

    /// Reads 1 to 64 hexadecimal digits; nil unless it is exactly that.
    package init?(_ text: some StringProtocol) {
        guard (1...Self.limit).contains(text.utf8.count), text.utf8.allSatisfy(Self.isDigit)
        else { return nil }
        self.text = String(text)
    }

    package var description: String { text }

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
    }
}
