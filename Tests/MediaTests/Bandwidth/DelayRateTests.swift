import Media
import Testing

@Suite struct `A delay rate` {
    @Test func `grows by eight percent a second, after one report to hold`() {
        var rate = DelayRate(start: 1_000_000, range: 30_000...20_000_000)
        for step in 0...10 { rate.update(seen(.normal), now: Double(step) / 10) }
        #expect(abs(rate.rate - 1_083_000) < 3_000)
    }

    @Test func `does not believe more than half as much again as arrives`() {
        var rate = DelayRate(start: 1_000_000, range: 30_000...20_000_000)
        for step in 0..<200 {
            rate.update(seen(.normal, arriving: 700_000), now: Double(step) / 10)
        }
        #expect(rate.rate == 1_060_000)
    }

    @Test func `stays where it is while less arrives, and while a queue drains`() {
        var rate = DelayRate(start: 1_000_000, range: 30_000...20_000_000)
        for step in 0..<100 {
            rate.update(seen(.normal, arriving: 100_000), now: Double(step) / 10)
        }
        #expect(rate.rate == 1_000_000)
        for step in 100..<200 { rate.update(seen(.underuse), now: Double(step) / 10) }
        #expect(rate.rate == 1_000_000)
    }

    @Test func `falls to 85 % of what arrives when that was asked for`() {
        var rate = DelayRate(start: 1_000_000, range: 30_000...20_000_000)
        rate.update(seen(.overuse, arriving: 600_000), now: 1)
        #expect(rate.rate == 510_000)
    }

    @Test func `falls once a round trip`() {
        var rate = DelayRate(start: 1_000_000, range: 30_000...20_000_000)
        rate.update(seen(.overuse, arriving: 900_000), now: 1)
        rate.update(seen(.overuse, arriving: 500_000), now: 1.04)
        #expect(rate.rate == 765_000)
        rate.update(seen(.overuse, arriving: 500_000), now: 1.06)
        #expect(rate.rate == 425_000)
    }

    @Test func `loses little to a hiccup when it was not filled, and more to a second`() {
        var rate = DelayRate(start: 3_000_000, range: 30_000...20_000_000)
        rate.update(seen(.overuse, arriving: 300_000, sending: 400_000), now: 1)
        #expect(rate.rate == 2_550_000)
        rate.update(seen(.overuse, arriving: 300_000, sending: 400_000), now: 1.3)
        #expect(rate.rate == 800_000)
    }

    @Test func `grows slowly near where it gave in`() {
        var rate = DelayRate(start: 1_000_000, range: 30_000...20_000_000)
        rate.update(seen(.overuse, arriving: 1_000_000), now: 1)
        for step in 12...32 {
            rate.update(seen(.normal, arriving: 990_000), now: Double(step) / 10)
        }
        // Two seconds at one packet of 7 kbit each 300 ms, after two reports that only hold.
        #expect(rate.rate > 880_000 && rate.rate < 905_000)
    }

    @Test func `takes a probe for true when it found more`() {
        var rate = DelayRate(start: 1_000_000, range: 30_000...5_000_000)
        rate.probed(900_000)
        #expect(rate.rate == 1_000_000)
        rate.probed(2_000_000)
        #expect(rate.rate == 2_000_000)
        rate.probed(9_000_000)
        #expect(rate.rate == 5_000_000)
    }

    private func seen(
        _ verdict: OveruseDetector.Verdict,
        arriving: Double = 1_000_000,
        sending: Double = 1_000_000
    ) -> DelayRate.Measured {
        DelayRate.Measured(
            verdict: verdict,
            arriving: arriving,
            arrivingLong: arriving,
            sending: sending,
            roundTrip: 0.05
        )
    }
}

@Suite struct `An acknowledged rate` {
    @Test func `follows a fall over its short window, and bridges pauses over its long one`() {
        var rate = AcknowledgedRate()
        for step in 0..<100 as Range<Int64> { rate.add(bytes: 1_250, arrival: step * 10_000) }
        #expect(rate.short.map { abs($0 - 1_000_000) < 50_000 } == true)
        #expect(rate.long.map { abs($0 - 1_000_000) < 50_000 } == true)
        for step in 100..<125 as Range<Int64> { rate.add(bytes: 125, arrival: step * 10_000) }
        #expect(rate.short.map { $0 < 150_000 } == true)
        #expect(rate.long.map { $0 > 500_000 } == true)
    }

    @Test func `knows nothing before a quarter of a second`() {
        var rate = AcknowledgedRate()
        for step in 0..<25 as Range<Int64> { rate.add(bytes: 1_000, arrival: step * 10_000) }
        #expect(rate.short == nil)
        #expect(rate.long == nil)
    }

    @Test func `counts late arrivals for their time, and starts anew after a jump`() {
        var rate = AcknowledgedRate()
        for step in 0..<100 as Range<Int64> where step != 90 {
            rate.add(bytes: 1_000, arrival: step * 10_000)
        }
        let before = rate.short ?? 0
        rate.add(bytes: 1_000, arrival: 900_000)
        #expect((rate.short ?? 0) > before)
        rate.add(bytes: 1_000, arrival: -90_000_000)
        #expect(rate.short == nil)
    }
}
