internal import Basics

/// What was done to whom when, above how long each thing that was asked took: one picture over the time of a
/// drill.
///
///     node-1  ▆▆kill▆▆        ▆cut-redis▆
///     Redis           ▆▆▆redis-failover▆▆▆
///       10 s        ·
///      100 ms  · ··  ··     ·   ··             one dot for each answer, a cross for each that never came
///       10 ms ·· · ·  ··· ·· ···  ·· ··
///             0 s      10 s      20 s
struct ChaosTimeline {
    private let history: DrillHistory
    private let verdict: DrillVerdict
    private let nodes: Int
    private let start: Instant
    private let length: Double

    init(_ history: DrillHistory, _ verdict: DrillVerdict, nodes: Int, since start: Instant) {
        self.history = history
        self.verdict = verdict
        self.nodes = nodes
        self.start = start
        let end = history.entries.last?.at ?? start
        length = max((end - start) / .seconds(1), 1)
    }

    var svg: String {
        let parts = lanes + strikes + violations + grid + answers
        return """
            <figure><svg viewBox="0 0 \(Int(Self.width)) \(Int(bottom + 24))" role="img" fill="currentColor" \
            aria-label="what was done when, and how long answers took">
            \(parts.joined(separator: "\n"))
            </svg></figure>
            """
    }

    // MARK: - Lanes

    private var lanes: [String] {
        ((0..<nodes).map { "node-\($0 + 1)" } + ["Redis"]).enumerated().map { lane, name in
            let y = top(of: lane)
            return
                "<text x='\(Self.text(Self.left - 6))' y='\(Self.text(y + 15))' text-anchor='end'>\(name)"
                + "</text><rect x='\(Self.text(Self.left))' y='\(Self.text(y))' "
                + "width='\(Self.text(Self.width - Self.left - 10))' height='20' fill-opacity='.06'/>"
        }
    }

    /// A bar from each blow to its mending.
    private var strikes: [String] {
        var open: [(blow: Blow, node: Int?, at: Instant)] = []
        var bars: [String] = []
        for entry in history.entries {
            switch entry.what {
            case .struck(let blow, let node, _): open.append((blow, node, entry.at))
            case .mended(let blow, let node):
                guard let index = open.firstIndex(where: { $0.blow == blow && $0.node == node })
                else { continue }
                bars.append(bar(open.remove(at: index), until: entry.at))
            default: break
            }
        }
        let end = history.entries.last?.at ?? start
        return bars + open.map { bar($0, until: end) }
    }

    private func bar(_ strike: (blow: Blow, node: Int?, at: Instant), until end: Instant) -> String
    {
        let (begin, y) = (x(strike.at), top(of: strike.node ?? nodes))
        let width = max(x(end) - begin, 2)
        let name = strike.blow.rawValue
        let took = Figure.text((end - strike.at) / .seconds(1))
        return "<g class='blow'><title>\(name), \(took) s</title><rect x='\(Self.text(begin))' "
            + "y='\(Self.text(y))' width='\(Self.text(width))' height='20' fill='\(Self.colour(strike.blow))'"
            + " fill-opacity='.75'/><text x='\(Self.text(begin + 2))' y='\(Self.text(y + 14))' "
            + "font-size='9'>\(name)</text></g>"
    }

    private static func colour(_ blow: Blow) -> String {
        if blow.isOfProcess { return "#d9534a" }
        if blow == .clock || blow == .redisClock { return "#8a6fd1" }
        return blow.isOfNode ? "#dd9a2f" : "#4a8fd9"
    }

    /// A line down through everything where something was violated.
    private var violations: [String] {
        verdict.violations.prefix(Self.mostMarks).map { violation in
            let x = Self.text(self.x(violation.at))
            return "<line class='violation' x1='\(x)' x2='\(x)' y1='0' y2='\(Self.text(bottom))' "
                + "stroke='#c62f24'><title>\(ChaosPage.escaped(violation.text))</title></line>"
        }
    }

    // MARK: - Answers

    private var answers: [String] {
        var asked: [Int: Instant] = [:]
        var marks: [String] = []
        for entry in history.entries {
            switch entry.what {
            case .asked(_, _, let serial): asked[serial] = entry.at
            case .answered(_, _, let serial, let outcome):
                guard let began = asked.removeValue(forKey: serial) else { continue }
                let took = (entry.at - began) / .milliseconds(1)
                marks.append(mark(outcome, at: began, took))
            case .thrownOut(_, let why):
                marks.append(
                    "<text x='\(Self.text(x(entry.at)))' y='\(Self.text(answersTop + 8))' fill='#c62f24' "
                        + "text-anchor='middle'>▼<title>thrown out: \(ChaosPage.escaped(why))</title></text>"
                )
            default: break
            }
        }
        // The slowest matter, and of the many quick ones some are enough to see them.
        let step = marks.count / Self.mostMarks + 1
        return marks.enumerated().filter {
            $0.offset % step == 0 || !$0.element.hasPrefix("<circle r='1'")
        }
        .map(\.element)
    }

    private func mark(
        _ outcome: DrillHistory.Outcome,
        at began: Instant,
        _ milliseconds: Double
    ) -> String {
        let (x, y) = (Self.text(self.x(began)), Self.text(height(of: milliseconds)))
        switch outcome {
        case .ok:
            let radius = milliseconds < 100 ? "1" : "2"
            return "<circle r='\(radius)' cx='\(x)' cy='\(y)' fill='#2563c9' fill-opacity='.6'/>"
        case .unknown: return "<text x='\(x)' y='\(y)' fill='#dd9a2f' text-anchor='middle'>×</text>"
        case .failed(let why):
            return "<text x='\(x)' y='\(y)' fill='#c62f24' text-anchor='middle'>×"
                + "<title>\(ChaosPage.escaped(why))</title></text>"
        }
    }

    private var grid: [String] {
        let times = (0...4).map { step in
            let time = length * Double(step) / 4
            let x = Self.text(self.x(start + .seconds(1) * time))
            return "<text x='\(x)' y='\(Self.text(bottom + 16))' text-anchor='middle'>"
                + "\(Figure.text(time)) s</text>"
        }
        let levels = [
            (1.0, "1 ms"), (10, "10 ms"), (100, "100 ms"), (1_000, "1 s"), (10_000, "10 s"),
        ]
        return times
            + levels.map { milliseconds, name in
                let y = height(of: milliseconds)
                return "<line x1='\(Self.text(Self.left))' x2='\(Self.text(Self.width - 10))' "
                    + "y1='\(Self.text(y))' y2='\(Self.text(y))' stroke='currentColor' stroke-opacity='.15'/>"
                    + "<text x='\(Self.text(Self.left - 6))' y='\(Self.text(y + 4))' text-anchor='end'>"
                    + "\(name)</text>"
            }
    }

    // MARK: - Where things are

    private func top(of lane: Int) -> Double { Double(lane) * 24 }
    private var answersTop: Double { Double(nodes + 1) * 24 + 12 }
    private var bottom: Double { answersTop + 180 }

    private func x(_ instant: Instant) -> Double {
        let share = ((instant - start) / .seconds(1)) / length
        return Self.left + min(max(share, 0), 1) * (Self.width - Self.left - 10)
    }

    /// From a millisecond at the bottom to ten seconds at the top, each power of ten as high as the other.
    private func height(of milliseconds: Double) -> Double {
        bottom - min(max(Decades.of(milliseconds), 0), 4) / 4 * (bottom - answersTop)
    }

    private static func text(_ value: Double) -> String { Figure.text(value) }
    private static let (width, left) = (1_000.0, 64.0)
    private static let mostMarks = 4_000
}
