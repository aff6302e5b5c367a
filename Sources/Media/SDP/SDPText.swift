/// How the reader of descriptions cuts its bytes.
extension ArraySlice<UInt8> {
    /// What stands before the first `letter`, and what follows it; nil if there is none.
    func cut(at letter: Unicode.Scalar) -> (head: ArraySlice, tail: ArraySlice?) {
        guard let index = firstIndex(of: UInt8(ascii: letter)) else { return (self, nil) }
        return (self[..<index], self[(index + 1)...])
    }

    func parts(between letter: Unicode.Scalar) -> [ArraySlice] {
        split(separator: UInt8(ascii: letter), omittingEmptySubsequences: false)
    }

    var words: [ArraySlice] { split(separator: UInt8(ascii: " ")) }

    var text: String { String(decoding: self, as: UTF8.self) }

    /// The number that these digits say, if they are digits and it is no greater than `limit`.
    func number(upTo limit: UInt64 = .max) -> UInt64? {
        guard !isEmpty else { return nil }
        var value: UInt64 = 0
        for digit in self {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            let (tenfold, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, isTooLargeNow) = tenfold.addingReportingOverflow(UInt64(digit & 0x0F))
            guard !isTooLarge, !isTooLargeNow, sum <= limit else { return nil }
            value = sum
        }
        return value
    }

    var isPrintable: Bool { allSatisfy { (0x20...0x7E).contains($0) } }

    /// Something without a space, of a length that can be kept.
    func isToken(upTo limit: Int) -> Bool {
        !isEmpty && count <= limit && allSatisfy { (0x21...0x7E).contains($0) }
    }

    func dropSpaces() -> ArraySlice { drop { $0 == UInt8(ascii: " ") } }
}

extension UInt8 {
    /// Of ASCII; the standard library's own asks Unicode's tables, digit for digit of each fingerprint.
    fileprivate static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    fileprivate static let letters = UInt8(ascii: "a")...UInt8(ascii: "f")

    var isHexDigit: Bool { Self.digits ~= self || Self.letters ~= self | 0x20 }
}
