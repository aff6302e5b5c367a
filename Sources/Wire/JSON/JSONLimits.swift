/// How much of someone else's JSON we are willing to hold.
package struct JSONLimits: Hashable, Sendable {
    /// Arrays and objects inside one another; a bare string has depth 0.
    package var depth: Int
    /// Values in all: array elements, object members and the outermost one.
    package var elements: Int
    package var bytes: Int

    package init(depth: Int = 8, elements: Int = 4_096, bytes: Int = 1 << 20) {
        self.depth = depth
        self.elements = elements
        self.bytes = bytes
    }
}
