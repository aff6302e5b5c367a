/// How many people are in the calls of a member, of how many it may have; 0 stands for no limit.
package struct CarriedLoad: Hashable, Sendable {
    package var people: UInt64
    package var limit: UInt64

    package init(people: UInt64, limit: UInt64 = 0) {
        self.people = min(people, Self.most)
        self.limit = min(limit, Self.most)
    }

    /// Whether this is more, for its limit, than the other is for its own. Where either has none, people alone count.
    package func isHeavier(than other: CarriedLoad) -> Bool {
        guard limit > 0, other.limit > 0 else { return people > other.people }
        return people * other.limit > other.people * limit
    }

    /// More than any machine can have, and small enough for two sums of many to be multiplied.
    static let most: UInt64 = 1 << 20

    func with(_ more: UInt64) -> CarriedLoad { CarriedLoad(people: people + more, limit: limit) }

    func without(_ fewer: UInt64) -> CarriedLoad {
        CarriedLoad(people: people - min(people, fewer), limit: limit)
    }
}
