import Basics
import Testing
import roost_drill

@Suite struct `A spread of durations` {
    @Test func `agrees with sorting, to a sixtieth`() {
        var random = SeededRandom(seed: 4)
        for _ in 0..<20 {
            var spread = Spread()
            var all: [Double] = []
            let scale = UInt64(1) << UInt64.random(in: 4..<34, using: &random)
            for _ in 0..<2_000 {
                let value = UInt64.random(in: 0..<scale, using: &random)
                spread.note(.nanoseconds(Int64(value)))
                all.append(Double(value))
            }
            let sample = Sample(all)
            for percent in [1.0, 50, 90, 99, 99.9, 100] {
                let exact = sample.percentile(percent)
                let found = spread.percentile(percent) / .nanoseconds(1)
                #expect(found >= exact && found <= exact * 1.017 + 1)
            }
        }
    }

    @Test func `is nothing of nothing`() {
        #expect(Spread().percentile(99) == .zero)
    }

    @Test func `keeps the longest, however long`() {
        var spread = Spread()
        spread.note(.seconds(4_000))
        #expect(spread.percentile(50) == .seconds(4_000))
    }

    @Test func `tells what came since`() {
        var spread = Spread()
        for _ in 0..<10 { spread.note(.milliseconds(100)) }
        let before = spread
        for _ in 0..<10 { spread.note(.milliseconds(1)) }
        let since = spread.since(before)
        #expect(since.count == 10)
        #expect(since.percentile(99) < .milliseconds(1.1))
        #expect(spread.percentile(99) > .milliseconds(99))
    }

    @Test func `adds up`() {
        var (one, other) = (Spread(), Spread())
        one.note(.milliseconds(1))
        other.note(.milliseconds(9))
        one.add(other)
        #expect(one.count == 2)
        #expect(one.most == .milliseconds(9))
    }

    @Test func `adds up and tells what came since, wherever each of the two lies`() {
        var random = SeededRandom(seed: 5)
        for _ in 0..<50 {
            var (one, other, both) = (Spread(), Spread(), Spread())
            let (first, second) = (
                Int64.random(in: 1...40, using: &random), Int64.random(in: 1...40, using: &random)
            )
            for _ in 0..<Int.random(in: 0...50, using: &random) {
                let value = Duration.nanoseconds(Int64.random(in: 0..<1 << first, using: &random))
                one.note(value)
                both.note(value)
            }
            let before = both
            for _ in 0..<Int.random(in: 0...50, using: &random) {
                let value = Duration.nanoseconds(Int64.random(in: 0..<1 << second, using: &random))
                other.note(value)
                both.note(value)
            }
            one.add(other)
            let since = both.since(before)
            #expect(one.count == both.count && since.count == other.count)
            for percent in [0.0, 10, 50, 90, 100] {
                #expect(one.percentile(percent) == both.percentile(percent))
                // Of what was taken away the longest is not known.
                #expect(since.percentile(percent) >= other.percentile(percent))
                #expect(
                    since.percentile(percent) / .nanoseconds(1) <= other.percentile(percent)
                        / .nanoseconds(1) * 1.017 + 1
                )
            }
        }
    }
}
