/// Why the store could not do what was asked, in words that say what to do next.
package struct StoreFault: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}
