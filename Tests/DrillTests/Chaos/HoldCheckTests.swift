import Basics
import Testing
import roost_drill

/// Histories of claimants, each a line of who had which mutex or place when.
@Suite struct `The verdict on what claimants held` {
    private var history = DrillHistory(cast: [])
    private static let overlap = Duration.milliseconds(600)

    private static func moment(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: 0) + .milliseconds(milliseconds)
    }

    private mutating func tell(
        _ claimant: Int,
        _ kind: DrillHistory.Hold.Kind,
        _ fence: String,
        _ name: String = "mutex1",
        at milliseconds: Int64
    ) {
        let hold = DrillHistory.Hold(kind, name, fence)
        history.entries.append(
            DrillHistory.Entry(at: Self.moment(milliseconds), .held(claimant: claimant, hold))
        )
    }

    private mutating func has(
        _ claimant: Int,
        _ fence: String,
        _ name: String = "mutex1",
        since: Int64,
        at: Int64
    ) {
        tell(claimant, .has(since: Self.moment(since)), fence, name, at: at)
    }

    private mutating func tell(_ what: DrillHistory.Happening, at milliseconds: Int64) {
        history.entries.append(DrillHistory.Entry(at: Self.moment(milliseconds), what))
    }

    private var broken: [Violation.Rule] {
        HoldCheck(history, mayOverlap: Self.overlap).violations.map(\.rule)
    }

    @Test mutating func `is that one after another is as it should be`() {
        has(0, "1.1", since: 0, at: 10)
        tell(0, .uses, "1.1", at: 20)
        tell(0, .frees, "1.1", at: 21)
        has(1, "1.2", since: 5, at: 22)
        tell(1, .uses, "1.2", at: 30)
        #expect(broken == [])
        #expect(HoldCheck(history, mayOverlap: Self.overlap).holds == 2)
    }

    @Test mutating func `sees that one used what another already had`() {
        has(0, "1.1", since: 0, at: 10)
        has(1, "1.2", since: 5, at: 22)
        tell(0, .uses, "1.1", at: 23)
        #expect(broken == [.mutexes])
    }

    @Test mutating func `lets one go on that had it when the other had only asked`() {
        has(0, "1.1", since: 0, at: 10)
        tell(0, .uses, "1.1", at: 29)
        has(1, "1.2", since: 5, at: 30)
        #expect(broken == [])
    }

    @Test mutating func `sees fences that fall`() {
        has(0, "1.2", since: 0, at: 10)
        tell(0, .frees, "1.2", at: 11)
        has(1, "1.1", since: 12, at: 13)
        #expect(broken == [.mutexes])
    }

    @Test mutating func `sees a fence that two have had, of a place too`() {
        has(0, "1.1", "place1", since: 0, at: 10)
        tell(0, .frees, "1.1", "place1", at: 11)
        has(1, "1.1", "place1", since: 12, at: 13)
        #expect(broken.contains(.places))
    }

    @Test mutating func `passes over who is killed, but not before it used it for the last time`() {
        has(0, "1.1", "place1", since: 0, at: 10)
        tell(0, .uses, "1.1", "place1", at: 500)
        // Taken over: asked for by nobody.
        tell(1, .uses, "1.2", "place1", at: 501)
        // And then asked for by who has it already.
        has(1, "1.2", "place1", since: 510, at: 511)
        #expect(broken == [])
        tell(0, .uses, "1.1", "place1", at: 502)
        #expect(broken == [.places])
    }

    @Test
    mutating func
        `leaves out what a primary that was cut off still gave, under the older generation`()
    {
        tell(.struck(.redisSplit, node: nil, channels: []), at: 100)
        has(1, "2.1", since: 1_000, at: 2_000)
        tell(1, .uses, "2.1", at: 2_500)
        has(0, "1.7", since: 2_100, at: 2_101)
        tell(0, .uses, "1.7", at: 2_200)
        #expect(broken == [])
        tell(0, .uses, "1.7", at: 2_601)
        #expect(broken == [.mutexes])
    }

    @Test(arguments: [(599, false), (601, true)])
    mutating func `forgives who has a primary that was cut off, as long as a confirmation counts`(
        milliseconds: Int64,
        isBroken: Bool
    ) {
        has(0, "1.1", since: 0, at: 10)
        tell(.struck(.redisSplit, node: nil, channels: []), at: 100)
        has(1, "2.1", since: 1_000, at: 2_000)
        tell(0, .uses, "1.1", at: 2_000 + milliseconds)
        tell(.mended(.redisSplit, node: nil), at: 5_000)
        #expect(broken == (isBroken ? [.mutexes] : []))
    }

    @Test mutating func `keeps names apart`() {
        has(0, "1.1", "mutex1", since: 0, at: 10)
        has(1, "1.2", "mutex2", since: 0, at: 11)
        tell(0, .uses, "1.1", "mutex1", at: 12)
        #expect(broken == [])
    }
}
