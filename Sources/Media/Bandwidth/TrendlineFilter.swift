/// How fast the queue on the path grows: the slope of a line through the smoothed delays of the last
/// twenty groups, in milliseconds of delay a millisecond of time.
///
/// The delay of a group is not known, since the clocks differ, but its growth from group to group is;
/// the sum of these is the delay but for a constant. Smoothing takes the jitter out, least squares
/// the slope. It stands where the draft has its Kalman filter (draft-ietf-rmcat-gcc-02 section 5.3);
/// all browsers have gone over to a line.
package struct TrendlineFilter: Sendable {
    private static let window = 20
    private static let smoothing = 0.9

    private var times = InlineArray<20, Double>(repeating: 0)
    private var delays = InlineArray<20, Double>(repeating: 0)
    private var accumulated = 0.0
    private var smoothed = 0.0
    private var start = 0.0
    /// All groups so far.
    package private(set) var count = 0
    /// Above zero: the queue grows. Zero until the window is full.
    package private(set) var slope = 0.0

    package init() {}

    package mutating func add(_ step: PacketGroups.Step) {
        if count == 0 { start = step.arrival }
        accumulated += step.arrived - step.sent
        smoothed = Self.smoothing * smoothed + (1 - Self.smoothing) * accumulated
        let place = count % Self.window
        times[place] = step.arrival - start
        delays[place] = smoothed
        count += 1
        if count >= Self.window { slope = leastSquares() ?? slope }
    }

    /// Nil if all groups came at once.
    private func leastSquares() -> Double? {
        var timeSum = 0.0
        var delaySum = 0.0
        for index in times.indices {
            timeSum += times[index]
            delaySum += delays[index]
        }
        let timeMean = timeSum / Double(Self.window)
        let delayMean = delaySum / Double(Self.window)
        var numerator = 0.0
        var denominator = 0.0
        for index in times.indices {
            let time = times[index] - timeMean
            numerator += time * (delays[index] - delayMean)
            denominator += time * time
        }
        return denominator > 0 ? numerator / denominator : nil
    }
}
