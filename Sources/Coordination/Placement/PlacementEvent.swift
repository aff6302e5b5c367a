package import Basics

/// What happens to places, as ``PlacementBook`` is told.
package enum PlacementEvent: Hashable, Sendable {
    /// Somebody wants the channel's call: find its host, or make this member the host. Nothing known
    /// up to `above` is believed. `chance` decides between members if this one passes the claim on.
    case claim(Channel, above: Token?, number: UInt64, chance: UInt64)
    /// Who claimed waits no longer.
    case forget(number: UInt64)
    /// The call is over.
    case end(HostedPlace)
    /// Keep this picture of the call for whoever may have to take it over.
    case save(HostedPlace, sequence: UInt64, [UInt8])
    case beginMove(HostedPlace, to: MemberID)
    case finishMove(HostedPlace)
    case abortMove(HostedPlace)
    indirect case answered(RegistryAnswer, to: RegistryRequest, sentAt: Instant)
    indirect case failed(RegistryFault, RegistryOrder)
    case linked(MemberID)
    /// Another member is in the cluster, maybe once more.
    case met(MemberID)
    case heard(PeerMessage, from: MemberID)
    /// A renewal's answer says how many calls are noted under this member.
    case owned(UInt64, sentAt: Instant)
    /// This member's life is over, and with it all that it hosted.
    case fenced
    /// Somebody has begun a generation: what is hosted is said to all again. Who was cut off when the last one ended may
    /// host under a token of it what another has said again in the new one, and one of both must learn of the other.
    case generationBegan
    /// What is known of the members has changed.
    case looked
    /// ``PlacementBook/deadline`` has come.
    case woke
}

/// What ``PlacementBook`` asks to be done, in order.
package enum PlacementAction: Hashable, Sendable {
    case ask(RegistryOrder)
    case send(PeerMessage, to: MemberID)
    case answer(number: UInt64, ClaimAnswer)
    case tell(PlacementNews)
    /// All that is hosted has been said again in this generation.
    case asserted(Generation)
}

/// How a claim came out.
package enum ClaimAnswer: Hashable, Sendable {
    case mine(Token)
    case theirs(MemberID, Token)
    case refused(PlacementFault)
}

package enum PlacementNews: Hashable, Sendable {
    /// Host these from now on: they were another's, or were given to this member without its knowing.
    case takenOver([TakenPlace])
    /// Stop hosting: somebody holds a higher token, or the life in which it was hosted is over.
    case lost(Channel, by: Token?)
    /// The target has been noted; it may prepare.
    case moveBegun(HostedPlace, to: MemberID)
    /// The call is the other's now, under this token.
    case moved(HostedPlace, to: MemberID, Token)
    /// The call stays.
    case moveRefused(HostedPlace)
    /// What was to be saved was not kept.
    case saveRefused(HostedPlace)
}
