/// How large things in the store may be.
package enum StoreLimits {
    /// Bytes of an id, key, hash or other name; there is at least one.
    package static let identifier = 512
    /// Bytes of a JSON text or value.
    package static let document = 256 * 1024
    /// Rows of one answer.
    package static let page = 1_000

    package static func check(_ identifiers: String...) throws(StoreFault) {
        for text in identifiers { try check(count: text.utf8.count, 1...identifier) }
    }

    package static func check(_ hash: [UInt8]) throws(StoreFault) {
        try check(count: hash.count, 1...identifier)
    }

    package static func check(document text: String) throws(StoreFault) {
        try check(count: text.utf8.count, 0...document)
    }

    package static func check(document bytes: [UInt8]) throws(StoreFault) {
        try check(count: bytes.count, 0...document)
    }

    /// As many rows as were asked for, within reason.
    package static func rows(_ limit: Int) -> Int { min(max(limit, 0), page) }

    private static func check(count: Int, _ range: ClosedRange<Int>) throws(StoreFault) {
        guard range.contains(count) else {
            throw StoreFault(
                "\(count) bytes were to be stored where \(range.lowerBound) to "
                    + "\(range.upperBound) may be",
                reason: .outOfBounds
            )
        }
    }
}
