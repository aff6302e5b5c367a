package import Basics

/// How well a stream arrives: losses and jitter, for the report blocks that its sender gets
/// (RFC 3550 sections 6.4.1, A.3 and A.8).
package struct ReceptionStatistics: Sendable {
    private let clock: TimestampClock
    private var hasBegun = false
    private var first: UInt64 = 0
    private var highest: UInt64 = 0
    private var received: UInt64 = 0
    private var expectedBefore: UInt64 = 0
    private var receivedBefore: UInt64 = 0
    /// Sixteen times the jitter in ticks, as A.8 keeps it.
    private var jitter: UInt32 = 0
    private var transit: UInt32 = 0
    private var lastReport: UInt32 = 0
    private var lastReportAt: Int64 = 0

    /// `clockRate` is ticks of the timestamp a second.
    package init(clockRate: Int) {
        clock = TimestampClock(rate: clockRate)
    }

    /// A packet came, for the first time; `sequence` is its extended number.
    package mutating func received(_ sequence: UInt64, timestamp: UInt32, at now: Instant) {
        let arrival = UInt32(truncatingIfNeeded: clock.ticks(now.nanoseconds))
        let transit = arrival &- timestamp
        received &+= 1
        guard hasBegun else {
            hasBegun = true
            first = sequence
            highest = sequence
            self.transit = transit
            return
        }
        if sequence > highest { highest = sequence }
        let difference = Int32(bitPattern: transit &- self.transit).magnitude
        self.transit = transit
        // A leap of more than five seconds is a new clock and no jitter.
        if difference < 5 &* UInt32(truncatingIfNeeded: clock.rate) {
            jitter = jitter &+ difference &- ((jitter &+ 8) >> 4)
        }
    }

    /// The sender's own report came; `ntp` is its 64-bit time.
    package mutating func reported(ntp: UInt64, at now: Instant) {
        lastReport = UInt32(truncatingIfNeeded: ntp >> 16)
        lastReportAt = now.nanoseconds
    }

    /// Packets that should have come and did not, since the beginning.
    package var lost: Int64 {
        Int64(bitPattern: expected &- received)
    }

    /// The numbers for a report that leaves now, or nil before the first packet. The next one's
    /// fraction counts from here.
    package mutating func takeReport(at now: Instant) -> ReceptionReport? {
        guard hasBegun else { return nil }
        let newlyExpected = expected &- expectedBefore
        let newlyLost = Int64(bitPattern: newlyExpected &- (received &- receivedBefore))
        expectedBefore = expected
        receivedBefore = received
        var fraction: UInt8 = 0
        if newlyLost > 0, newlyExpected > 0 {
            fraction = UInt8(clamping: UInt64(newlyLost) << 8 / newlyExpected)
        }
        var delay: UInt32 = 0
        if lastReport != 0 {
            let age = min(max(now.nanoseconds &- lastReportAt, 0), 65_535_000_000_000)
            let (seconds, rest) = age.quotientAndRemainder(dividingBy: 1_000_000_000)
            delay = UInt32(seconds) << 16 | UInt32((rest << 16) / 1_000_000_000)
        }
        return ReceptionReport(
            fractionLost: fraction,
            cumulativeLost: Int32(min(max(lost, -0x80_0000), 0x7F_FFFF)),
            highestSequence: UInt32(truncatingIfNeeded: highest),
            jitter: jitter >> 4,
            lastReport: lastReport,
            delay: delay
        )
    }

    private var expected: UInt64 { hasBegun ? highest &- first &+ 1 : 0 }
}
