/// A call that a member hosts, as its ``Rebalancer`` looks at it.
package struct MovableCall: Hashable, Sendable {
    package var channel: Channel
    package var people: UInt64
    /// Whether all clients in it go with their call by themselves. A move would throw out those that don't, which is worse
    /// than any load.
    package var follows: Bool

    package init(channel: Channel, people: UInt64, follows: Bool) {
        self.channel = channel
        self.people = people
        self.follows = follows
    }
}

/// A call that one member would like another to have, as that one is asked.
package struct BalanceOffer: Hashable, Sendable {
    package var channel: Channel
    package var people: UInt64
    /// What the giver would have left.
    package var rest: CarriedLoad

    package init(channel: Channel, people: UInt64, rest: CarriedLoad) {
        self.channel = channel
        self.people = people
        self.rest = rest
    }
}
