import Testing
import roost_drill

@Suite struct `A sample` {
    @Test func `has the percentiles of its numbers, in whatever order they came`() {
        let sample = Sample((1...100).map(Double.init).shuffled())
        #expect(sample.median == 50)
        #expect(sample.percentile(99) == 99)
        #expect(sample.percentile(100) == 100)
        #expect(sample.percentile(0) == 1)
    }

    @Test func `of one number is that number, and of none is 0`() {
        #expect(Sample([7]).percentile(99) == 7)
        #expect(Sample([7]).median == 7)
        #expect(Sample([]).median == 0)
    }
}
