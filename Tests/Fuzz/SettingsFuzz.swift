import Settings

/// A file, and after a byte 0xFF variables of an environment with 0xFF between: either settings
/// that read as the same from their own text, or faults of one line each.
let fuzzSettings: FuzzTarget = { bytes in
    let parts = bytes.split(separator: 0xFF, maxSplits: 8, omittingEmptySubsequences: false)
    var environment: [String: String] = [:]
    for part in parts.dropFirst() {
        let variable = String(decoding: part, as: UTF8.self)
        let place = variable.firstIndex(of: "=") ?? variable.endIndex
        environment[String(variable[..<place])] = String(variable[place...].dropFirst())
    }
    let file = SettingsFile(name: "fuzz.toml", bytes: Array(parts.first ?? []))
    do throws(SettingsFaults) {
        let settings = try Settings(file: file, environment: environment)
        // The secrets of keys are masked by stars too few to be a secret.
        guard settings.identity.keys.isEmpty else { return }
        let text = settings.text
        let again = try Settings(file: SettingsFile(name: "again.toml", bytes: Array(text.utf8)))
        for key in Settings.keys {
            precondition(key.text(in: again) == key.text(in: settings), "\(key.path) changed")
        }
    } catch {
        precondition(!error.all.isEmpty, "refused without a fault")
        precondition(error.all.count <= 201, "more faults than anyone corrects")
        for fault in error.all {
            precondition(!fault.description.utf8.contains { $0 < 0x20 }, "a fault of several lines")
            precondition(fault.file == "fuzz.toml", "settings don't read their own text: \(fault)")
        }
    }
}
