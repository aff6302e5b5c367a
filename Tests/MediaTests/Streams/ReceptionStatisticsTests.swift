import Basics
import Media
import Testing

@Suite struct `Reception statistics` {
    @Test func `say nothing before the first packet`() {
        var statistics = ReceptionStatistics(clockRate: 90_000)
        #expect(statistics.takeReport(at: .milliseconds(0)) == nil)
    }

    @Test func `count what is missing since the beginning and since the last report`() {
        var statistics = ReceptionStatistics(clockRate: 48_000)
        for number in UInt64(65_530)..<65_630 where number % 4 != 0 {
            statistics.received(number, timestamp: 0, at: .milliseconds(0))
        }
        let first = statistics.takeReport(at: .milliseconds(0))
        #expect(first?.cumulativeLost == 25)
        #expect(first?.fractionLost == 64)
        #expect(first?.highestSequence == 65_629)
        for number in UInt64(65_630)..<65_700 {
            statistics.received(number, timestamp: 0, at: .milliseconds(0))
        }
        let second = statistics.takeReport(at: .milliseconds(0))
        #expect(second?.cumulativeLost == 25 && second?.fractionLost == 0)
    }

    @Test func `take back a loss when the packet comes late`() {
        var statistics = ReceptionStatistics(clockRate: 48_000)
        for number in [1, 3, 4, 2] as [UInt64] {
            statistics.received(number, timestamp: 0, at: .milliseconds(0))
        }
        #expect(statistics.takeReport(at: .milliseconds(0))?.cumulativeLost == 0)
    }

    @Test func `never say that more than everything was lost`() {
        var statistics = ReceptionStatistics(clockRate: 48_000)
        statistics.received(1, timestamp: 0, at: .milliseconds(0))
        _ = statistics.takeReport(at: .milliseconds(0))
        statistics.received(1 << 30, timestamp: 0, at: .milliseconds(0))
        let report = statistics.takeReport(at: .milliseconds(0))
        #expect(report?.fractionLost == 255 && report?.cumulativeLost == 0x7F_FFFF)
    }

    @Test func `see no jitter in a steady stream`() {
        var statistics = ReceptionStatistics(clockRate: 48_000)
        for number in 0..<200 {
            statistics.received(
                UInt64(number),
                timestamp: UInt32(truncatingIfNeeded: number * 960) &- 5_000,
                at: .milliseconds(number * 20)
            )
        }
        #expect(statistics.takeReport(at: .milliseconds(4_000))?.jitter == 0)
    }

    /// Every other packet 5 ms late: each transit differs from the last by 240 ticks.
    @Test func `approach the mean difference of transit times`() {
        var statistics = ReceptionStatistics(clockRate: 48_000)
        for number in 0..<400 {
            statistics.received(
                UInt64(number),
                timestamp: UInt32(number * 960),
                at: .milliseconds(number * 20 + number % 2 * 5)
            )
        }
        let jitter = statistics.takeReport(at: .milliseconds(9_000))?.jitter ?? 0
        #expect((238...241).contains(jitter), "\(jitter)")
    }

    @Test func `take a new clock for no jitter`() {
        var statistics = ReceptionStatistics(clockRate: 90_000)
        statistics.received(1, timestamp: 0, at: .milliseconds(0))
        statistics.received(2, timestamp: 2_000_000_000, at: .milliseconds(1))
        #expect(statistics.takeReport(at: .milliseconds(9_000))?.jitter == 0)
    }

    @Test func `echo the last sender report and its age`() {
        var statistics = ReceptionStatistics(clockRate: 90_000)
        statistics.received(1, timestamp: 0, at: .milliseconds(0))
        #expect(statistics.takeReport(at: .milliseconds(0))?.lastReport == 0)
        statistics.reported(ntp: 0x1111_2222_3333_4444, at: .milliseconds(1_000))
        let report = statistics.takeReport(at: .milliseconds(3_500))
        #expect(report?.lastReport == 0x2222_3333)
        #expect(report?.delay == 163_840)
        #expect(statistics.takeReport(at: .milliseconds(90_000_000))?.delay == 65_535 << 16)
    }

    @Test func `tell the round trip to who gets them`() {
        let report = ReceptionReport(
            fractionLost: 0,
            cumulativeLost: 0,
            highestSequence: 0,
            jitter: 0,
            lastReport: 0xFFFF_0000,
            delay: 0x8000
        )
        #expect(report.roundTrip(receivedAt: 0xFFFF_C000) == .milliseconds(250))
        #expect(report.roundTrip(receivedAt: 0x0001_8000) == .seconds(2))
        #expect(report.roundTrip(receivedAt: 0xFFFF_7FF0) == .zero)
        #expect(report.roundTrip(receivedAt: 0xFFFF_0000) == nil)
        var other = report
        other.lastReport = 0
        #expect(other.roundTrip(receivedAt: 0xFFFF_C000) == nil)
    }
}
