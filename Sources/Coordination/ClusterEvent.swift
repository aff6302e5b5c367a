package import Basics

/// What happens to a node of a cluster, as ``ClusterNode`` is told.
///
/// Most are words of other members: what is larger lies elsewhere.
package enum ClusterEvent: Hashable, Sendable {
    case begin
    /// The connection to Redis stands, and this is who answers there. Comes before any request on it.
    case connected(RedisRun)
    case disconnected
    /// What Redis said to a request that was sent at `sentAt`.
    indirect case answered(RegistryAnswer, to: RegistryRequest, sentAt: Instant)
    indirect case failed(RegistryFault, RegistryRequest, sentAt: Instant)
    /// A majority of the Sentinels, asked at `sentAt`, names the Redis connected to as the master of
    /// this epoch.
    case confirmed(epoch: UInt64, sentAt: Instant)
    case linked(MemberID)
    case unlinked(MemberID)
    case heard(PeerMessage, from: MemberID)
    case certified(MemberID, Life)
    case loaded(MemberLoad)

    case claim(Channel, above: Token?, number: UInt64, chance: UInt64)
    case forget(number: UInt64)
    case end(HostedPlace)
    case save(HostedPlace, sequence: UInt64, [UInt8])
    case beginMove(HostedPlace, to: MemberID)
    case finishMove(HostedPlace)
    case abortMove(HostedPlace)

    case drain(Bool)
    case leave
    /// ``ClusterNode/deadline`` has come.
    case woke
}

/// What ``ClusterNode`` asks to be done, in order.
package enum ClusterAction: Hashable, Sendable {
    case ask(RegistryRequest)
    case send(PeerMessage, to: MemberID)
    case answer(number: UInt64, ClaimAnswer)
    case tell(ClusterNews)
}

package enum ClusterNews: Hashable, Sendable {
    case membership(MembershipNews)
    case placement(PlacementNews)
}
