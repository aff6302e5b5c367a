/// A load's report as one page of HTML that needs nothing else: the table, and a plot of each curve.
struct LoadPage {
    let report: LoadReport
    let title: String

    var html: String {
        """
        <!doctype html>
        <html lang="en"><meta charset="utf-8"><title>\(Self.escaped(title))</title>
        <style>
        body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem;
          color-scheme: light dark }
        table { border-collapse: collapse } td, th { text-align: left; padding: .15rem 1.5rem .15rem 0 }
        td.number { text-align: right; font-variant-numeric: tabular-nums }
        .short { color: #b3261e; font-weight: 600 }
        figure { margin: 2rem 0 } svg { width: 100%; height: auto } figcaption { font-weight: 600 }
        </style>
        <h1>\(Self.escaped(title))</h1>
        \(warnings)
        <table><tr><th>Figure</th><th>Value</th><th></th><th>Limit</th></tr>
        \(report.figures.map { row($0) }.joined(separator: "\n"))
        </table>
        \(plots)
        </html>

        """
    }

    private var warnings: String {
        let failures = report.failures.map { "\($0.count) failed: \($0.why)" }
        let all = failures + report.saturation.map { "Saturated: \($0)" }
        guard !all.isEmpty else { return "<p>Nothing failed.</p>" }
        let items = all.map { "<li class=short>\(Self.escaped($0))</li>" }
        return "<ul>\(items.joined())</ul>"
    }

    private func row(_ figure: Figure) -> String {
        let limit = figure.limit?.description ?? ""
        return "<tr\(figure.isShort ? " class=short" : "")><td>\(Self.escaped(figure.name))</td>"
            + "<td class=number>\(Figure.text(figure.value))</td><td>\(Self.escaped(figure.unit))</td>"
            + "<td>\(Self.escaped(limit))</td></tr>"
    }

    // MARK: - Plots

    private var plots: String {
        let points = report.curves
        let names = points.first?.values.map(\.name) ?? []
        return names.map { name in
            let line = points.compactMap { point in
                point.values.first { $0.name == name }.map { (point.time, $0.value) }
            }
            return plot(name, line)
        }.joined(separator: "\n")
    }

    private func plot(_ name: String, _ line: [(Double, Double)]) -> String {
        let (width, height, left, bottom) = (900.0, 220.0, 70.0, 24.0)
        let end = max(line.map(\.0).max() ?? 1, 1)
        let top = Self.round(up: max(line.map(\.1).max() ?? 1, 0.001))
        func x(_ time: Double) -> Double { left + time / end * (width - left - 10) }
        func y(_ value: Double) -> Double { height - bottom - value / top * (height - bottom - 10) }
        let path = line.map { "\(Figure.text(x($0.0))),\(Figure.text(y($0.1)))" }
        var parts: [String] = []
        for step in 0...4 {
            let value = top * Double(step) / 4
            parts.append(
                "<line x1='\(left)' x2='\(width - 10)' y1='\(y(value))' y2='\(y(value))' "
                    + "stroke='currentColor' stroke-opacity='.15'/>"
                    + "<text x='\(left - 6)' y='\(y(value) + 4)' text-anchor='end'>"
                    + "\(Figure.text(value))</text>"
            )
            let time = end * Double(step) / 4
            parts.append(
                "<text x='\(x(time))' y='\(height - 6)' text-anchor='middle'>"
                    + "\(Figure.text(time)) s</text>"
            )
        }
        // Where measuring began.
        let start = x(report.first.time / .seconds(1))
        parts.append(
            "<line x1='\(start)' x2='\(start)' y1='10' y2='\(height - bottom)' "
                + "stroke='currentColor' stroke-dasharray='3 3' stroke-opacity='.5'/>"
        )
        return """
            <figure><figcaption>\(Self.escaped(name))</figcaption>
            <svg viewBox="0 0 \(width) \(height)" role="img" aria-label="\(Self.escaped(name)) by time"
              font-size="12" fill="currentColor">\(parts.joined())
            <polyline fill="none" stroke="#2563c9" stroke-width="2" points="\(path.joined(separator: " "))"/>
            </svg></figure>
            """
    }

    /// The next of 1, 2, 5, 10 … above it.
    private static func round(up value: Double) -> Double {
        var scale = 0.001
        while scale * 10 < value { scale *= 10 }
        return [1, 2, 5, 10].map { $0 * scale }.first { $0 >= value } ?? value
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
