import Basics
import Media
import Testing

@Suite struct `A resend budget` {
    @Test func `has one second's share at once`() {
        var budget = ResendBudget(of: .kilobits(2_000), at: .milliseconds(0))
        #expect(budget.spend(1_000, at: 0) == 25_000)
        #expect(budget.refused == 1_000)
    }

    @Test func `has 12 KB at once on a slow line`() {
        var budget = ResendBudget(of: .kilobits(100), at: .milliseconds(0))
        #expect(budget.spend(1_000, at: 0) == 12_000)
        #expect(budget.spend(125, at: 1_000) == 1_250)
    }

    @Test func `grows with time, to a second's share`() {
        var budget = ResendBudget(percent: 10, of: .kilobits(2_000), at: .milliseconds(0))
        _ = budget.spend(1_000, at: 0)
        #expect(budget.spend(100, at: 100) == 2_500)
        #expect(budget.spend(1_000, at: 3_600_000) == 25_000)
        #expect(budget.spend(1, at: 3_000_000) == 0, "time does not run back")
    }

    @Test func `follows the line`() {
        var budget = ResendBudget(of: .kilobits(8_000), at: .milliseconds(0))
        budget.setBitrate(.kilobits(1_600), at: .milliseconds(0))
        #expect(budget.spend(1_000, at: 0) == 20_000)
        #expect(budget.spend(1_000, at: 500) == 10_000)
        budget.setBitrate(Bitrate(rawValue: .max), at: .milliseconds(1_000))
        budget.setBitrate(Bitrate(rawValue: -1), at: .milliseconds(1_000))
        #expect(budget.spend(1_000, at: 9_000) <= 12_000)
    }

    @Test(arguments: UInt64(0)..<100)
    func `never gives more than its share and the first burst`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let percent = Int.random(in: 1...100, using: &random)
        let rate = Bitrate.kilobits(.random(in: 50...5_000, using: &random))
        var budget = ResendBudget(percent: percent, of: rate, at: .milliseconds(0))
        let share = Int(rate.rawValue) * percent / 800
        var spent = 0
        var time = 0
        for _ in 0..<300 {
            time += .random(in: 0...40, using: &random)
            let bytes = Int.random(in: 1...1_400, using: &random)
            if budget.take(bytes, at: .milliseconds(time)) { spent += bytes }
        }
        #expect(spent <= max(share, 12_000) + share * time / 1_000, "seed \(seed)")
    }
}

extension ResendBudget {
    /// Takes packets until one is refused.
    fileprivate mutating func spend(_ bytes: Int, at time: Int) -> Int {
        var spent = 0
        while take(bytes, at: .milliseconds(time)) { spent += bytes }
        return spent
    }
}
