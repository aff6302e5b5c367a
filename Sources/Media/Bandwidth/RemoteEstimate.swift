package import Basics

/// The estimate for a viewer that has no transport-cc: what it says itself (REMB,
/// draft-alvestrand-rmcat-remb-03), and what its receiver reports say of losses.
///
/// REMB is an upper bound and holds for ten seconds, since browsers repeat it every second and fall
/// silent when nothing arrives. Without it the estimate is that of losses alone: 8 % more each
/// second without any, up to half as much again as is sent.
package struct RemoteEstimate: Sendable {
    private let settings: SendSideEstimator.Settings
    private var lossRate: LossRate
    private var rate: Double
    private var bound: Double?
    private var boundUntil = Instant(nanoseconds: .min)
    private var lastReport: Instant?

    package init(_ settings: SendSideEstimator.Settings = .init()) {
        self.settings = settings
        let range = settings.least.fraction...settings.most.fraction
        lossRate = LossRate(range: range)
        rate = min(max(settings.start.fraction, range.lowerBound), range.upperBound)
    }

    /// The viewer said so itself.
    package mutating func received(_ maximum: Bitrate, at now: Instant) {
        bound = max(maximum, settings.least).fraction
        boundUntil = now + .seconds(10)
    }

    /// A receiver report: `packets` were expected since the last one, `lost` did not come; `sending`
    /// is what we send.
    package mutating func received(packets: Int, lost: Int, sending: Bitrate, at now: Instant) {
        let elapsed = lastReport.map { Double(now.nanoseconds &- $0.nanoseconds) / 1e9 } ?? 1
        lastReport = now
        guard packets > 0, elapsed > 0 else { return }
        let missing = min(max(lost, 0), packets)
        let window = LossRate.Window(
            packets: packets,
            lost: missing,
            seconds: min(elapsed, 5),
            sending: sending.fraction
        )
        guard !lossRate.update(window, rate: rate), lossRate.limit == nil else { return }
        let believed = 1.5 * sending.fraction + 10_000
        if rate < believed {
            rate = min(rate * (1 + 0.08 * min(elapsed, 2)), believed, settings.most.fraction)
        }
    }

    package func estimate(at now: Instant) -> Bitrate {
        let told = now < boundUntil ? bound : nil
        // What the viewer says is measured; our own guess from losses counts when it says nothing.
        let base = told ?? rate
        let limited = min(base, lossRate.limit ?? .infinity, settings.most.fraction)
        return Bitrate(fraction: max(limited, settings.least.fraction))
    }
}
