import Basics
import Media
import Testing

@Suite struct `An NTP time` {
    @Test func `counts from 1900`() {
        #expect(NTPTime(WallTime(seconds: 0)).rawValue == 0x83AA_7E80_0000_0000)
        let half = NTPTime(WallTime(seconds: 0, nanoseconds: 500_000_000))
        #expect(half.rawValue == 0x83AA_7E80_8000_0000)
        #expect(half.compact == 0x7E80_8000)
    }

    @Test func `begins anew in 2036, and differences don't notice`() {
        let before = NTPTime(WallTime(seconds: 2_085_978_495))
        let after = NTPTime(WallTime(seconds: 2_085_978_497))
        #expect(before.rawValue >> 32 == 0xFFFF_FFFF)
        #expect(after.rawValue >> 32 == 1)
        #expect(after.nanoseconds(since: before) == 2_000_000_000)
        #expect(before.nanoseconds(since: after) == -2_000_000_000)
    }

    @Test(arguments: UInt64(0)..<20)
    func `moves by as much as it is told, to the grain of a nanosecond`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let start = NTPTime(rawValue: random.next())
        for _ in 0..<100 {
            let reach = Int64(1) << Int64.random(in: 1...60, using: &random)
            let step = Int64.random(in: -reach...reach, using: &random)
            let moved = start.advanced(byNanoseconds: step)
            #expect(abs(moved.nanoseconds(since: start) - step) <= 1, "\(step)")
        }
    }

    @Test func `as a delay is in 1/65536 s and stays in its bits`() {
        #expect(NTPTime.compact(nanoseconds: 1_500_000_000) == 0x1_8000)
        #expect(NTPTime.compact(nanoseconds: -1) == 0)
        #expect(NTPTime.compact(nanoseconds: .max) == .max)
        #expect(NTPTime.compact(nanoseconds: 65_535_999_999_999) == .max)
    }
}
