package import Basics

/// What there is to say of a drill as one page of HTML that needs nothing else: the verdict of each rule, what
/// was done when and how people fared meanwhile, how long they waited, and every figure.
package struct ChaosPage {
    /// What of a run is in no history.
    package struct Facts: Sendable {
        package var drill: String
        package var summary: String
        package var seed: UInt64
        package var nodes: Int
        /// `passed`, `FAILED` or `void`.
        package var word: String
        /// Why nothing is known from it, if so.
        package var doubt: String?
        /// What ran, each by its name and version.
        package var versions: [String]
        package var start: Instant

        package init(
            drill: String,
            summary: String,
            seed: UInt64,
            nodes: Int,
            word: String,
            doubt: String? = nil,
            versions: [String] = [],
            start: Instant
        ) {
            self.drill = drill
            self.summary = summary
            self.seed = seed
            self.nodes = nodes
            self.word = word
            self.doubt = doubt
            self.versions = versions
            self.start = start
        }
    }

    private let facts: Facts
    private let history: DrillHistory
    private let verdict: DrillVerdict
    private let figures: [Figure]

    package init(
        _ facts: Facts,
        _ history: DrillHistory,
        _ verdict: DrillVerdict,
        _ figures: [Figure]
    ) {
        self.facts = facts
        self.history = history
        self.verdict = verdict
        self.figures = figures
    }

    package var html: String {
        let title = "\(facts.drill), seed \(facts.seed): \(facts.word)"
        return """
            <!doctype html>
            <html lang="en"><meta charset="utf-8"><title>\(Self.escaped(title))</title>
            <style>\(Self.style)</style>
            <h1>\(Self.escaped(facts.drill)) <span class="\(verdictClass)">\(facts.word)</span></h1>
            <p>\(Self.escaped(facts.summary)). \(facts.nodes) nodes, \(history.cast.count) people, seed \
            \(facts.seed); again: <code>make chaos DRILL=\(Self.escaped(facts.drill)) SEED=\(facts.seed)</code>.</p>
            \(doubt)
            <p class="faint">\(facts.versions.map(Self.escaped).joined(separator: " · "))</p>
            <h2>What must hold</h2>
            \(rules)
            <h2>What happened</h2>
            \(ChaosTimeline(history, verdict, nodes: facts.nodes, since: facts.start).svg)
            \(blows)
            <h2>How long people waited</h2>
            \(waits)
            <h2>Figures</h2>
            \(table)
            </html>

            """
    }

    private var verdictClass: String { facts.word == "passed" ? "fine" : "short" }

    private var doubt: String {
        facts.doubt.map { "<p class=\"short\">Void: \(Self.escaped($0))</p>" } ?? ""
    }

    // MARK: - Rules

    private var rules: String {
        let rows = Violation.Rule.allCases.map { rule in
            let found = verdict.violations.filter { $0.rule == rule }
            let mark = found.isEmpty ? "<td class=fine>holds" : "<td class=short>violated"
            let items = found.prefix(Self.shown)
                .map { "<li>\(seconds($0.at)) s: \(Self.escaped($0.text))</li>" }
            let more =
                found.count > Self.shown ? "<li>and \(found.count - Self.shown) more</li>" : ""
            let list = found.isEmpty ? "" : "<ul>\(items.joined())\(more)</ul>"
            return "<tr>\(mark)</td><td>\(Self.escaped(rule.sentence))\(list)</td></tr>"
        }
        return "<table>\(rows.joined(separator: "\n"))</table>"
    }

    // MARK: - Blows

    /// Each thing that was done, with when and to whom.
    private var blows: String {
        var rows: [String] = []
        for entry in history.entries {
            guard case .struck(let blow, let node, let channels) = entry.what else { continue }
            let whom = node.map { "node-\($0 + 1)" } ?? "Redis"
            let calls = channels.isEmpty ? "" : "\(channels.count) calls must move"
            rows.append(
                "<tr><td class=number>\(seconds(entry.at)) s</td><td>\(blow.rawValue)</td>"
                    + "<td>\(whom)</td><td>\(calls)</td></tr>"
            )
        }
        let more = rows.count > Self.mostRows ? "<p>and \(rows.count - Self.mostRows) more</p>" : ""
        return "<details><summary>\(rows.count) blows</summary><table>"
            + rows.prefix(Self.mostRows).joined(separator: "\n") + "</table>\(more)</details>"
    }

    // MARK: - Waits

    private var waits: String {
        let recovery = verdict.recovery
        let silences = Blow.allCases.compactMap { blow in
            verdict.sound.silences[blow].map {
                ("how long one was not heard by another, \(blow.rawValue)", $0)
            }
        }
        let all: [(String, [Double])] =
            silences + [
                ("from the blow to call_rehost, websocket elsewhere", recovery.rehostedElsewhere),
                (
                    "from the blow to call_rehost, websocket on the node that was struck",
                    recovery.rehostedThere
                ),
                ("from the blow to the call's state on another node", recovery.back),
                ("from asking for something to hearing of it, over the whole run", verdict.deeds),
            ]
        return all.filter { !$0.1.isEmpty }
            .map { WaitHistogram(title: $0.0, milliseconds: $0.1).svg }
            .joined(separator: "\n")
    }

    // MARK: - Figures

    private var table: String {
        let rows = figures.map { figure in
            "<tr\(figure.isShort ? " class=short" : "")><td>\(Self.escaped(figure.name))</td>"
                + "<td class=number>\(Figure.text(figure.value))</td><td>\(Self.escaped(figure.unit))</td>"
                + "<td>\(Self.escaped(figure.limit?.description ?? ""))</td></tr>"
        }
        return "<table>\(rows.joined(separator: "\n"))</table>"
    }

    private func seconds(_ instant: Instant) -> String {
        Figure.text((instant - facts.start) / .seconds(1))
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }

    private static let shown = 20
    private static let mostRows = 1_000
    private static let style = """
        body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem;
          color-scheme: light dark }
        table { border-collapse: collapse } td { text-align: left; padding: .15rem 1.5rem .15rem 0;
          vertical-align: top }
        td.number { text-align: right; font-variant-numeric: tabular-nums } ul { margin: 0 }
        .fine { color: #1a7f37 } .short { color: #c62f24; font-weight: 600 } .faint { opacity: .7 }
        svg { width: 100%; height: auto; font-size: 12px } figure { margin: 1rem 0 }
        """
}
