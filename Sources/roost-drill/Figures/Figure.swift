internal import Wire

/// One measured number, with what it may be.
///
/// On the terminal it is a line of words, for people and for `awk` alike:
///
///     figure http_ratio 0.91 x >=0.6 ok
package struct Figure: Sendable, CustomStringConvertible {
    package enum Limit: Sendable, CustomStringConvertible {
        case atLeast(Double)
        case atMost(Double)

        package func holds(for value: Double) -> Bool {
            switch self {
            case .atLeast(let least): value >= least
            case .atMost(let most): value <= most
            }
        }

        package var description: String {
            switch self {
            case .atLeast(let least): ">=\(Figure.text(least))"
            case .atMost(let most): "<=\(Figure.text(most))"
            }
        }
    }

    package var name: String
    package var value: Double
    package var unit: String
    package var limit: Limit?

    package init(name: String, value: Double, unit: String, limit: Limit? = nil) {
        self.name = name
        self.value = value
        self.unit = unit
        self.limit = limit
    }

    package var isShort: Bool { !(limit?.holds(for: value) ?? true) }

    package var description: String {
        "figure \(name) \(Self.text(value)) \(unit) \(limit?.description ?? "-") "
            + (isShort ? "short" : "ok")
    }

    /// Three or so digits that mean something: 12034, 12.3, 0.912.
    package static func text(_ value: Double) -> String {
        let places = abs(value) >= 100 ? 0 : abs(value) >= 10 ? 1 : 3
        var scale = 1
        for _ in 0..<places { scale *= 10 }
        let scaled = (abs(value) * Double(scale)).rounded()
        guard scaled < 1e15 else { return "\(value)" }
        let sign = value < 0 && scaled > 0 ? "-" : ""
        let whole = Int(scaled) / scale
        var fraction = String(Int(scaled) % scale)
        fraction = String(repeating: "0", count: max(places - fraction.utf8.count, 0)) + fraction
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return sign + String(whole) + (places == 0 || fraction.isEmpty ? "" : ".\(fraction)")
    }
}

extension JSONWriter {
    /// As machines read them.
    mutating func member(_ name: String, _ figures: [Figure]) {
        key(name)
        beginArray()
        for figure in figures {
            beginObject()
            member("name", figure.name)
            member("value", figure.value)
            member("unit", figure.unit)
            if let limit = figure.limit { member("limit", limit.description) }
            member("ok", !figure.isShort)
            endObject()
        }
        endArray()
    }
}
