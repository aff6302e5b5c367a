/// The 96 bits by which an answer finds its question (RFC 8489 section 5).
///
/// Whoever can guess one can forge an answer, so it comes from a generator fit for secrets.
package struct STUNTransactionID: Hashable, Sendable {
    package var high: UInt32
    package var low: UInt64

    package init(high: UInt32, low: UInt64) {
        self.high = high
        self.low = low
    }

    package init(using random: inout some RandomNumberGenerator) {
        high = UInt32(truncatingIfNeeded: random.next())
        low = random.next()
    }
}
