package import Basics

/// How a publisher's clock, as its sender reports tell it, lies to ours.
///
/// One for all streams of a publisher: what is captured at one moment of its clock is played at one
/// moment of ours, so that lips move with the voice whatever the network does to either stream's
/// reports.
///
/// The first report sets the clocks side by side. Later ones move ours by a millisecond at most, so
/// that a sound stream's report and a picture stream's report a second later still agree: a report
/// quicker than any before proves the offset too large, and ten seconds in which even the quickest
/// was slow prove it too small (one clock runs faster). A report a second early, or three in a row a
/// second late, say that the publisher's clock was set.
package struct PublisherClock: Sendable {
    private static let second: Int64 = 1_000_000_000
    private static let longestStep: Int64 = 1_000_000
    private static let window: Int64 = 10_000_000_000

    private var isKnown = false
    private var theirs: UInt64 = 0
    private var ours: Int64 = 0
    private var lateReports = 0
    private var quickest = Int64.max
    private var windowEnd: Int64 = 0

    package init() {}

    /// A report that says it was sent at `ntp` came now. Tells whether that is to be believed.
    package mutating func reported(_ ntp: UInt64, at now: Instant) -> Bool {
        let time = now.nanoseconds
        guard isKnown else {
            set(ntp, to: time)
            return true
        }
        let expected = ours &+ nanoseconds(from: theirs, to: ntp)
        let late = time &- expected
        if late > Self.second {
            lateReports += 1
            guard lateReports >= 3 else { return false }
            set(ntp, to: time)
            return true
        }
        lateReports = 0
        if late < -Self.second {
            set(ntp, to: time)
            return true
        }
        theirs = ntp
        ours = expected
        if late < 0 {
            ours &-= min(-late, Self.longestStep)
            quickest = 0
        } else {
            quickest = min(quickest, late)
        }
        if time >= windowEnd {
            ours &+= min(quickest, Self.longestStep)
            beginWindow(at: time)
        }
        return true
    }

    /// Our time of that moment of the publisher's clock, or nil before its first report.
    package func instant(of ntp: UInt64) -> Instant? {
        guard isKnown else { return nil }
        return Instant(nanoseconds: ours &+ nanoseconds(from: theirs, to: ntp))
    }

    private mutating func set(_ ntp: UInt64, to time: Int64) {
        isKnown = true
        theirs = ntp
        ours = time
        lateReports = 0
        beginWindow(at: time)
    }

    private mutating func beginWindow(at time: Int64) {
        windowEnd = time &+ Self.window
        quickest = Int64.max
    }

    /// Nanoseconds from one NTP time to another, by the shorter way round the 136 years.
    private func nanoseconds(from old: UInt64, to new: UInt64) -> Int64 {
        let units = Int64(bitPattern: new &- old)
        return (units >> 32) &* Self.second &+ ((units & 0xFFFF_FFFF) &* Self.second) >> 32
    }
}
