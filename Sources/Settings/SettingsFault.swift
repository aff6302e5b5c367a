import Wire

/// One thing wrong with the settings: where it stands, what it says, what it should say.
///
///     roost.toml line 12: media.udp_port must be 1 to 65535, got "80a"
///
/// A secret's value is masked before it comes here.
package struct SettingsFault: Error, Hashable, Sendable, CustomStringConvertible {
    package var origin: Origin
    /// The file's name as the operator knows it.
    package var file: String
    /// The setting, or the name that isn't one; empty if the fault is the file's grammar.
    package var key: String
    /// What must be: reads on from the key.
    package var rule: String
    /// What is, as it was written.
    package var value: String?
    package var suggestion: String?

    package var description: String {
        let place = origin.text(file: file).printable(upTo: 256)
        var text = origin == .builtIn ? "" : place + ": "
        text += key.isEmpty ? rule : "\(key.printable(upTo: 256)) \(rule)"
        if let value { text += ", got \(value)" }
        if let suggestion { text += "; did you mean \(suggestion)?" }
        return text
    }
}

/// Everything that is wrong with the settings, in the order of file, environment, command line.
package struct SettingsFaults: Error, Hashable, Sendable, CustomStringConvertible {
    package var all: [SettingsFault]

    package init(all: [SettingsFault]) {
        self.all = all
    }

    package var description: String { all.map(\.description).joined(separator: "\n") }
}
