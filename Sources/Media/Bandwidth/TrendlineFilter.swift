/// How fast the queue on the path grows: the slope of a line through the smoothed delays of the last
/// twenty groups, in milliseconds of delay a millisecond of time.
///
/// The delay of a group is not known, since the clocks differ, but its growth from group to group is;
/// the sum of these is the delay but for a constant. Smoothing takes the jitter out, least squares
/// the slope. It stands where the draft has its Kalman filter (draft-ietf-rmcat-gcc-02 section 5.3);
/// all browsers have gone over to a line.
///
/// A listener's report may tell of fifty groups, and there are many listeners: so a group is added to
/// sums and another taken from them, rather than twenty summed up each time. Once in twenty they are
/// summed up anew, from the oldest time on, so that neither rounding nor the size of the times grows.
package struct TrendlineFilter: Sendable {
    private static let window = 20
    private static let smoothing = 0.9

    private struct Point: BitwiseCopyable {
        var time = 0.0
        var delay = 0.0
    }

    /// Of all points, their times and delays counted from `origin`.
    private struct Sums: BitwiseCopyable {
        var time = 0.0
        var delay = 0.0
        var square = 0.0
        var product = 0.0

        mutating func add(_ point: Point, from origin: Point, times sign: Double = 1) {
            let time = point.time - origin.time
            let delay = point.delay - origin.delay
            self.time += sign * time
            self.delay += sign * delay
            square += sign * time * time
            product += sign * time * delay
        }
    }

    private var points = InlineArray<20, Point>(repeating: Point())
    private var origin = Point()
    private var sums = Sums()
    private var place = 0
    private var accumulated = 0.0
    private var smoothed = 0.0
    /// All groups so far.
    package private(set) var count = 0
    /// Above zero: the queue grows. Zero until the window is full.
    package private(set) var slope = 0.0

    package init() {}

    package mutating func add(_ step: PacketGroups.Step) {
        accumulated += step.arrived - step.sent
        smoothed = Self.smoothing * smoothed + (1 - Self.smoothing) * accumulated
        let point = Point(time: step.arrival, delay: smoothed)
        if count >= Self.window { sums.add(points[place], from: origin, times: -1) }
        points[place] = point
        sums.add(point, from: origin)
        count += 1
        place += 1
        if place == Self.window {
            place = 0
            sumUp()
        }
        if count >= Self.window { setSlope() }
    }

    private mutating func sumUp() {
        origin = points[0]
        sums = Sums()
        for index in 0..<Self.window { sums.add(points[index], from: origin) }
    }

    /// Leaves it as it was if all groups came at once.
    private mutating func setSlope() {
        let count = Double(Self.window)
        let spread = sums.square - sums.time * sums.time / count
        guard spread > 1e-6 else { return }
        slope = (sums.product - sums.time * sums.delay / count) / spread
    }
}
