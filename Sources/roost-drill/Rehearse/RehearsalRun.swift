internal import Rehearsal

/// Drawn schedules of consecutive seeds, several at once, told of in the order of their seeds.
struct RehearsalRun {
    /// What all up to a seed have shown.
    struct Outcome: Equatable, Sendable {
        /// The seed after the last of them.
        var next: UInt64
        var schedules = 0
        var steps = 0
        var fences = 0
        var takenOver = 0
        var generations = 0
        var broken = 0
        /// The sum of all courses.
        var course: UInt64 = 0

        func rate(over time: Duration) -> Double { Double(schedules) / (time / .seconds(60)) }
    }

    /// So many seeds are played by one thread before it is told of them.
    static let batch: UInt64 = 50

    private struct Batch: Sendable {
        var first: UInt64
        var outcome: Outcome
        var broken: [(seed: UInt64, violation: Report.Violation)] = []
    }

    var seeds: Range<UInt64>
    var threads: Int
    var flaws: Set<PlantedFault> = []
    /// Is told after each batch what all up to it have shown, and what broke in it. False ends the run.
    var report: (Outcome, [(seed: UInt64, violation: Report.Violation)]) -> Bool

    func play() async -> Outcome {
        var total = Outcome(next: seeds.lowerBound)
        var (next, goesOn) = (seeds.lowerBound, true)
        // Those that are done before an earlier one is.
        var early: [UInt64: Batch] = [:]
        await withTaskGroup(of: Batch.self) { group in
            func begin() {
                guard goesOn, next < seeds.upperBound else { return }
                let end = min(next + Self.batch, seeds.upperBound)
                group.addTask { [seeds = next..<end, flaws] in
                    await Self.play(seeds, flaws)
                }
                next = end
            }
            for _ in 0..<threads { begin() }
            for await done in group {
                early[done.first] = done
                while let batch = early.removeValue(forKey: total.next) {
                    total.add(batch.outcome)
                    goesOn = report(total, batch.broken) && goesOn
                }
                begin()
            }
        }
        return total
    }

    @concurrent
    private static func play(_ seeds: Range<UInt64>, _ flaws: Set<PlantedFault>) async -> Batch {
        var batch = Batch(first: seeds.lowerBound, outcome: Outcome(next: seeds.upperBound))
        for seed in seeds {
            var cluster = SimulatedCluster(.drawn(seed), seed: seed, flaws: flaws)
            let report = cluster.run()
            batch.outcome.count(report)
            for violation in report.violations.prefix(1) {
                batch.broken.append((seed, violation))
            }
        }
        return batch
    }
}

extension RehearsalRun.Outcome {
    fileprivate mutating func count(_ report: Report) {
        schedules += 1
        steps += report.steps
        fences += report.fences
        takenOver += report.takenOver
        generations += report.generations
        broken += report.violations.isEmpty ? 0 : 1
        course &+= report.course
    }

    fileprivate mutating func add(_ later: Self) {
        next = later.next
        schedules += later.schedules
        steps += later.steps
        fences += later.fences
        takenOver += later.takenOver
        generations += later.generations
        broken += later.broken
        course &+= later.course
    }
}
