/// Durations as people write them: a whole number and one unit.
package enum DurationText {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]

    package static func parse(_ text: String) -> Duration? {
        guard let quantity = Quantity(text),
            let scale = units.first(where: { $0.name == quantity.unit })?.milliseconds
        else { return nil }
        let (milliseconds, isTooLong) = quantity.number.multipliedReportingOverflow(by: scale)
        return isTooLong ? nil : .milliseconds(milliseconds)
    }

    /// The text with the largest unit that leaves nothing over.
    static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
        if milliseconds == 0 { return "0s" }
        let unit = units.first { milliseconds % $0.milliseconds == 0 } ?? ("ms", 1)
        return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }
}
