internal import Basics

/// One participant in a call's plan.
struct PlannedSession: Sendable {
    let peer: PeerID
    /// On whose board the peer is, for the session's life.
    let shard: Int
    let abilities: PlanEvent.Abilities
    var negotiation: Negotiation
    let joined: Instant
    /// A session that has said nothing by then is over.
    var offerDue: Instant?
    /// When an unanswered offer of ours is given up.
    var answerDue: Instant?
    /// Until when the participant has kept us from offering.
    var lockedUntil: Instant?
    /// Since when it, or an offer of ours, has the lock.
    var lockHeldSince: Instant?
    /// Since when it has wished for the lock, and since when an offer of ours has waited for it.
    var lockWishedSince: Instant?
    var offerWishedSince: Instant?
    /// Until when the plan looks at these three by itself.
    var booked: Instant?

    var hasMet = false
    var isConnected = false
    /// It has asked to be offered tracks before it has offered anything.
    var asksForOffer = false
    /// The first data channel it opened.
    var channel: UInt16?
    /// Before this it is given no other answer by the plan.
    var nextAnswer = Instant(nanoseconds: 0)
    var isMuted = false
    var screenStream: String?
    var cameraStream: String?
    /// Tracks it sends, by the section they come in.
    var uplinks: [String: UplinkID] = [:]
    /// Tracks it is sent or is to be sent, by what they are made from.
    var views: [UplinkID: DownlinkID] = [:]
    /// Those of them that its board knows.
    var downlinks: [DownlinkID: DownlinkShape] = [:]
    /// Those of them that the participant does not take just now.
    var hidden: Set<DownlinkID> = []

    /// Whether tracks may be offered.
    var isReady: Bool {
        if asksForOffer { return true }
        return isConnected && (channel != nil || !abilities.hasChannel)
    }

    var deadline: Instant? {
        [offerDue, answerDue, lockedUntil].compactMap { $0 }.min()
    }
}
