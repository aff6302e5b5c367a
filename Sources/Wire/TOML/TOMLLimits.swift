/// How large a TOML document may be, and how many faults are worth listing.
package struct TOMLLimits: Hashable, Sendable {
    package var bytes: Int
    /// Tables and arrays inside one another, counted from the document.
    package var depth: Int
    /// Keys and array elements in all.
    package var elements: Int
    /// Reading stops after this many faults.
    package var faults: Int

    package init(
        bytes: Int = 1 << 20,
        depth: Int = 16,
        elements: Int = 10_000,
        faults: Int = 50
    ) {
        self.bytes = bytes
        self.depth = depth
        self.elements = elements
        self.faults = faults
    }
}
