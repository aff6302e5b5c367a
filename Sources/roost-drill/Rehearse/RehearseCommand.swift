internal import Basics
internal import Glibc
internal import IO
internal import Rehearsal

/// `roost-drill rehearse`: whole clusters in virtual time, one schedule after the other, until one breaks what
/// must hold. First the simulator is tried itself: each planted fault must be found.
enum RehearseCommand {
    static let help = """
        roost-drill rehearse [--seeds N] [--from S] [--minutes M] [--threads T]

          --seeds N     how many drawn schedules (10000)
          --from S      the first seed (0); --from S --seeds 1 plays one again
          --minutes M   stop after that time, however many were played
          --threads T   how many are played at once (one for each processor)

        Each schedule is a cluster of two to five nodes with what befalls it, eleven seconds of its time. Exit
        code 1 if something was violated or a planted fault was not found; a failure names its seed. The number
        called course stands for all that happened: two builds with the same one have played the same.
        """

    private struct Terms {
        var seeds: UInt64 = 10_000
        var from: UInt64 = 0
        var length: Duration?
        var threads = max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1)
    }

    /// The exit code.
    static func run(_ arguments: [String]) async throws -> Int32 {
        var terms = Terms()
        var rest = arguments[...]
        while let option = rest.popFirst() {
            if option == "--help" || option == "-h" {
                Terminal.say(help)
                return 0
            }
            guard let value = rest.popFirst() else {
                throw DrillFault("\(option) is not known, or needs a value\n\n\(help)", code: 2)
            }
            try take(option, value, into: &terms)
        }
        var book = FigureBook()
        let missed = plantedFaults(&book)
        let broken = await namedSchedules() + drawn(terms, &book)
        return missed == 0 && broken == 0 && book.isFine ? 0 : 1
    }

    private static func take(_ option: String, _ value: String, into terms: inout Terms) throws {
        switch option {
        case "--seeds":
            guard let count = UInt64(value), count >= 1 else {
                throw DrillFault("--seeds needs a whole number above 0\n\n\(help)", code: 2)
            }
            terms.seeds = count
        case "--from":
            guard let first = UInt64(value), first < UInt64.max / 2 else {
                throw DrillFault("--from needs a whole number\n\n\(help)", code: 2)
            }
            terms.from = first
        case "--minutes":
            guard let minutes = Double(value), minutes > 0, minutes <= 100_000 else {
                throw DrillFault("--minutes needs a number, such as 0.5\n\n\(help)", code: 2)
            }
            terms.length = .seconds(60) * minutes
        case "--threads":
            guard let count = Int(value), (1...1_024).contains(count) else {
                throw DrillFault("--threads needs a whole number up to 1024\n\n\(help)", code: 2)
            }
            terms.threads = count
        default: throw DrillFault("there is no option \(option)\n\n\(help)", code: 2)
        }
    }

    /// How many went unseen.
    private static func plantedFaults(_ book: inout FigureBook) -> Int {
        var missed = 0
        for fault in PlantedFault.allCases {
            guard let (seed, violation) = fault.firstViolation() else {
                missed += 1
                Terminal.say(
                    "MISSED the planted fault \(fault.rawValue), in \(fault.proof.schedule)"
                )
                continue
            }
            Terminal.remark(
                "found \(fault.rawValue) in \(fault.proof.schedule), seed \(seed): \(violation)"
            )
        }
        book.add(
            "rehearsal_planted_found",
            Double(PlantedFault.allCases.count - missed),
            "faults",
            .atLeast(Double(PlantedFault.allCases.count))
        )
        return missed
    }

    /// Those that broke drafts, with a few seeds each.
    private static func namedSchedules() -> Int {
        Schedule.allCases.count { schedule in
            guard let (seed, violation) = schedule.firstViolation(among: 0..<20) else {
                return false
            }
            Terminal.say("VIOLATED schedule \(schedule), seed \(seed): \(violation)")
            return true
        }
    }

    private static func drawn(_ terms: Terms, _ book: inout FigureBook) async -> Int {
        let (began, used) = (Loop.readClock(), ProcessorTime.ofProcess)
        var told = began
        let outcome = await RehearsalRun(
            seeds: terms.from..<terms.from + terms.seeds,
            threads: terms.threads,
            report: { outcome, broken in
                for (seed, violation) in broken {
                    Terminal.say("VIOLATED seed \(seed): \(violation)")
                }
                let now = Loop.readClock()
                if now - told > .seconds(60) {
                    told = now
                    Terminal.remark(
                        "\(outcome.schedules) schedules up to seed \(outcome.next - 1), "
                            + "\(outcome.broken) broken, "
                            + "\(Figure.text(outcome.rate(over: now - began))) a minute"
                    )
                }
                return terms.length.map { now - began <= $0 } ?? true
            }
        ).play()
        let (took, processor) = (Loop.readClock() - began, ProcessorTime.ofProcess - used)
        book.add("rehearsal_schedules", Double(outcome.schedules), "schedules", .atLeast(1))
        book.add("rehearsal_steps", Double(outcome.steps), "steps")
        book.add("rehearsal_rate", outcome.rate(over: took), "/min")
        book.add("rehearsal_rate_core", outcome.rate(over: processor), "/min")
        book.add("rehearsal_takeovers", Double(outcome.takenOver), "calls")
        book.add("rehearsal_fences", Double(outcome.fences), "fences")
        book.add("rehearsal_generations", Double(outcome.generations), "generations")
        book.add("rehearsal_violations", Double(outcome.broken), "schedules", .atMost(0))
        Terminal.remark(
            "seeds \(terms.from) to \(outcome.next - 1), of which the course is "
                + String(outcome.course, radix: 16)
        )
        return outcome.broken
    }
}
