import Basics
import Coordination
import Rehearsal
import Testing

/// Whole clusters in virtual time. A failure is its seed: put that seed alone in `arguments` to play
/// the same run again.
@Suite struct `A simulated cluster` {
    @Test(arguments: UInt64(0)..<60)
    func `keeps each call with one host, whatever befalls it`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var pace = seed % 2 == 0 ? Pace.lan : Pace.wan
        pace.continuesAlone = false
        let scenario = Scenario(
            nodes: [2, 3, 5][Int(seed % 3)],
            pace: pace,
            hasSentinels: seed % 4 == 3,
            weather: Scenario.Weather(),
            using: &random
        )
        var cluster = SimulatedCluster(scenario, seed: seed)
        let report = cluster.run()
        #expect(report.violations.isEmpty, "seed \(seed)")
        #expect(report.placed > 0)
    }
}
