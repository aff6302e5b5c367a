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
            var cluster = SimulatedCluster(Scenario.drawn(seed), seed: seed)
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

    /// Seeds that once showed something. 862: Redis forgot that a node was another process by now; when that had
    /// registered again, it was taken for the one that had ended. 31,372: what a member's record said in a Redis that had
    /// forgotten some was by chance the number from before, and was taken for a rest of a second. 20,670: a host that
    /// said itself that it had the call was not believed, since its new life was not known where Redis had forgotten it.
    /// 42,329: one that had been given a call in a Redis that was deposed just then said so while it was cut off, and the
    /// call's former host, which never heard of it, went on. 51,685: while all others were frozen, a newcomer to an
    /// emptied Redis placed their calls before the leases of those who then woke were over. 60,634: somebody had found a
    /// call not to be where it was said to be, a moment before it came there; it was then placed a second time, against the
    /// word of its host. 138,932: the same, where who placed it had heard that word itself, in a cluster of two, in which
    /// there is nobody else to be asked. 146,185: Redis was emptied twice, and one that had come in between, and had never
    /// heard of a host that was cut off from Redis all the while, did not wait for the word of the only other that it
    /// knew, which had. 603,140: the same, where that other was killed before it could be asked, and its promise to the host
    /// outlived it. 1,016,124: Redis forgot a node's process and had its former one again, and the one that lived on
    /// promises was taken for the one that had ended, by somebody who had just promised. 1,057,337: one that had been kept
    /// out while Redis changed, since it had its former process as alive, did not take itself for a newcomer to the next,
    /// which was emptied, and placed a call before the lease of its host was over. 1,051,141: Redis was emptied a second
    /// time before others had read the card of a process that had just come; they could not link to it, and without it
    /// were no majority, for ever. 1,113,745: a newcomer to a Redis that was older than its last generation began one of
    /// the same number; who knew the other could never go by it. So 1,140,390; 1,121,665 and 1,127,881 went with these.
    /// 1,181,320: two former processes of a node, which Redis had forgotten before they were declared dead, outnumbered
    /// the two nodes there were. 1,277,925: a host had told of itself in a life that Redis had forgotten; those who had
    /// heard it, and had its former life listed, said and believed that nobody was known.
    @Test(
        arguments: [
            UInt64(862), 8_426, 20_670, 31_372, 42_329, 51_685, 60_634, 138_932, 146_185, 603_140,
            1_016_124, 1_051_141, 1_057_337, 1_113_745, 1_121_665, 1_127_881, 1_140_390,
            1_181_320, 1_277_925,
        ]
    )
    func `gets through what has been found since`(seed: UInt64) {
        var cluster = SimulatedCluster(Scenario.drawn(seed), seed: seed)
        #expect(cluster.run().violations.isEmpty)
    }

    /// Whatever befalls it, what must hold does while calls also go from node to node for the load.
    @Test(arguments: UInt64(0)..<8)
    func `keeps each call with one host while nodes keep their load even`(part: UInt64) {
        var balanced = 0
        for seed in stride(from: part, to: Self.seeds, by: 8) {
            var scenario = Scenario.drawn(seed)
            scenario.balances = true
            scenario.channels = 8
            var cluster = SimulatedCluster(scenario, seed: seed)
            let report = cluster.run()
            #expect(report.violations.isEmpty, "seed \(seed)")
            balanced += report.balanced
        }
        #expect(balanced > 0)
    }

    @Test func `has rebalancers at work in every fourth schedule from a hundred thousand on`() {
        let all = UInt64(99_999)..<100_012
        #expect(all.filter { Scenario.drawn($0).balances } == [100_003, 100_007, 100_011])
    }

    @Test func `is even a moment after all calls were begun at one node`() {
        var scenario = Schedule.three([], restlessness: 0)
        scenario.balances = true
        scenario.channels = 8
        for seed in UInt64(0)..<4 {
            var cluster = SimulatedCluster(scenario, seed: seed)
            let report = cluster.run()
            #expect(report.violations.isEmpty)
            // No more than it takes, and none to and fro.
            #expect(report.balanced <= 8, "\(report.balanced)")
        }
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
        var one = SimulatedCluster(Scenario.drawn(5), seed: 5)
        var other = SimulatedCluster(Scenario.drawn(5), seed: 5)
        #expect(one.run() == other.run())
    }

    /// Whenever it is: also just after it has told Redis that it lives, of which the others have not read.
    @Test(arguments: UInt64(3)..<11)
    func `goes on within a moment when a guard sees a process end`(seed: UInt64) {
        var cluster = SimulatedCluster(kill(isSeen: true), seed: seed)
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
}

/// A check that can't fail is worth nothing, so each is shown what it is for.
@Suite struct `A planted fault` {
    @Test(arguments: PlantedFault.allCases)
    func `is found by the rehearsal that is to find it`(fault: PlantedFault) {
        #expect(fault.firstViolation() != nil, "\(fault) went unseen through \(fault.proof)")
    }

    /// What a node had placed before it lost its right would look valid for ever, were it not adopted.
    @Test
    func
        `of forgotten lives is looked for where what heals it is missing, which does no harm alone`()
    {
        let healed = Schedule.briefIsolation.firstViolation(
            among: 0..<3,
            flaws: [.claimsAreNotAdopted]
        )
        #expect(healed == nil)
    }
}
