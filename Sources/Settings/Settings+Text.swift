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

    /// What changed between two readings, and whether this process can follow.
    package func changes(to other: Settings) -> [SettingsChange] {
        Self.schema.filter { !$0.isSame(in: self, as: other) }.map { key in
            SettingsChange(
                path: key.path,
                isReloadable: key.isReloadable,
                old: key.text(in: self),
                new: key.text(in: other)
            )
        }
    }
}

/// One setting that differs between two readings. Values are as shown, secrets masked.
package struct SettingsChange: Hashable, Sendable, CustomStringConvertible {
    package var path: String
    package var isReloadable: Bool
    package var old: String
    package var new: String

    package var description: String {
        let change = old == new ? "\(path) changed" : "\(path) changed from \(old) to \(new)"
        return isReloadable ? change : change + "; restart to let it count"
    }
}

extension SettingsFaults {
    /// What `roost config check` says when something is wrong.
    package var report: String {
        let count = all.count == 1 ? "1 fault" : "\(all.count) faults"
        return all.map { "\($0)\n" }.joined() + "\(count) in the settings; nothing was changed\n"
    }
}
