extension String {
    /// This text with nothing in it that would disturb a terminal or a line of a log, cut at so many
    /// characters. For names that somebody else has chosen.
    package func printable(upTo limit: Int) -> String {
        var text = ""
        var count = 0
        for scalar in unicodeScalars {
            guard count < limit else { return text + "…" }
            count += 1
            text.unicodeScalars.append(scalar.isPrintable ? scalar : "\u{FFFD}")
        }
        return text
    }
}

extension Unicode.Scalar {
    /// Neither a control character nor one that turns the direction of its neighbours.
    fileprivate var isPrintable: Bool {
        switch value {
        case 0x00...0x1F, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0x061C:
            false
        default: true
        }
    }
}
