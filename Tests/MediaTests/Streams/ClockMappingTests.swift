import Basics
import Media
import Testing

@Suite struct `A clock mapping` {
    @Test func `knows nothing before the first packet`() {
        let mapping = ClockMapping(clockRate: 90_000)
        #expect(mapping.instant(of: 7) == nil && mapping.timestamp(at: .milliseconds(1)) == nil)
    }

    @Test func `goes by the quickest packet until a report comes`() {
        var mapping = ClockMapping(clockRate: 90_000)
        mapping.received(timestamp: 0, at: .milliseconds(1_040))
        mapping.received(timestamp: 9_000, at: .milliseconds(1_110))
        mapping.received(timestamp: 18_000, at: .milliseconds(1_290))
        #expect(mapping.instant(of: 0) == .milliseconds(1_010))
        #expect(mapping.timestamp(at: .milliseconds(1_110)) == 9_000)
        #expect(mapping.timestamp(at: .milliseconds(1_000)) == 0 &- 900)
    }

    @Test func `goes by the publisher's report from then on`() {
        var mapping = ClockMapping(clockRate: 90_000)
        var clock = PublisherClock()
        mapping.received(timestamp: 90_000, at: .milliseconds(2_000))
        mapping.reported(ntp: 100 << 32, timestamp: 99_000, clock: &clock, at: .milliseconds(2_000))
        #expect(mapping.instant(of: 99_000) == .milliseconds(2_000))
        #expect(mapping.instant(of: 90_000) == .milliseconds(1_900))
        mapping.received(timestamp: 108_000, at: .milliseconds(2_050))
        #expect(mapping.instant(of: 108_000) == .milliseconds(2_100))
    }

    @Test func `keeps lips with the voice however the two streams travel`() {
        var clock = PublisherClock()
        var voice = ClockMapping(clockRate: 48_000)
        var picture = ClockMapping(clockRate: 90_000)
        var random = SeededRandom(seed: 7)
        // The publisher's clock says 1000 s at our 10 s, and its streams count from different ends.
        for second in 0..<600 {
            let ntp = UInt64(1_000 + second) << 32
            let late = Int.random(in: 5...80, using: &random)
            let later = Int.random(in: 5...80, using: &random)
            let sound = UInt32(truncatingIfNeeded: 0xFFFF_0000 + second * 48_000)
            let image = UInt32(truncatingIfNeeded: 0x7FFF_0000 + second * 90_000)
            let now = 10_000 + second * 1_000
            voice.received(timestamp: sound, at: .milliseconds(now + late))
            picture.received(timestamp: image, at: .milliseconds(now + later + 100))
            voice.reported(ntp: ntp, timestamp: sound, clock: &clock, at: .milliseconds(now + late))
            picture.reported(
                ntp: ntp,
                timestamp: image,
                clock: &clock,
                at: .milliseconds(now + later)
            )
            let apart = (voice.instant(of: sound)! - picture.instant(of: image)!).milliseconds
            #expect(abs(apart) <= 1, "second \(second): \(apart) ms apart")
            let delay = (voice.instant(of: sound)! - .milliseconds(now)).milliseconds
            #expect((0...80).contains(delay), "second \(second): \(delay) ms from the truth")
            if second > 100 { #expect(delay <= 12, "second \(second): \(delay) ms") }
        }
    }

    @Test func `follows a clock that runs faster than ours`() {
        var clock = PublisherClock()
        // 100 parts in a million: half a second in an hour and a half.
        for second in 0..<5_000 {
            let now = Instant(nanoseconds: Int64(second) * 999_900_000)
            let isBelieved = clock.reported(UInt64(second) << 32, at: now)
            if !isBelieved { Issue.record("the report of second \(second)") }
        }
        let off = (clock.instant(of: 4_999 << 32)! - .milliseconds(4_998_500)).milliseconds
        #expect(abs(off) <= 3, "\(off)")
    }

    @Test func `follows a clock that runs slower than ours`() {
        var clock = PublisherClock()
        for second in 0..<5_000 {
            let now = Instant(nanoseconds: Int64(second) * 1_000_100_000)
            let isBelieved = clock.reported(UInt64(second) << 32, at: now)
            if !isBelieved { Issue.record("the report of second \(second)") }
        }
        let off = (clock.instant(of: 4_999 << 32)! - .milliseconds(4_999_499)).milliseconds
        #expect(abs(off) <= 4, "\(off)")
    }

    @Test func `believes that a clock was set, but not that one report was slow`() {
        var clock = PublisherClock()
        #expect(clock.reported(100 << 32, at: .milliseconds(0)) == true)
        #expect(clock.reported(101 << 32, at: .milliseconds(4_000)) == false)
        #expect(clock.reported(105 << 32, at: .milliseconds(5_000)) == true)
        #expect(clock.instant(of: 105 << 32) == .milliseconds(5_000))
        #expect(clock.reported(50 << 32, at: .milliseconds(6_000)) == false)
        #expect(clock.reported(51 << 32, at: .milliseconds(7_000)) == false)
        #expect(clock.reported(52 << 32, at: .milliseconds(8_000)) == true)
        #expect(clock.instant(of: 52 << 32) == .milliseconds(8_000))
        #expect(clock.reported(900 << 32, at: .milliseconds(9_000)) == true)
        #expect(clock.instant(of: 900 << 32) == .milliseconds(9_000))
    }

    @Test func `refuses reports that cannot be true`() {
        var mapping = ClockMapping(clockRate: 90_000)
        var clock = PublisherClock()
        mapping.received(timestamp: 90_000, at: .milliseconds(1_000))
        // The packet would have come two seconds before it was captured, or ten after.
        for wrong in [90_000 - 180_000, 90_000 + 900_000] {
            mapping.reported(
                ntp: 5 << 32,
                timestamp: UInt32(truncatingIfNeeded: wrong),
                clock: &clock,
                at: .milliseconds(1_000)
            )
            #expect(mapping.instant(of: 90_000) == .milliseconds(1_000))
        }
        #expect(mapping.refusedReports == 2)
    }

    @Test func `starts anew when timestamps leap`() {
        var mapping = ClockMapping(clockRate: 90_000)
        var clock = PublisherClock()
        mapping.received(timestamp: 0, at: .milliseconds(0))
        mapping.reported(ntp: 1 << 32, timestamp: 0, clock: &clock, at: .milliseconds(0))
        mapping.received(timestamp: 2_000_000_000, at: .milliseconds(33))
        #expect(mapping.instant(of: 2_000_000_000) == .milliseconds(33))
        #expect(mapping.timestamp(at: .milliseconds(133)) == 2_000_009_000)
    }

    @Test func `holds for days, though timestamps come round`() {
        var mapping = ClockMapping(clockRate: 90_000)
        var isTrue = true
        for second in stride(from: 0, to: 400_000, by: 50) {
            let timestamp = UInt32(truncatingIfNeeded: second * 90_000)
            let now = Instant.milliseconds(second * 1_000 + 20)
            mapping.received(timestamp: timestamp, at: now)
            isTrue = isTrue && mapping.instant(of: timestamp) == now
        }
        #expect(isTrue)
    }

    @Test(arguments: UInt64(0)..<200)
    func `goes there and back`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let rate = random.happens(50) ? 48_000 : 90_000
        var mapping = ClockMapping(clockRate: rate)
        let start = UInt32(truncatingIfNeeded: random.next())
        mapping.received(
            timestamp: start,
            at: .milliseconds(.random(in: 0..<1 << 40, using: &random))
        )
        var worst: UInt32 = 0
        for _ in 0..<20 {
            let timestamp = start &+ UInt32.random(in: 0..<1 << 30, using: &random)
            let there = mapping.instant(of: timestamp)
            let back = there.flatMap { mapping.timestamp(at: $0) } ?? 0
            worst = max(worst, Int32(bitPattern: timestamp &- back).magnitude)
        }
        #expect(worst <= 1, "seed \(seed)")
    }
}

extension Duration {
    var milliseconds: Int { Int(self / .milliseconds(1)) }
}
