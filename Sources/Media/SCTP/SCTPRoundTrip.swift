internal import Basics

/// How long to wait for an answer before asking again (RFC 9260 section 6.3.1).
///
/// The deviation is never taken for less than a delayed SACK may add, or else a chunk that came alone
/// would be sent twice on every quiet path.
struct SCTPRoundTrip {
    private(set) var timeout: Duration
    private var smoothed: Duration?
    private var deviation = Duration.zero
    private let floor: Duration
    private let ceiling: Duration
    private let leastMargin: Duration

    init(_ configuration: SCTPConfiguration) {
        timeout = configuration.initialRTO
        floor = configuration.minRTO
        ceiling = configuration.maxRTO
        leastMargin = configuration.ackDelay + .milliseconds(20)
    }

    /// The time between a chunk that was sent once and the SACK that first acknowledged it.
    mutating func measure(_ sample: Duration) {
        let sample = max(sample, .zero)
        if let mean = smoothed {
            let error = mean > sample ? mean - sample : sample - mean
            deviation = deviation * 3 / 4 + error / 4
            smoothed = mean * 7 / 8 + sample / 8
        } else {
            smoothed = sample
            deviation = sample / 2
        }
        let margin = max(deviation * 4, leastMargin)
        timeout = min(max((smoothed ?? sample) + margin, floor), ceiling)
    }

    /// Nobody answered in time (section 6.3.3, rule E2).
    mutating func backOff() {
        timeout = min(timeout * 2, ceiling)
    }
}
