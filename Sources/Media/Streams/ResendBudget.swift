package import Basics

/// How many bytes a second may go into repeating what a viewer lost: a share of what its line carries.
///
/// Whoever loses much because the line is full would otherwise fill it with repetitions. A bucket of
/// one second's share, and of 12 KB at least, so that a slow line still gets a picture repaired.
package struct ResendBudget: Sendable {
    private static let leastBurst: Int64 = 12_000
    private static let second: Int64 = 1_000_000_000

    private var bytesPerSecond: Int64 = 0
    private var full: Int64 = 0
    /// In billionths of a byte, so that nothing is lost between two packets.
    private var credit: Int64 = 0
    private var asOf: Int64
    private let percent: Int64

    /// Bytes refused since the beginning.
    package private(set) var refused: UInt64 = 0

    package init(percent: Int = 10, of bitrate: Bitrate, at now: Instant) {
        precondition(1...100 ~= percent, "a share is 1 to 100 percent")
        self.percent = Int64(percent)
        asOf = now.nanoseconds
        setRate(bitrate)
        credit = full
    }

    /// The line was found to carry another rate.
    package mutating func setBitrate(_ bitrate: Bitrate, at now: Instant) {
        refill(now)
        setRate(bitrate)
        credit = min(credit, full)
    }

    /// Takes the bytes if they are there.
    package mutating func take(_ bytes: Int, at now: Instant) -> Bool {
        refill(now)
        let cost = Int64(clamping: bytes) &* Self.second
        guard credit >= cost else {
            refused &+= UInt64(clamping: bytes)
            return false
        }
        credit &-= cost
        return true
    }

    private mutating func setRate(_ bitrate: Bitrate) {
        // At most ten gigabits, so that no product below overflows.
        let bits = min(max(bitrate.rawValue, 0), 10_000_000_000)
        bytesPerSecond = bits * percent / 800
        full = max(bytesPerSecond, Self.leastBurst) * Self.second
    }

    private mutating func refill(_ now: Instant) {
        let passed = min(max(0, now.nanoseconds &- asOf), 4 * Self.second)
        asOf = max(asOf, now.nanoseconds)
        credit = min(full, credit &+ passed &* bytesPerSecond)
    }
}
