/// Which history of Redis' data a token was issued in: one more whenever Redis may have forgotten
/// something it had acknowledged.
///
/// With Sentinel the epoch of its configuration counts in millions, so that operators can read both
/// parts: 7000002 is the second loss within epoch 7. Sentinels that have never failed over are in epoch 0,
/// so that their first failover, too, begins a new generation. Without Sentinel nothing is told apart.
package struct Generation: Ordinal {
    package var rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    package static let none = Generation(0)
    private static let epochStep: UInt64 = 1_000_000
    private static let epochLimit = UInt64.exactLimit / epochStep - 1

    /// The first generation of a Sentinel's epoch.
    package init(epoch: UInt64) {
        self.init(min(epoch, Self.epochLimit) * Self.epochStep)
    }

    /// One within an epoch, as far along as a number says.
    package init(epoch: UInt64, and number: Generation) {
        let first = Generation(epoch: epoch)
        self.init(first.rawValue + number.rawValue % Self.epochStep)
    }

    package var epoch: UInt64 { rawValue / Self.epochStep }
}
