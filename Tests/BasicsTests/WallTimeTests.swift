import Basics
import Foundation
import Testing

@Suite struct `A wall time` {
    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.000Z"),
        (951_782_400, "2000-02-29T00:00:00.000Z"),
        (4_107_542_399, "2100-02-28T23:59:59.000Z"),
        (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        (-62_167_219_200, "0000-01-01T00:00:00.000Z"),
        (253_402_300_799, "9999-12-31T23:59:59.000Z"),
        (.min, "0000-01-01T00:00:00.000Z"),
        (.max, "9999-12-31T23:59:59.000Z"),
    ])
    func `is written as RFC 3339 says`(seconds: Int64, text: String) {
        #expect(WallTime(seconds: seconds).rfc3339 == text)
    }

    @Test(arguments: UInt64(0)..<200)
    func `has the date that Foundation's calendar gives it`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        for _ in 0..<50 {
            let seconds = Int64.random(in: -11_000_000_000...253_402_300_799, using: &random)
            let date = Date(timeIntervalSince1970: Double(seconds))
            let parts = calendar.dateComponents(
                [.year, .month, .day, .hour, .minute, .second, .weekday],
                from: date
            )
            let civil = WallTime(seconds: seconds).civil
            #expect(civil.year == parts.year && civil.month == parts.month, "\(seconds)")
            #expect(civil.day == parts.day && civil.hour == parts.hour, "\(seconds)")
            #expect(civil.minute == parts.minute && civil.second == parts.second, "\(seconds)")
            #expect(civil.weekday + 1 == parts.weekday, "\(seconds)")
        }
    }

    @Test(arguments: [Int64(0), 1, -1, 999, -1_000, 1_795_230_759_123, .max, .min])
    func `survives a trip through milliseconds`(milliseconds: Int64) {
        let time = WallTime(milliseconds: milliseconds)
        #expect(0..<1_000_000_000 ~= time.nanoseconds)
        #expect(time.milliseconds == milliseconds)
    }

    @Test func `comes as near as it can when milliseconds cannot hold it`() {
        #expect(WallTime(seconds: .max, nanoseconds: 999_999_999).milliseconds == .max)
        #expect(WallTime(seconds: .min).milliseconds == .min)
    }
}
