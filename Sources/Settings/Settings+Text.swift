/// What `roost config` says: pure text.
extension Settings {
    /// The effective values as TOML, each with where it came from, secrets masked.
    package var text: String {
        var lines: [String] = []
        for section in Self.sections {
            lines += [lines.isEmpty ? "" : "\n", "[\(section.name)]\n"]
            let rows = section.keys.map { key in
                (value: "\(key.name) = \(key.text(in: self))", origin: origin(of: key))
            }
            let width = min(rows.map(\.value.count).max() ?? 0, 48)
            for row in rows {
                let gap = String(repeating: " ", count: max(0, width - row.value.count))
                lines.append("\(row.value)\(gap)  # \(row.origin.text(file: file))\n")
            }
        }
        return lines.joined()
    }

    /// What `roost config check` says when nothing is wrong.
    package var report: String {
        let given = Self.schema.filter { origin(of: $0) != .builtIn }.count
        var text = "settings are fine: \(given) given, \(Self.schema.count - given) built in\n"
        for variable in ignored { text += "ignored \(variable.name): \(variable.reason)\n" }
        return text
    }
}
