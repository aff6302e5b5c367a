import Basics
import Media
import Testing

@Suite struct `A rate meter` {
    @Test func `knows nothing before a second has passed`() {
        var meter = RateMeter()
        #expect(meter.rate(at: .ms(5_000)) == nil)
        meter.count(bytes: 100, at: .ms(5_000))
        #expect(meter.rate(at: .ms(5_500)) == nil)
        #expect(meter.rate(at: .ms(6_100)) != nil)
    }

    @Test(arguments: UInt64(0)..<20)
    func `measures an even flow to a few percent`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var meter = RateMeter()
        let begin = Int64.random(in: 0..<1 << 40, using: &random)
        for step in 0..<500 as Range<Int64> {
            meter.count(bytes: 1_000, at: Instant(nanoseconds: begin + step * 10_000_000))
        }
        let rate = meter.rate(at: Instant(nanoseconds: begin + 4_995_000_000))
        #expect(rate.map { abs($0.rawValue - 800_000) < 16_000 } == true)
    }

    @Test func `forgets within a second, and begins again after a pause`() {
        var meter = RateMeter()
        for step in 0..<200 as Range<Int64> { meter.count(bytes: 1_000, at: .ms(step * 10)) }
        #expect(meter.rate(at: .ms(3_300)) == .zero)
        meter.count(bytes: 1_000, at: .ms(100_000))
        #expect(meter.rate(at: .ms(100_000)).map { $0 < .kilobits(10) } == true)
    }

    @Test func `is not upset by a clock that goes back`() {
        var meter = RateMeter()
        meter.count(bytes: 1_000, at: .ms(100_000))
        meter.count(bytes: 1_000, at: .ms(5))
        #expect(meter.rate(at: .ms(6)) == nil)
        #expect(meter.rate(at: .ms(102_000)) == .zero)
    }
}

@Suite struct `Layer rates` {
    @Test func `add up the temporal layers below`() {
        var rates = LayerRates()
        for step in 0..<400 as Range<Int64> {
            rates.count(bytes: 500, spatial: 1, temporal: Int(step % 2), at: .ms(step * 10))
        }
        let base = rates.rate(spatial: 1, temporal: 0, at: .ms(3_990))?.rawValue ?? 0
        let both = rates.rate(spatial: 1, temporal: 1, at: .ms(3_990))?.rawValue ?? 0
        #expect(abs(base - 200_000) < 8_000)
        #expect(abs(both - 400_000) < 16_000)
        #expect(rates.rate(spatial: 0, temporal: 1, at: .ms(3_990)) == nil)
    }

    @Test func `rise at once, fall by a tenth a second, and end with the layer`() {
        var rates = LayerRates()
        var known: [Int64] = []
        for step in 0..<1_200 as Range<Int64> {
            // Ten times less after four seconds.
            let bytes = step < 400 ? 1_000 : 100
            rates.count(bytes: bytes, spatial: 0, temporal: 0, at: .ms(step * 10))
            guard step % 20 == 19 else { continue }
            known.append(rates.rate(spatial: 0, temporal: 0, at: .ms(step * 10))?.rawValue ?? 0)
        }
        #expect((700_000...820_000).contains(known[19]))
        // Two seconds after the fall, and six.
        #expect((600_000...800_000).contains(known[29]))
        #expect((360_000...520_000).contains(known[49]))
        let now = rates.current(spatial: 0, temporal: 0, at: .ms(11_990))?.rawValue ?? 0
        #expect(abs(now - 80_000) < 5_000)
        #expect(rates.rate(spatial: 0, temporal: 0, at: .ms(13_500)) == nil)
    }

    @Test func `take layers beyond the fourth for the fourth`() {
        var rates = LayerRates()
        for step in 0..<200 as Range<Int64> {
            rates.count(bytes: 100, spatial: 9, temporal: 9, at: .ms(step * 10))
            rates.count(bytes: 100, spatial: -1, temporal: -1, at: .ms(step * 10))
        }
        #expect(rates.rate(spatial: 3, temporal: 3, at: .ms(1_990)) != nil)
        #expect(rates.rate(spatial: 0, temporal: 0, at: .ms(1_990)) != nil)
        rates.forget(spatial: 3)
        #expect(rates.rate(spatial: 3, temporal: 3, at: .ms(1_990)) == nil)
    }
}
