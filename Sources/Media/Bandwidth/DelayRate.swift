/// What the path may be given, as its delay tells: more, step by step, while the queue does not
/// grow; 85 % of what arrives when it does (draft-ietf-rmcat-gcc-02 section 5.5).
///
///                 normal                overuse
///     increase <----------- hold <-------------------- any: times 0.85
///         ^                  ^
///         +--- underuse -----+   the queue drains: wait until it has
///
/// What differs from the draft comes from forwarding layers as they are instead of encoding to a
/// rate: much less than the estimate may be on its way for minutes. Then nothing is learned from its
/// good arrival (at most half as much again as arrives is believed), and a first overuse costs 15 %
/// of the estimate instead of cutting it down to the little that was sent: a radio's hiccup is more
/// often the reason than a path that shrank to a fraction. A second one within a second is believed.
package struct DelayRate: Sendable {
    /// What was seen since the last update. Rates in bits a second, times in seconds.
    package struct Measured {
        package var verdict: OveruseDetector.Verdict
        /// What arrives, over a short and a long window.
        package var arriving: Double?
        package var arrivingLong: Double?
        package var sending: Double
        package var roundTrip: Double

        package init(
            verdict: OveruseDetector.Verdict,
            arriving: Double?,
            arrivingLong: Double?,
            sending: Double,
            roundTrip: Double
        ) {
            self.verdict = verdict
            self.arriving = arriving
            self.arrivingLong = arrivingLong
            self.sending = sending
            self.roundTrip = roundTrip
        }
    }

    private static let backOff = 0.85
    private static let growth = 0.08

    package private(set) var rate: Double
    private let range: ClosedRange<Double>
    private var isHolding = true
    private var lastUpdate: Double?
    private var rateBeforeFading: Double?
    private var lastCut = -Double.infinity
    private var capacity = LinkCapacity()

    package init(start: Double, range: ClosedRange<Double>) {
        self.range = range
        rate = min(max(start, range.lowerBound), range.upperBound)
    }

    /// `now` in seconds.
    package mutating func update(_ seen: Measured, now: Double) {
        let elapsed = min(max(now - (lastUpdate ?? now), 0), 1)
        lastUpdate = now
        switch seen.verdict {
        case .overuse: cut(seen, now)
        case .underuse: isHolding = true
        case .normal where isHolding: isHolding = false
        case .normal: increase(seen, elapsed)
        }
    }

    /// A probe arrived at this rate.
    package mutating func probed(_ result: Double) {
        guard result > rate else { return }
        set(result)
        capacity.forget()
    }

    /// Nothing is heard from the viewer.
    package mutating func fade() {
        rateBeforeFading = max(rateBeforeFading ?? 0, rate)
        set(rate * 0.8)
        isHolding = true
    }

    /// Something is heard again. More often it was the reports that were lost, not the path.
    package mutating func resume() {
        if let before = rateBeforeFading { set(max(rate, before / 2)) }
        rateBeforeFading = nil
    }

    private mutating func increase(_ seen: Measured, _ elapsed: Double) {
        let arriving = max(seen.arriving ?? 0, seen.arrivingLong ?? 0)
        guard arriving > 0 else { return }
        if let range = capacity.range, arriving > range.upperBound { capacity.forget() }
        let step: Double
        if let range = capacity.range, arriving > range.lowerBound {
            // Near where it gave in: one packet more each time an answer could have come.
            let frame = rate / 30
            let packet = frame / Double(Int(frame / 9_600) + 1)
            step = max(packet / (2 * (seen.roundTrip + 0.1)), 4_000) * elapsed
        } else {
            step = max(rate * Self.growth * elapsed, 1_000 * elapsed)
        }
        let believed = 1.5 * arriving + 10_000
        if rate < believed { set(min(rate + step, believed)) }
    }

    private mutating func cut(_ seen: Measured, _ now: Double) {
        isHolding = true
        let elapsed = now - lastCut
        guard elapsed >= min(max(seen.roundTrip, 0.01), 0.2) else { return }
        lastCut = now
        guard let arriving = seen.arriving ?? seen.arrivingLong else { return set(rate / 2) }
        // Between two frames the short window is nearly empty.
        let target = Self.backOff * max(arriving, 0.5 * (seen.arrivingLong ?? 0))
        if seen.sending < 0.6 * rate {
            // One may be a hiccup, or a layer that has just begun; two are neither.
            let isRepeated = elapsed < 1
            let most = isRepeated ? min(0.7 * rate, 2 * seen.sending) : Self.backOff * rate
            set(min(rate, max(target, most)))
        } else {
            if let range = capacity.range, arriving < range.lowerBound { capacity.forget() }
            capacity.add(arriving)
            set(min(rate, target))
        }
    }

    private mutating func set(_ value: Double) {
        rate = min(max(value, range.lowerBound), range.upperBound)
    }
}
