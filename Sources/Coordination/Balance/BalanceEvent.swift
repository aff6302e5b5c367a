/// What happens to a ``Rebalancer``.
package enum BalanceEvent: Hashable, Sendable {
    case set(BalanceTerms)
    /// It is time to look at the load again, as often as ``Rebalancer/glance`` says.
    case looked(LoadPicture)
    /// The calls that are hosted here, as ``BalanceAction/list`` asked. `chance` decides between members.
    case listed([MovableCall], LoadPicture, chance: UInt64)
    /// What became of a call that was to be given away.
    case settled(Channel, Outcome)
    /// Another member would like this one to have a call.
    case offered(BalanceOffer, LoadPicture)
    /// A call has come here from another member, whatever moved it.
    case came(Channel)

    package enum Outcome: String, CaseIterable, Hashable, Sendable {
        case moved
        /// The other did not want it.
        case declined
        case failed
    }
}

package enum BalanceAction: Hashable, Sendable {
    /// Say which calls are hosted here.
    case list
    /// Ask the other whether it wants the call, move it there if so, and say what came of it.
    case give(BalanceOffer, to: MemberID)
    case admit
    case decline
}

/// How a ``Rebalancer`` sees things, for operators.
package enum BalancePosture: Hashable, Sendable {
    case off
    /// The cluster has other cares.
    case holding(LoadPicture.Unrest)
    /// The members have been the same for too short a time.
    case settling
    /// This member has no more than its share, or not enough to matter.
    case even
    /// It has had too much for too short a time.
    case noticing
    case giving
    /// It has too much, and no call that another may have and that would make things better.
    case stuck
}

extension BalancePosture: CustomStringConvertible {
    package var description: String {
        switch self {
        case .off: "off"
        case .holding(let unrest): "waits, for \(unrest)"
        case .settling: "waits, for the nodes have not been the same for long enough"
        case .even: "has no more than its share"
        case .noticing: "has more than its share, and waits whether that lasts"
        case .giving: "has more than its share, and gives calls away"
        case .stuck:
            "has more than its share, and no call that may go and would make things better"
        }
    }
}

extension LoadPicture.Unrest: CustomStringConvertible {
    package var description: String {
        switch self {
        case .obstructed: "it may place no calls itself"
        case .ownDrain: "it is drained"
        case .marked: "takes_calls is false, and what is here stays"
        case .death: "a node is dead, and its calls are taken over"
        case .unreachable: "a node can't be reached from it"
        case .drain: "a node is drained"
        case .settling: "nodes tell Redis what they host"
        }
    }
}
