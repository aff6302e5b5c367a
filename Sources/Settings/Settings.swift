import Basics

/// Everything an operator has set, and the default of everything else. Can't be wrong.
///
/// Made of defaults alone, or from what was given by ``init(file:environment:overrides:)``.
package struct Settings: Sendable {
    private struct Held: Sendable {
        var value: any Sendable
        var origin: Origin
    }

    private var held: [String: Held] = [:]

    /// The file's name as the operator knows it.
    package internal(set) var file = "roost.toml"

    /// Variables that look like settings and are none of ours, for a line in the log.
    package internal(set) var ignored: [IgnoredVariable] = []

    /// The defaults.
    package init() {}

    package var node: Section<NodeSettings> {
        get { Section(settings: self) }
        set { self = newValue.settings }
    }

    package var http: Section<HTTPSettings> {
        get { Section(settings: self) }
        set { self = newValue.settings }
    }

    package var websocket: Section<WebSocketSettings> {
        get { Section(settings: self) }
        set { self = newValue.settings }
    }

    package var identity: Section<IdentitySettings> {
        get { Section(settings: self) }
        set { self = newValue.settings }
    }

    package var store: Section<StoreSettings> {
        get { Section(settings: self) }
        set { self = newValue.settings }
    }

    package var log: Section<LogSettings> {
        get { Section(settings: self) }
        set { self = newValue.settings }
    }

    package var metrics: Section<MetricsSettings> {
        get { Section(settings: self) }
        set { self = newValue.settings }
    }

    package var limits: Section<LimitSettings> {
        get { Section(settings: self) }
        set { self = newValue.settings }
    }

    package var media: Section<MediaSettings> {
        get { Section(settings: self) }
        set { self = newValue.settings }
    }

    package var calls: Section<CallsSettings> {
        get { Section(settings: self) }
        set { self = newValue.settings }
    }

    package var redis: Section<RedisSettings> {
        get { Section(settings: self) }
        set { self = newValue.settings }
    }

    package var cluster: Section<ClusterSettings> {
        get { Section(settings: self) }
        set { self = newValue.settings }
    }

    static let sections: [any SectionKeys.Type] = [
        NodeSettings.self, HTTPSettings.self, WebSocketSettings.self, IdentitySettings.self,
        StoreSettings.self, LogSettings.self, MetricsSettings.self, LimitSettings.self,
        MediaSettings.self, CallsSettings.self, RedisSettings.self, ClusterSettings.self,
    ]

    /// Every key there is, in the order of the reference.
    package static var keys: [any AnyKey] { schema }

    static let schema: [any ReadableKey] = sections.flatMap { $0.keys }

    package func origin(of key: any AnyKey) -> Origin { held[key.path]?.origin ?? .builtIn }

    subscript<Value>(key: Key<Value>) -> Value {
        get { held[key.path]?.value as? Value ?? key.standard }
        set { held[key.path] = Held(value: newValue, origin: origin(of: key)) }
    }

    /// Takes a value that the key's own form has made.
    mutating func hold(_ value: any Sendable, for key: any ReadableKey, from origin: Origin) {
        held[key.path] = Held(value: value, origin: origin)
    }

    /// Takes the value that other settings have, and where it came from.
    mutating func take(_ key: any AnyKey, from other: Settings) {
        held[key.path] = other.held[key.path]
    }
}

/// A variable of the environment that was passed over, and why.
package struct IgnoredVariable: Hashable, Sendable {
    package var name: String
    package var reason: String
}
