/// Whether the path is given more than it carries, told from the slope of its delay
/// (draft-ietf-rmcat-gcc-02 section 5.4).
///
/// The slope is held against a threshold that adapts: it rises towards slopes that exceed it, so that
/// a flow in a queue which others fill too is not starved, and falls slowly, so that it is sensitive
/// again when they have gone. Overuse must last 10 ms and two groups, and not be receding.
package struct OveruseDetector: Sendable {
    package enum Verdict: Equatable, Sendable {
        case normal
        case overuse
        /// The queue drains.
        case underuse
    }

    private static let gain = 4.0
    private static let mostGroups = 60
    private static let leastOveruse = 10.0
    private static let raise = 0.0087
    private static let lower = 0.039
    private static let farOff = 15.0

    package private(set) var threshold = 12.5
    package private(set) var verdict = Verdict.normal
    /// How long, in milliseconds, and in how many groups the threshold has been exceeded.
    private var overuseTime: Double?
    private var overuseGroups = 0
    private var previousSlope = 0.0
    private var lastAdaptation: Double?

    package init() {}

    /// `step` from one group to the next and `now`, in milliseconds on one clock each.
    package mutating func add(_ trend: TrendlineFilter, step: Double, now: Double) {
        let groups = min(trend.count, Self.mostGroups)
        guard groups >= 2 else { return }
        let delay = Double(groups) * trend.slope * Self.gain
        if delay > threshold {
            // It has been exceeded since about the middle of the first step.
            let time = (overuseTime ?? -step / 2) + step
            overuseTime = time
            overuseGroups += 1
            if time > Self.leastOveruse, overuseGroups > 1, trend.slope >= previousSlope {
                overuseTime = 0
                overuseGroups = 0
                verdict = .overuse
            }
        } else {
            overuseTime = nil
            overuseGroups = 0
            verdict = delay < -threshold ? .underuse : .normal
        }
        previousSlope = trend.slope
        adapt(to: delay < 0 ? -delay : delay, now: now)
    }

    private mutating func adapt(to delay: Double, now: Double) {
        let elapsed = min(max(now - (lastAdaptation ?? now), 0), 100)
        lastAdaptation = now
        // A sudden jump, of a path that changed, is not to be learned from.
        guard delay <= threshold + Self.farOff else { return }
        let speed = delay < threshold ? Self.lower : Self.raise
        threshold = min(max(threshold + speed * (delay - threshold) * elapsed, 6), 600)
    }
}
