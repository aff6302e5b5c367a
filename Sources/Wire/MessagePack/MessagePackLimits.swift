/// How much of someone else's MessagePack we are willing to hold.
///
/// A length on the wire is a claim, not room to be made: nothing is allocated for elements that the
/// bytes at hand could not hold.
package struct MessagePackLimits: Hashable, Sendable {
    /// Arrays and maps inside one another; a bare string has depth 0.
    package var depth: Int
    /// Values in all: elements, keys, values of pairs, and the outermost one.
    package var elements: Int
    package var bytes: Int

    package init(depth: Int = 8, elements: Int = 4_096, bytes: Int = 1 << 20) {
        self.depth = depth
        self.elements = elements
        self.bytes = bytes
    }
}
