/// The fence of a placed call: whoever holds a higher one is right, and what carries a lower one is
/// refused everywhere.
///
/// In text "generation.count". The count alone would not do: a Redis that has lost its last second
/// issues the same counts again.
package struct Token: Hashable, Sendable, Comparable, CustomStringConvertible {
    package var generation: Generation
    package var count: UInt64

    package init(generation: Generation, count: UInt64) {
        self.generation = generation
        self.count = count
    }

    /// Reads a token; nil unless it is exactly one.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let generation = Generation(parts[0]),
            let count = UInt64(decimal: parts[1])
        else { return nil }
        self.init(generation: generation, count: count)
    }

    package var description: String { "\(generation).\(count)" }

    package static func < (lhs: Token, rhs: Token) -> Bool {
        (lhs.generation, lhs.count) < (rhs.generation, rhs.count)
    }
}
