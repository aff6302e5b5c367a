package import Basics

/// Which moment of our clock a received stream's timestamps stand for.
///
/// Sender reports to viewers and the timestamps at a change of layers are made with it.
///
///                 a packet                     a report that can be true
///     unknown ──────────────▶ from arrivals ────────────────────────────▶ from reports
///                               ▲      │ a quicker packet                   │      │ reports
///                               │      └──▶ earlier                         │      └──▶ again
///                               └───────────────────────────────────────────┘
///                                   the timestamps leapt away by ten seconds
///
/// Until the first sender report the quickest packet so far says it: off by as much as the network
/// and the encoder delayed that one. From then on the reports say it, through the ``PublisherClock``
/// that all streams of a publisher share.
package struct ClockMapping: Sendable {
    private static let second: Int64 = 1_000_000_000
    /// After so long the known point moves along, long before a timestamp's half way round.
    private static let stride: Int64 = 64

    private let clock: TimestampClock
    private var isKnown = false
    private var isReported = false
    /// The known point: this timestamp stands for this moment.
    private var timestamp: UInt32 = 0
    private var moment: Int64 = 0
    private var lastTimestamp: UInt32 = 0
    private var lastArrival: Int64 = 0

    /// Reports that could not be true.
    package private(set) var refusedReports: UInt64 = 0

    package init(clockRate: Int) {
        clock = TimestampClock(rate: clockRate)
    }

    /// A packet came.
    package mutating func received(timestamp new: UInt32, at now: Instant) {
        let time = now.nanoseconds
        lastTimestamp = new
        lastArrival = time
        guard isKnown else {
            restart(new, at: time)
            return
        }
        let step = clock.nanoseconds(from: timestamp, to: new)
        let late = time &- (moment &+ step)
        if isReported {
            if abs(late) > 10 &* Self.second { restart(new, at: time) }
        } else if late < -5 &* Self.second || late > 5 &* Self.second {
            restart(new, at: time)
        } else if late < 0 {
            moment &+= late
        }
        if step > Self.stride &* Self.second, step < 1_000 &* Self.second {
            timestamp &+= UInt32(truncatingIfNeeded: Self.stride &* clock.rate)
            moment &+= Self.stride &* Self.second
        }
    }

    /// The publisher's report came: `timestamp` and `ntp` are one moment of its clock.
    package mutating func reported(
        ntp: UInt64,
        timestamp new: UInt32,
        clock publisher: inout PublisherClock,
        at now: Instant
    ) {
        guard publisher.reported(ntp, at: now), let local = publisher.instant(of: ntp) else {
            refusedReports &+= 1
            return
        }
        if isKnown {
            let captured =
                local.nanoseconds &+ clock.nanoseconds(from: new, to: lastTimestamp)
            // Nothing comes before it is captured, but for what the clocks are unsure of; and a
            // picture older than five seconds is no longer a call.
            let age = lastArrival &- captured
            guard age >= -Self.second, age <= 5 &* Self.second else {
                refusedReports &+= 1
                return
            }
        }
        isKnown = true
        isReported = true
        timestamp = new
        moment = local.nanoseconds
    }

    /// A packet of a stream whose clock is kept elsewhere: that is what its timestamp stands for.
    package mutating func follow(timestamp new: UInt32, captured: Instant) {
        isKnown = true
        isReported = true
        timestamp = new
        moment = captured.nanoseconds
    }

    /// The moment that timestamp stands for, or nil before the first packet.
    package func instant(of timestamp: UInt32) -> Instant? {
        guard isKnown else { return nil }
        let step = clock.nanoseconds(from: self.timestamp, to: timestamp)
        return Instant(nanoseconds: moment &+ step)
    }

    /// The timestamp that stands for that moment, or nil before the first packet.
    package func timestamp(at instant: Instant) -> UInt32? {
        guard isKnown else { return nil }
        let ticks = clock.ticks(instant.nanoseconds &- moment)
        return timestamp &+ UInt32(truncatingIfNeeded: ticks)
    }

    private mutating func restart(_ new: UInt32, at time: Int64) {
        isKnown = true
        isReported = false
        timestamp = new
        moment = time
    }
}
