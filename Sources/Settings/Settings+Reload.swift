// What becomes of settings that are read again while a node runs.
extension Settings {
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

    /// What counts once a process with these settings has been given others: of keys that need a
    /// restart, these values still.
    package func following(_ new: Settings) -> Settings {
        var next = new
        for key in Self.schema where !key.isReloadable { next.take(key, from: self) }
        return next
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
