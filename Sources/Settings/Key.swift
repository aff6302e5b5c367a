/// One setting, declared once: name, form, default, reason, and how it may be given and changed.
///
/// Everything else follows from the declaration: the line in the file, the variable in the
/// environment, the text of the reference, the check, and the typed value in ``Section``.
package struct Key<Value: Equatable & Sendable>: Sendable {
    /// Section and name: `http.listen`.
    package let path: String
    package let form: Form<Value>
    package let standard: Value
    package let reason: String
    /// The Calls plugin's variable for the same thing, without its `MM_CALLS_`.
    package let pluginName: String?
    package let isSecret: Bool
    /// Whether SIGHUP is enough for a new value to count.
    package let isReloadable: Bool

    init(
        _ path: String,
        _ form: Form<Value>,
        default standard: Value,
        plugin pluginName: String? = nil,
        isSecret: Bool = false,
        isReloadable: Bool = false,
        because reason: String
    ) {
        self.path = path
        self.form = form
        self.standard = standard
        self.pluginName = pluginName
        self.isSecret = isSecret
        self.isReloadable = isReloadable
        self.reason = reason
    }
}

/// A key whose type of value doesn't matter, for all that treats keys alike.
package protocol AnyKey: Sendable {
    var path: String { get }
    var rule: String { get }
    var reason: String { get }
    var pluginName: String? { get }
    var isSecret: Bool { get }
    var isReloadable: Bool { get }
    /// The default as TOML.
    var standardText: String { get }
    /// The value in these settings as TOML, secrets masked.
    func text(in settings: Settings) -> String
    func isSame(in one: Settings, as other: Settings) -> Bool
}

extension AnyKey {
    /// `http.listen` is `ROOST_HTTP_LISTEN`.
    package var environmentName: String { EnvironmentNames.own(for: path) }

    package var pluginEnvironmentName: String? { pluginName.map { EnvironmentNames.plugin + $0 } }

    var section: String { String(path.prefix { $0 != "." }) }
    var name: String { String(path.drop { $0 != "." }.dropFirst()) }
}

extension Key: AnyKey {
    package var rule: String { form.rule }
    package var standardText: String { form.write(standard) }

    package func text(in settings: Settings) -> String { form.write(settings[self]) }

    package func isSame(in one: Settings, as other: Settings) -> Bool { one[self] == other[self] }
}

/// A key that can be read: seen from inside the room only.
protocol ReadableKey: AnyKey {
    func read(_ given: Given, _ refusals: inout [Refusal]) -> (any Sendable)?
}

extension Key: ReadableKey {
    func read(_ given: Given, _ refusals: inout [Refusal]) -> (any Sendable)? {
        form.read(given, &refusals)
    }
}
