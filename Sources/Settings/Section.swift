/// The keys of one section of the file, each a stored constant of its own.
package protocol SectionKeys: Sendable {
    static var all: Self { get }
    static var name: String { get }
    /// What the section is about, in a sentence or two for the reference.
    static var purpose: String { get }
}

extension SectionKeys {
    /// The constants in the order of their declaration.
    static var keys: [any ReadableKey] {
        Mirror(reflecting: all).children.compactMap { $0.value as? any ReadableKey }
    }
}

/// The values of one section: for each key its value, by the same name and with the key's type.
///
///     settings.http.headBytes        // declared in HTTPSettings as a Key<Int>
@dynamicMemberLookup
package struct Section<Keys: SectionKeys>: Sendable {
    var settings: Settings

    package subscript<Value>(dynamicMember key: KeyPath<Keys, Key<Value>>) -> Value {
        get { settings[Keys.all[keyPath: key]] }
        set { settings[Keys.all[keyPath: key]] = newValue }
    }
}
