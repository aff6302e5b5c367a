/// Numbers of bytes as people write them: 512, 64KiB, 1MiB.
enum ByteCount {
    private static let units: [(name: String, bytes: Int)] = [
        ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1), ("", 1),
    ]

    static func parse(_ text: String) -> Int? {
        guard let quantity = Quantity(text),
            let scale = units.first(where: { $0.name == quantity.unit })?.bytes
        else { return nil }
        let (bytes, isTooMany) = Int(quantity.number).multipliedReportingOverflow(by: scale)
        return isTooMany ? nil : bytes
    }

    /// The text with the largest unit that leaves nothing over.
    static func text(_ bytes: Int) -> String {
        if bytes == 0 { return "0B" }
        let unit = units.first { bytes % $0.bytes == 0 } ?? ("B", 1)
        return "\(bytes / unit.bytes)\(unit.name)"
    }

    /// What somebody meant who wrote 64KB, 64k or 64kib.
    static func suggestion(_ text: String) -> String? {
        guard let quantity = Quantity(text) else { return nil }
        let unit: String? =
            switch quantity.unit.lowercased() {
            case "k", "kb", "kib": "KiB"
            case "m", "mb", "mib": "MiB"
            case "g", "gb", "gib": "GiB"
            default: nil
            }
        return unit.map { "\(quantity.number)\($0)" }
    }
}
