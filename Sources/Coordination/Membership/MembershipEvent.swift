package import Basics

/// What happens to a member, as ``Membership`` is told.
package enum MembershipEvent: Hashable, Sendable {
    /// The process wants into the cluster.
    case begin
    /// The connection to Redis stands, and this is who answers there. Comes before any request on it.
    case connected(RedisRun)
    case disconnected
    /// What Redis said to a request that was sent at `sentAt`. All that follows from it is counted
    /// from then, not from now.
    indirect case answered(RegistryAnswer, to: RegistryRequest, sentAt: Instant)
    indirect case failed(RegistryFault, RegistryRequest, sentAt: Instant)
    /// A majority of the Sentinels, asked at `sentAt`, names the Redis connected to as the master of
    /// this epoch.
    case confirmed(epoch: UInt64, sentAt: Instant)
    case linked(MemberID)
    case unlinked(MemberID)
    case heard(PeerMessage, from: MemberID)
    /// The guard of that member's process, on this machine, saw it end.
    case certified(MemberID, Life)
    /// What this member carries now.
    case loaded(MemberLoad)
    /// Everything this member hosts has been said again in that generation.
    case asserted(Generation)
    case drain(Bool)
    /// The process ends; what it hosted has been ended or moved.
    case leave
    /// ``Membership/deadline`` has come.
    case woke
}

/// What ``Membership`` asks to be done, in order.
package enum MembershipAction: Hashable, Sendable {
    case ask(RegistryRequest)
    case send(PeerMessage, to: MemberID)
    case tell(MembershipNews)
}

package enum MembershipNews: Hashable, Sendable {
    /// This member is in the cluster, in this life.
    case joined(Life)
    case left
    /// Another node of the same name runs. This one must not start.
    case refused(namesake: MemberID)
    /// The right to host has ended: stop everything, let clients come back, and expect a new life.
    case fenced(FenceCause)
    /// Another member is there to be linked to.
    case memberJoined(MemberID, MemberCard)
    /// A member has said goodbye, or its record is gone.
    case memberLeft(MemberID)
    /// A member's life was ended by the others; what it hosted can be taken over.
    case memberDied(MemberID, Life)
    /// Redis may have forgotten what it had acknowledged. A new generation is in force.
    case generation(Generation)
}

package enum FenceCause: String, Hashable, Sendable {
    case ranOut =
        "neither Redis nor enough other nodes answered in time; check the network of this node"
    case evicted =
        "the other nodes had not heard of this one for too long and took its calls over"
}
