import Basics
import Media
import Testing

@Suite struct `A send side estimator` {
    @Test func `numbers packets one after the other, and wraps`() {
        var estimator = SendSideEstimator()
        for index in 0..<70_000 {
            let number = estimator.sent(size: 1_200, at: .ms(Int64(index)))
            #expect(number == UInt16(truncatingIfNeeded: index))
        }
    }

    @Test func `begins where the settings say, and stays in their range`() {
        let settings = SendSideEstimator.Settings(
            start: .kilobits(10),
            least: .kilobits(100),
            most: .kilobits(50)
        )
        let estimator = SendSideEstimator(settings)
        #expect(estimator.estimate == .kilobits(100))
    }

    @Test func `passes over numbers it never gave, and clocks that make no sense`() {
        var random = SeededRandom(seed: 4)
        var estimator = SendSideEstimator()
        for step in 0..<5_000 as Range<Int64> {
            _ = estimator.sent(size: .random(in: 0...90_000, using: &random), at: .ms(step))
            estimator.beginFeedback(
                referenceTime: UInt32(truncatingIfNeeded: random.next()),
                at: .ms(step)
            )
            for _ in 0..<5 {
                let offset = Int(truncatingIfNeeded: random.next())
                estimator.acknowledge(
                    UInt16(truncatingIfNeeded: random.next()),
                    offset: Bool.random(using: &random) ? offset : nil
                )
            }
            estimator.endFeedback(at: .ms(step))
            let isSane = (.kilobits(30)...(.kilobits(20_000))).contains(estimator.estimate)
            #expect(isSane)
        }
    }

    @Test func `knows the round trip from the newest packet of a report`() {
        var estimator = SendSideEstimator()
        let first = estimator.sent(size: 1_000, at: .ms(1_000))
        let second = estimator.sent(size: 1_000, at: .ms(1_020))
        estimator.beginFeedback(referenceTime: 5, at: .ms(1_060))
        estimator.acknowledge(first, offset: 0)
        estimator.acknowledge(second, offset: 80)
        estimator.endFeedback(at: .ms(1_060))
        #expect(estimator.roundTrip == .milliseconds(40))
    }

    @Test(arguments: [1, 4, 8, 20] as [Int64])
    func `knows what left within two seconds, however often that is`(pause: Int64) {
        var estimator = SendSideEstimator()
        var sent: [(number: UInt16, milli: Int64)] = []
        for milli in stride(from: 0 as Int64, to: 9_000, by: Int(pause)) {
            sent.append((estimator.sent(size: 1_000, at: .ms(milli)), milli))
            guard milli > 0, milli % 100 == 0 else { continue }
            // Its report comes after all that has left meanwhile.
            guard let packet = sent.last(where: { $0.milli <= max(milli - 1_950, 0) }) else {
                continue
            }
            estimator.beginFeedback(referenceTime: 0, at: .ms(milli))
            estimator.acknowledge(packet.number, offset: Int(packet.milli) * 4)
            estimator.endFeedback(at: .ms(milli))
            // As long as it takes until there is room for the most, and the mean of them is what it is.
            guard milli > 8_000 else { continue }
            #expect(estimator.roundTrip >= .milliseconds(1_900))
            #expect(estimator.roundTrip <= .milliseconds(1_970))
        }
    }

    @Test func `does not fade for a viewer that never reports, nor while nothing is sent`() {
        var estimator = SendSideEstimator()
        for index in 0..<200 as Range<Int64> {
            _ = estimator.sent(size: 1_000, at: .ms(index * 20))
        }
        #expect(estimator.deadline == nil)
        let number = estimator.sent(size: 1_000, at: .ms(4_000))
        estimator.beginFeedback(referenceTime: 0, at: .ms(4_050))
        estimator.acknowledge(number, offset: 0)
        estimator.endFeedback(at: .ms(4_050))
        estimator.advance(to: .ms(60_000))
        #expect(estimator.estimate == .kilobits(500))
        #expect(estimator.deadline == nil)
    }

    @Test func `fades when reports cease, and takes half of it back when they return`() {
        var estimator = SendSideEstimator()
        let number = estimator.sent(size: 1_000, at: .ms(0))
        estimator.beginFeedback(referenceTime: 0, at: .ms(50))
        estimator.acknowledge(number, offset: 0)
        estimator.endFeedback(at: .ms(50))
        var last: UInt16 = 0
        for index in 0..<500 as Range<Int64> {
            last = estimator.sent(size: 1_000, at: .ms(100 + index * 20))
            if let deadline = estimator.deadline, deadline <= .ms(100 + index * 20) {
                estimator.advance(to: .ms(100 + index * 20))
            }
        }
        #expect(estimator.estimate < .kilobits(60))
        #expect(estimator.estimate >= .kilobits(30))
        estimator.beginFeedback(referenceTime: 2, at: .ms(10_150))
        estimator.acknowledge(last, offset: 0)
        estimator.endFeedback(at: .ms(10_150))
        #expect(estimator.estimate == .kilobits(250))
    }

    @Test func `asks for padding when more is sought, and takes what arrived for true`() {
        var estimator = SendSideEstimator()
        estimator.seek(.kilobits(1_000), at: .ms(0))
        var sent: [(UInt16, Int64)] = []
        var bytes = 0
        for milli in 0..<200 as Range<Int64> {
            var due = estimator.paddingDue(at: .ms(milli))
            while due > 0 {
                let size = min(due, 1_200)
                sent.append((estimator.sent(size: size, at: .ms(milli)), milli))
                bytes += size
                due -= size
            }
        }
        #expect((12_000...13_200).contains(bytes))
        estimator.beginFeedback(referenceTime: 0, at: .ms(300))
        for (number, milli) in sent { estimator.acknowledge(number, offset: Int(milli) * 4) }
        estimator.endFeedback(at: .ms(300))
        #expect(estimator.estimate > .kilobits(900))
        #expect(estimator.estimate < .kilobits(1_250))
    }
}
