import Basics
import Coordination
import Rehearsal
import Testing

/// Members that keep their load even among themselves, in virtual time. A failure is its seed.
@Suite struct `A simulated balance` {
    private func loads(_ seed: UInt64) -> [[UInt64]] {
        var random = SeededRandom(seed: seed)
        let count = [2, 3, 3, 5, 9][Int(seed % 5)]
        return (0..<count).map { node in
            let most = node == 0 ? 40 : Int.random(in: 0...20, using: &random)
            return (0..<most).map { _ in
                UInt64([1, 2, 3, 5, 5, 8, 12, 40].randomElement(using: &random) ?? 5)
            }
        }
    }

    @Test(arguments: UInt64(0)..<6)
    func `comes to rest, and lets no call go to and fro, whatever happens`(block: UInt64) {
        var moves = 0
        for seed in block * 8..<block * 8 + 8 {
            var rehearsal = BalanceRehearsal(loads(seed), .init(), seed: seed)
            let report = rehearsal.run()
            #expect(report.violations.isEmpty, "seed \(seed)")
            moves += report.moves
        }
        #expect(moves > 50)
    }

    @Test(arguments: UInt64(0)..<6)
    func `is even in calm weather after as few moves as it takes`(block: UInt64) {
        for seed in block * 12..<block * 12 + 12 {
            let loads = loads(seed)
            var rehearsal = BalanceRehearsal(loads, .calm, seed: seed)
            let report = rehearsal.run()
            #expect(report.violations.isEmpty, "seed \(seed)")
            #expect(report.mostMovesOfOne <= 1, "seed \(seed)")
            let sums = loads.map { $0.reduce(0, +) }
            let mean = sums.reduce(0, +) / UInt64(sums.count)
            let excess = sums.reduce(0) { $0 + ($1 > mean ? $1 - mean : 0) }
            #expect(report.movedPeople <= excess + 40, "seed \(seed)")
            let heaviest = report.loads.max() ?? 0
            #expect(heaviest <= mean * 12 / 10 + 40, "seed \(seed): \(report.loads)")
        }
    }

    @Test func `spreads calls that have all begun on one node`() {
        var rehearsal = BalanceRehearsal(
            [Array(repeating: 5, count: 60), [], []],
            .calm,
            seed: 1
        )
        let report = rehearsal.run()
        #expect(report.violations.isEmpty)
        #expect(report.loads.allSatisfy { 90...110 ~= $0 }, "\(report.loads)")
        #expect((36...40).contains(report.moves))
        // Four at a time, of one giver, with five seconds in between.
        #expect(report.lastMove < 90_000, "\(report.lastMove) ms")
    }

    @Test func `plays the same again from the same seed`() {
        var one = BalanceRehearsal(loads(7), .init(), seed: 7)
        var other = BalanceRehearsal(loads(7), .init(), seed: 7)
        #expect(one.run() == other.run())
    }

    @Test(arguments: BalanceFlaw.allCases)
    func `shows every mistake that is made on purpose`(flaw: BalanceFlaw) {
        for seed in UInt64(0)..<200 {
            var rehearsal = BalanceRehearsal(loads(seed), .init(), seed: seed, flaw: flaw)
            if !rehearsal.run().violations.isEmpty { return }
        }
        Issue.record("200 seeds did not show it")
    }
}
