import Rehearsal
import Testing

@testable import roost_drill

@Suite struct `A rehearsal's run` {
    /// What a run tells, and what it comes to.
    private struct Told: Equatable {
        var outcome: RehearsalRun.Outcome
        var broken: [UInt64] = []
        /// The seeds up to which it was told, in order.
        var ends: [UInt64] = []
    }

    private func run(
        _ seeds: Range<UInt64>,
        threads: Int,
        flaws: Set<PlantedFault> = [],
        until end: UInt64 = .max
    ) async -> Told {
        var told = Told(outcome: RehearsalRun.Outcome(next: 0))
        let run = RehearsalRun(seeds: seeds, threads: threads, flaws: flaws) { outcome, broken in
            told.broken += broken.map(\.seed)
            told.ends.append(outcome.next)
            return outcome.next < end
        }
        told.outcome = await run.play()
        return told
    }

    @Test func `comes to the same on any number of threads, in the order of the seeds`() async {
        let seeds = UInt64(70)..<70 + 2 * RehearsalRun.batch + 7
        // With a mistake that shows in some of them.
        let one = await run(seeds, threads: 1, flaws: [.gateIsIgnored])
        let three = await run(seeds, threads: 3, flaws: [.gateIsIgnored])
        #expect(one == three)
        #expect(!one.broken.isEmpty)
        #expect(one.outcome.broken == one.broken.count)
        #expect(one.broken == one.broken.sorted())
        #expect(one.ends == [120, 170, 177])
        #expect(one.outcome.schedules == seeds.count)
        #expect(one.outcome.next == seeds.upperBound)
    }

    @Test func `ends where it is told to, and has then played all before that`() async {
        let told = await run(0..<10_000, threads: 2, until: 60)
        #expect(told.outcome.schedules < 300)
        #expect(UInt64(told.outcome.schedules) == told.outcome.next)
    }
}
