import Basics
import Media
import Testing

@Suite struct `A trendline filter` {
    /// Each group comes later than the one before by so much more: the slope is the growth a time.
    @Test(arguments: [0.1, 0.5, 1.0, -0.1])
    func `finds the slope of a ramp`(growth: Double) {
        var filter = TrendlineFilter()
        for step in steps(count: 200, spacing: 10, growth: growth) { filter.add(step) }
        // A ramp on the receiver's clock, which the growth itself makes longer.
        let expected = growth / (10 + growth)
        #expect(abs(filter.slope - expected) < 0.01 * abs(expected))
    }

    /// Against twenty points summed up each time, over a day of them.
    @Test(arguments: UInt64(0)..<5)
    func `gives the slope of its last twenty points`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var filter = TrendlineFilter()
        var points: [(time: Double, delay: Double)] = []
        var (arrival, sum, smoothed) = (Double.random(in: 0..<1e9, using: &random), 0.0, 0.0)
        for index in 0..<5_000 {
            let growth = Double.random(in: -3..<3.2, using: &random)
            arrival += index.isMultiple(of: 1_000) ? 60_000 : 10 + growth
            let step = PacketGroups.Step(sent: 10, arrived: 10 + growth, arrival: arrival)
            filter.add(step)
            sum += step.arrived - step.sent
            smoothed = 0.9 * smoothed + (1 - 0.9) * sum
            points = points.suffix(19) + [(arrival, smoothed)]
            guard points.count == 20 else { continue }
            let time = points.reduce(0) { $0 + $1.time } / 20
            let delay = points.reduce(0) { $0 + $1.delay } / 20
            let product = points.reduce(0) { $0 + ($1.time - time) * ($1.delay - delay) }
            let square = points.reduce(0) { $0 + ($1.time - time) * ($1.time - time) }
            #expect(abs(filter.slope - product / square) < 1e-6, "at \(index)")
        }
    }

    @Test func `says nothing before its window is full`() {
        var filter = TrendlineFilter()
        for step in steps(count: 19, spacing: 10, growth: 5) { filter.add(step) }
        #expect(filter.slope == 0)
    }

    @Test func `sees no slope when all groups come at once`() {
        var filter = TrendlineFilter()
        for _ in 0..<40 { filter.add(PacketGroups.Step(sent: 5, arrived: 0, arrival: 77)) }
        #expect(filter.slope == 0)
    }

    @Test(arguments: UInt64(0)..<20)
    func `is not misled by jitter around no growth`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var filter = TrendlineFilter()
        var detector = OveruseDetector()
        var (arrival, late) = (0.0, 0.0)
        for index in 0..<600 {
            let next = Double.random(in: 0..<4, using: &random)
            let step = PacketGroups.Step(sent: 10, arrived: 10 + next - late, arrival: arrival)
            late = next
            arrival += step.arrived
            filter.add(step)
            detector.add(filter, step: 10, now: Double(index) * 10)
            #expect(detector.verdict != .overuse, "at group \(index)")
        }
    }
}

@Suite struct `An overuse detector` {
    @Test func `sees a queue grow, then drain`() {
        let verdicts = verdicts(of: steps(count: 100, spacing: 10, growth: 0))
        #expect(verdicts.allSatisfy { $0 == .normal })

        let growing = steps(count: 60, spacing: 10, growth: 2)
        #expect(self.verdicts(of: growing).contains(.overuse))

        let draining = self.verdicts(of: growing + steps(count: 60, spacing: 10, growth: -2))
        #expect(draining.contains(.underuse))
    }

    /// A queue that gains 20 % of the time is seen within half a second.
    @Test func `needs less than half a second for a queue that gains a fifth of the time`() {
        let calm = steps(count: 60, spacing: 10, growth: 0)
        let verdicts = verdicts(of: calm + steps(count: 60, spacing: 10, growth: 2))
        let first = verdicts.firstIndex(of: .overuse)
        #expect(first.map { $0 - 60 < 50 } == true)
    }

    @Test func `lets its threshold down slowly and not below six`() {
        var filter = TrendlineFilter()
        var detector = OveruseDetector()
        for (index, step) in steps(count: 400, spacing: 10, growth: 0).enumerated() {
            filter.add(step)
            detector.add(filter, step: 10, now: Double(index) * 10)
        }
        #expect(detector.threshold == 6)
    }

    @Test func `does not learn from a jump`() {
        var filter = TrendlineFilter()
        var detector = OveruseDetector()
        for (index, step) in steps(count: 40, spacing: 10, growth: 30).enumerated() {
            filter.add(step)
            detector.add(filter, step: 10, now: Double(index) * 10)
        }
        #expect(detector.threshold <= 12.5)
        #expect(detector.verdict == .overuse)
    }

    private func verdicts(of steps: [PacketGroups.Step]) -> [OveruseDetector.Verdict] {
        var filter = TrendlineFilter()
        var detector = OveruseDetector()
        var now = 0.0
        return steps.map { step in
            now += step.arrived
            filter.add(
                PacketGroups.Step(sent: step.sent, arrived: step.arrived, arrival: now)
            )
            detector.add(filter, step: step.sent, now: now)
            return detector.verdict
        }
    }
}

@Suite struct `Packet groups` {
    @Test func `join what left within five milliseconds`() {
        var groups = PacketGroups()
        #expect(groups.add(sent: 0, arrival: 100_000) == nil)
        #expect(groups.add(sent: 5_000, arrival: 104_000) == nil)
        #expect(groups.add(sent: 20_000, arrival: 121_000) == nil, "one group has no step")
        let step = groups.add(sent: 40_000, arrival: 141_000)
        #expect(step == PacketGroups.Step(sent: 15, arrived: 17, arrival: 121))
    }

    @Test func `join what came at once though it left further apart`() {
        var groups = PacketGroups()
        _ = groups.add(sent: 0, arrival: 100_000)
        // Held on the way, and let go together.
        _ = groups.add(sent: 10_000, arrival: 130_000)
        _ = groups.add(sent: 20_000, arrival: 131_000)
        _ = groups.add(sent: 30_000, arrival: 132_000)
        let step = groups.add(sent: 60_000, arrival: 160_000)
        #expect(step == PacketGroups.Step(sent: 30, arrived: 32, arrival: 132))
    }

    @Test func `begin anew when the clock jumps, and when it runs backwards`() {
        var groups = PacketGroups()
        for index in 0..<5 as Range<Int64> {
            _ = groups.add(sent: index * 20_000, arrival: index * 20_000)
        }
        #expect(groups.add(sent: 100_000, arrival: 9_000_000) != nil, "the group before")
        #expect(groups.add(sent: 120_000, arrival: 9_020_000) == nil, "a jump")
        #expect(groups.add(sent: 140_000, arrival: 9_040_000) == nil)
        #expect(groups.add(sent: 160_000, arrival: 9_060_000) == nil)
        #expect(groups.add(sent: 180_000, arrival: 9_080_000)?.arrived == 20)
    }

    @Test func `pass over what is told out of order`() {
        var groups = PacketGroups()
        _ = groups.add(sent: 50_000, arrival: 50_000)
        #expect(groups.add(sent: 10_000, arrival: 60_000) == nil)
        _ = groups.add(sent: 70_000, arrival: 70_000)
        #expect(groups.add(sent: 90_000, arrival: 90_000)?.sent == 20)
    }
}

private func steps(count: Int, spacing: Double, growth: Double) -> [PacketGroups.Step] {
    var arrival = 0.0
    return (0..<count).map { _ in
        arrival += spacing + growth
        return PacketGroups.Step(sent: spacing, arrived: spacing + growth, arrival: arrival)
    }
}
