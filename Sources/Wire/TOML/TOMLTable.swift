/// The keys of a table in the order in which they were written, no two of one name.
package struct TOMLTable: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package var key: String
        /// Where the key stands; its value has a position of its own.
        package var position: TOMLPosition
        package var value: TOMLValue

        package init(key: String, position: TOMLPosition, value: TOMLValue) {
            self.key = key
            self.position = position
            self.value = value
        }
    }

    package private(set) var entries: [Entry] = []

    package init() {}

    /// Takes entries whose keys the parser has already found to differ.
    init(unique entries: [Entry]) {
        self.entries = entries
    }

    package subscript(key: String) -> TOMLValue? {
        entries.first { $0.key == key }?.value
    }
}
