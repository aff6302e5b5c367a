import Basics
import Coordination
import Foundation
import Rehearsal
import Testing

/// Whole clusters in virtual time. A failure is its seed: put that seed alone in `arguments` to play
/// the same run again.
@Suite struct `A simulated cluster` {
    /// A few here; `make rehearse SEEDS=10000` plays so many.
    static let seeds = ProcessInfo.processInfo.environment["ROOST_SEEDS"].flatMap(UInt64.init) ?? 24

    @Test(arguments: UInt64(0)..<8)
    func `keeps each call with one host, whatever befalls it`(part: UInt64) {
        for seed in stride(from: part, to: Self.seeds, by: 8) {
            var cluster = SimulatedCluster(Self.drawn(seed), seed: seed)
            let report = cluster.run()
            #expect(report.violations.isEmpty, "seed \(seed)")
            #expect(report.placed > 0)
        }
    }

    /// Each of these was a violation of a draft; see `Schedule` for what befalls the cluster.
    @Test(arguments: Schedule.allCases)
    func `gets through what has broken drafts`(schedule: Schedule) {
        let found = schedule.firstViolation(among: 0..<2)
        #expect(found == nil, "seed \(found.map { "\($0)" } ?? "")")
    }

    @Test func `lets a node with the old master overlap for no longer than a confirmation counts`()
    {
        let found = Schedule.firstViolation(among: 0..<4) { seed in
            Schedule.three(
                [
                    Mishap(
                        .failOver(losing: .milliseconds(200), leaving: [0]),
                        at: Schedule.later(seed, than: 3_500),
                        for: .seconds(3)
                    )
                ],
                hasSentinels: true
            )
        }
        #expect(found == nil)
    }

    @Test func `fences nobody while nothing happens`() {
        for seed in UInt64(0)..<2 {
            var cluster = SimulatedCluster(Schedule.three([]), seed: seed)
            let report = cluster.run()
            #expect(report.violations.isEmpty)
            #expect(report.fences == 0)
        }
    }

    @Test func `plays the same again from the same seed`() {
        var one = SimulatedCluster(Self.drawn(5), seed: 5)
        var other = SimulatedCluster(Self.drawn(5), seed: 5)
        #expect(one.run() == other.run())
    }

    @Test func `goes on within a moment when a guard sees a process end`() {
        var cluster = SimulatedCluster(kill(isSeen: true), seed: 3)
        let report = cluster.run()
        #expect(report.violations.isEmpty)
        #expect(report.takenOver > 0)
        #expect(report.vacancy < 60, "\(report.vacancy) ms")
    }

    @Test func `goes on within two leases when nobody sees it`() {
        var cluster = SimulatedCluster(kill(isSeen: false), seed: 3)
        let report = cluster.run()
        #expect(report.violations.isEmpty)
        #expect(report.takenOver > 0)
        #expect((700..<1_400).contains(report.vacancy), "\(report.vacancy) ms")
    }

    private func kill(isSeen: Bool) -> Scenario {
        Schedule.three(
            (0..<3).map { node in
                Mishap(
                    .kill(node, isSeen: isSeen),
                    at: .milliseconds(2_500 + node * 1_800),
                    for: .milliseconds(100)
                )
            },
            restlessness: 0
        )
    }

    private static func drawn(_ seed: UInt64) -> Scenario {
        var random = SeededRandom(seed: seed)
        var pace = seed % 2 == 0 ? Pace.lan : Pace.wan
        pace.continuesAlone = false
        return Scenario(
            nodes: [2, 3, 3, 5][Int(seed % 4)],
            pace: pace,
            hasSentinels: seed % 3 == 2,
            weather: Scenario.Weather(),
            using: &random
        )
    }
}

/// A check that can't fail is worth nothing, so each is shown what it is for.
@Suite struct `A planted fault` {
    @Test func `of voting against one's promise is found`() {
        expect(.promisesAreBroken, among: 0..<20, .livingOnPromises)
    }

    @Test func `of tokens without a generation is found`() {
        expect(.tokensWithoutGeneration, among: 0..<30, .forgetfulRedis)
    }

    @Test func `of not adopting claims whose answer was lost is found`() {
        expect(.claimsAreNotAdopted, among: 0..<60, .lostAnswers)
    }

    @Test func `of not saying again what one hosts is found`() {
        expect(.nothingIsSaidAgain, among: 0..<20, .newcomerToAnEmptyRedis)
    }

    @Test func `of counting deadlines from answers is found`() {
        expect(.deadlinesFromAnswers, among: 0..<60, .lateAnswer)
    }

    @Test func `of ending a call unconditionally is found`() {
        expect(.endIsUnconditional, among: 0..<80, .storm)
    }

    @Test func `of declaring dead who has moved since is found`() {
        expect(.evictionIsBlind, among: 0..<60, .storm)
    }

    /// What a node had placed before it lost its right would look valid for ever. Adoption would heal
    /// it too, so it is left out here; that it alone does no harm in this schedule is shown first.
    @Test func `of coming back under the same life is found`() {
        let healed = Schedule.briefIsolation.firstViolation(
            among: 0..<3,
            flaws: [.claimsAreNotAdopted]
        )
        #expect(healed == nil)
        let found = Schedule.briefIsolation.firstViolation(
            among: 0..<10,
            flaws: [.claimsAreNotAdopted, .placesForgetLives]
        )
        #expect(found != nil)
    }

    private func expect(
        _ flaw: PlantedFault,
        among seeds: Range<UInt64>,
        _ schedule: Schedule
    ) {
        let found = schedule.firstViolation(among: seeds, flaws: [flaw])
        #expect(found != nil, "\(flaw) went unseen through \(seeds)")
    }
}
