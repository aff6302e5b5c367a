import Basics
import Wire

/// The file that settings are read from, already in memory.
package struct SettingsFile: Sendable {
    /// As the operator knows it, for faults.
    package var name: String
    package var bytes: [UInt8]

    package init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }
}

extension Settings {
    /// Reads all there is and checks it as a whole, or says everything that is wrong with it.
    ///
    /// Where one setting is given more than once, the command line wins over `ROOST_…`, that over
    /// `MM_CALLS_…`, and that over the file; but a faulty value is a fault even where another wins.
    /// `overrides` are pairs of a key's path and a text in the environment's spelling.
    package init(
        file: SettingsFile?,
        environment: [String: String] = [:],
        overrides: [(path: String, text: String)] = []
    ) throws(SettingsFaults) {
        var reader = SettingsReader(file: file?.name ?? "roost.toml")
        if let file { reader.read(file) }
        reader.read(environment)
        reader.read(overrides)
        self = try reader.finish()
    }
}

/// Gathers values and faults from one source after another, the strongest last.
private struct SettingsReader {
    /// More than this nobody corrects in one go.
    private static let faultLimit = 200

    private var settings = Settings()
    private var faults: [SettingsFault] = []
    private var faultyKeys: Set<String> = []

    private static let byPath = Dictionary(
        uniqueKeysWithValues: Settings.schema.map { ($0.path, $0) }
    )
    private static let byVariable = Dictionary(
        uniqueKeysWithValues: Settings.schema.map { ($0.environmentName, $0) }
    )
    private static let byPluginVariable = Dictionary(
        uniqueKeysWithValues: Settings.schema.compactMap { key in
            key.pluginEnvironmentName.map { ($0, key) }
        }
    )

    init(file: String) {
        settings.file = file
    }

    mutating func read(_ file: SettingsFile) {
        let document = TOMLDocument(parsing: file.bytes.span)
        for fault in document.faults {
            faults.append(
                SettingsFault(
                    origin: .file(line: fault.position.line),
                    file: settings.file,
                    key: "",
                    rule: "column \(fault.position.column): \(fault.rule)"
                )
            )
        }
        let sections = Settings.sections.map { $0.name }
        for section in document.root.entries {
            guard sections.contains(section.key) else {
                let paths = Settings.schema.filter { $0.name == section.key }.map(\.path)
                let near = NearMiss.suggestion(for: section.key, among: sections)
                refuseUnknown(section.key, at: section.position, paths.first ?? near)
                continue
            }
            guard let table = section.value.table else {
                faults.append(
                    SettingsFault(
                        origin: .file(line: section.position.line),
                        file: settings.file,
                        key: section.key,
                        rule: "is a section; write [\(section.key)] above its settings"
                    )
                )
                continue
            }
            for entry in table.entries {
                let path = "\(section.key).\(entry.key)"
                guard let key = Self.byPath[path] else {
                    refuseUnknown(path, at: entry.position, suggestion(for: path))
                    continue
                }
                take(Given(entry.value), for: key, from: .file(line: entry.position.line))
            }
        }
        faults.sort { ($0.origin.line ?? 0) < ($1.origin.line ?? 0) }
    }

    mutating func read(_ environment: [String: String]) {
        let variables = environment.sorted { $0.key < $1.key }
        for (name, value) in variables where name.hasPrefix(EnvironmentNames.plugin) {
            if let key = Self.byPluginVariable[name] {
                take(Given(.untyped(value)), for: key, from: .environment(name: name))
            } else {
                let rest = String(name.dropFirst(EnvironmentNames.plugin.count))
                let isKnown = EnvironmentNames.pluginKnows(rest)
                ignore(name, isKnown ? "the Calls plugin's, not used here" : "not known here")
            }
        }
        for (name, value) in variables where name.hasPrefix(EnvironmentNames.prefix) {
            if EnvironmentNames.reserved.contains(name) { continue }
            if EnvironmentNames.isKubernetes(name, value: value) {
                ignore(name, "Kubernetes' description of a service")
            } else if let key = Self.byVariable[name] {
                take(Given(.untyped(value)), for: key, from: .environment(name: name))
            } else {
                faults.append(
                    SettingsFault(
                        origin: .environment(name: name),
                        file: settings.file,
                        key: "",
                        rule: "is not a setting; unset it",
                        suggestion: NearMiss.suggestion(
                            for: name,
                            among: Settings.schema.map(\.environmentName)
                        )
                    )
                )
            }
        }
    }

    mutating func read(_ overrides: [(path: String, text: String)]) {
        for (path, text) in overrides {
            if let key = Self.byPath[path] {
                take(Given(.untyped(text)), for: key, from: .commandLine)
            } else {
                faults.append(
                    SettingsFault(
                        origin: .commandLine,
                        file: settings.file,
                        key: path,
                        rule: "is not a setting",
                        suggestion: suggestion(for: path)
                    )
                )
            }
        }
    }

    /// Asks the rules between settings, of those that are right by themselves.
    mutating func finish() throws(SettingsFaults) -> Settings {
        for rule in CrossRule.all where faultyKeys.isDisjoint(with: rule.paths) {
            guard let breach = rule.breach(settings) else { continue }
            faults.append(
                SettingsFault(
                    origin: settings.origin(of: breach.key),
                    file: settings.file,
                    key: breach.key.path,
                    rule: breach.rule
                )
            )
        }
        guard !faults.isEmpty else { return settings }
        if faults.count > Self.faultLimit {
            faults.removeSubrange(Self.faultLimit...)
            faults.append(
                SettingsFault(
                    origin: .builtIn,
                    file: settings.file,
                    key: "",
                    rule: "there are more faults than these; correct them first"
                )
            )
        }
        throw SettingsFaults(all: faults)
    }

    private mutating func take(_ given: Given, for key: any ReadableKey, from origin: Origin) {
        var refusals: [Refusal] = []
        if let value = key.read(given, &refusals) {
            settings.hold(value, for: key, from: origin)
            return
        }
        faultyKeys.insert(key.path)
        for refusal in refusals {
            var place = origin
            if case .file(let line) = origin { place = .file(line: refusal.line ?? line) }
            faults.append(
                SettingsFault(
                    origin: place,
                    file: settings.file,
                    key: key.path + refusal.part,
                    rule: refusal.rule,
                    value: key.isSecret ? refusal.shown.map { _ in Secret.mask } : refusal.shown,
                    suggestion: key.isSecret && refusal.shown != nil ? nil : refusal.suggestion
                )
            )
        }
    }

    private mutating func refuseUnknown(
        _ path: String,
        at position: TOMLPosition,
        _ suggestion: String?
    ) {
        faults.append(
            SettingsFault(
                origin: .file(line: position.line),
                file: settings.file,
                key: path,
                rule: "is not a setting",
                suggestion: suggestion
            )
        )
    }

    private mutating func ignore(_ name: String, _ reason: String) {
        settings.ignored.append(IgnoredVariable(name: name, reason: reason))
    }

    /// A key of that name in another section, or one that is spelled alike.
    private func suggestion(for path: String) -> String? {
        let name = path.drop { $0 != "." }.dropFirst()
        if let moved = Settings.schema.first(where: { $0.name == name }) { return moved.path }
        return NearMiss.suggestion(for: path, among: Settings.schema.map(\.path))
    }
}

extension Origin {
    fileprivate var line: Int? {
        guard case .file(let line) = self else { return nil }
        return line
    }
}
