internal import Basics
internal import IO

/// What is said of a drill at its end, and the folder that keeps it.
struct ChaosReport {
    let plan: DrillPlan
    let seed: UInt64
    let verdict: DrillVerdict
    let start: Instant

    /// Figures, each within its limit or not.
    func add(to book: inout FigureBook) {
        let name = "chaos_" + plan.name.replacing("-", with: "_")
        func add(
            _ what: String,
            _ times: [Double],
            _ limit: Duration? = nil,
            median: Duration? = nil
        ) {
            guard !times.isEmpty else { return }
            let sample = Sample(times)
            func most(_ limit: Duration?) -> Figure.Limit? {
                limit.map { .atMost($0 / .milliseconds(1)) }
            }
            book.add("\(name)_\(what)_p50", sample.median, "ms", most(median))
            book.add("\(name)_\(what)_p95", sample.percentile(95), "ms", most(limit))
            book.add("\(name)_\(what)_max", sample.percentile(100), "ms")
        }
        let recovery = verdict.recovery
        for blow in Blow.allCases {
            guard let silences = verdict.sound.silences[blow] else { continue }
            let nemeses = plan.nemeses.filter { $0.blow == blow }
            add(
                "silence_" + blow.rawValue.replacing("-", with: "_"),
                silences,
                nemeses.compactMap(\.silenceP95).max(),
                median: nemeses.compactMap(\.silenceP50).max()
            )
        }
        add("rehost_elsewhere", recovery.rehostedElsewhere, plan.bounds.rehostP95)
        add("rehost_there", recovery.rehostedThere)
        add("back", recovery.back, plan.bounds.backP95)
        add("deed", verdict.deeds, plan.bounds.deedP95)
        book.add("\(name)_blows", Double(verdict.blows), "blows", .atLeast(1))
        book.add("\(name)_deeds", Double(verdict.deeds.count), "deeds")
        book.add("\(name)_unknown", Double(verdict.unknown), "deeds")
        book.add("\(name)_failed", Double(verdict.failed), "deeds")
        book.add("\(name)_forgotten", Double(verdict.forgotten), "deeds")
        book.add("\(name)_comparisons", Double(verdict.comparisons), "claims")
        book.add("\(name)_final_pictures", Double(verdict.finalPictures), "pictures")
        book.add("\(name)_listened", Double(verdict.sound.comparisons), "claims")
        book.add("\(name)_events", Double(verdict.events), "events")
        book.add(
            "\(name)_violations",
            Double(verdict.violations.count),
            "violations",
            .atMost(0)
        )
    }

    /// The verdict of each rule, with the first violations of it.
    var text: String {
        var lines = ["drill \(plan.name), seed \(seed): \(plan.summary)", ""]
        for rule in Violation.Rule.allCases {
            let found = verdict.violations.filter { $0.rule == rule }
            lines.append("\(found.isEmpty ? "holds   " : "VIOLATED") \(rule.sentence)")
            for violation in found.prefix(Self.shown) {
                let at = Figure.text((violation.at - start) / .seconds(1))
                lines.append("           \(at) s: \(violation.text)")
            }
            if found.count > Self.shown {
                lines.append("           and \(found.count - Self.shown) more")
            }
        }
        return lines.joined(separator: "\n")
    }

    private static let shown = 10
}
