import Basics
import Testing
import Wire

@Suite struct `A date of HTTP` {
    private let now = HTTPDate(secondsSince1970: 1_790_000_000)  // in 2026

    private func seconds(_ text: String) -> Int64? {
        HTTPDate(parsing: text.utf8.span, now: now)?.secondsSince1970
    }

    private func text(_ seconds: Int64) -> String {
        String(decoding: HTTPDate(secondsSince1970: seconds).bytes, as: UTF8.self)
    }

    @Test func `is read in each of its three forms`() {
        #expect(seconds("Sun, 06 Nov 1994 08:49:37 GMT") == 784_111_777)
        #expect(seconds("Sunday, 06-Nov-94 08:49:37 GMT") == 784_111_777)
        #expect(seconds("Sun Nov  6 08:49:37 1994") == 784_111_777)
        #expect(seconds("Sun Nov 06 08:49:37 1994") == 784_111_777)
        #expect(seconds("Sat Nov 26 08:49:37 1994") == 785_839_777)
    }

    @Test(
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_772_323_199, "Sat, 28 Feb 2026 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ] as [(Int64, String)]
    )
    func `is written in the first`(moment: Int64, expected: String) {
        #expect(text(moment) == expected)
        #expect(seconds(expected) == moment)
    }

    @Test func `keeps to the years it can write`() {
        #expect(text(-5) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(text(.max) == "Fri, 31 Dec 9999 23:59:59 GMT")
    }

    @Test func `takes two digits of a year for the nearest one not far ahead`() {
        #expect(seconds("Friday, 01-Jan-77 00:00:00 GMT") == nil, "2077 is too far, 1977: Saturday")
        #expect(seconds("Saturday, 01-Jan-77 00:00:00 GMT") == 220_924_800)
        #expect(seconds("Wednesday, 01-Jan-76 00:00:00 GMT") == 3_345_062_400)
    }

    @Test(arguments: [
        "", "Sun", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 GMT ", " Sun, 06 Nov 1994 08:49:37 GMT",
        "Mon, 06 Nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT", "Wed, 29 Feb 2023 00:00:00 GMT",
        "Thu, 00 Jan 1970 00:00:00 GMT", "Wed, 31 Dec 1969 23:59:59 GMT",
        "Sun, 06 Nov +994 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994", "0", "784111777", "Fri, 31 Dec 9999 23:59:60 GMT",
    ])
    func `is not guessed at`(text: String) {
        #expect(seconds(text) == nil)
    }

    @Test func `counts a leap second to the next minute`() {
        #expect(seconds("Sat, 31 Dec 2016 23:59:60 GMT") == 1_483_228_800)
    }

    @Test(arguments: UInt64(0)..<20)
    func `survives being written and read`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            let moment = Int64.random(in: 0...253_402_300_799, using: &random)
            #expect(seconds(text(moment)) == moment, "seed \(seed)")
        }
    }
}
