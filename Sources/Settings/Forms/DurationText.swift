/// Durations as people write them: a whole number and one unit.
package enum DurationText {
    private static let units: [(name: String, microseconds: Int64)] = [
        ("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000),
        ("ms", 1_000), ("us", 1),
    ]

    package static func parse(_ text: String) -> Duration? {
        guard let quantity = Quantity(text),
            let scale = units.first(where: { $0.name == quantity.unit })?.microseconds
        else { return nil }
        let (microseconds, isTooLong) = quantity.number.multipliedReportingOverflow(by: scale)
        return isTooLong ? nil : .microseconds(microseconds)
    }

    /// The text with the largest unit that leaves nothing over.
    static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        if microseconds == 0 { return "0s" }
        let unit = units.first { microseconds % $0.microseconds == 0 } ?? ("us", 1)
        return "\(microseconds / unit.microseconds)\(unit.name)"
    }
}
