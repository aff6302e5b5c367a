/// What members tell each other. Links carry these in order, and lose what they carry when they are cut.
package enum PeerMessage: Hashable, Sendable {
    case heartbeat(Heartbeat)
    case heartbeatAnswer(HeartbeatAnswer)

    /// Asks for a vote that a member which has not moved may be declared dead.
    case voteRequest(MemberID, Life, Incarnation)
    /// A vote. It is never taken back; the member it is about can void it by a new incarnation.
    case vote(MemberID, Life, Incarnation)
    /// The guard that started a member's process saw it end.
    case certificate(MemberID, Life)
    /// Members have come or gone: renew now, and see.
    case viewChanged(UInt64)

    /// Asks that nobody else may begin this generation.
    case generationRequest(Generation)
    /// Yes to the generation asked for, or the newest that was said yes to.
    case generationAnswer(Generation, isGranted: Bool, newest: Generation)

    /// What the sender hosts, newly or all of it after a link came up.
    case hosting(Life, [HostedPlace])
    /// What the sender hosts no longer.
    case ended([HostedPlace])
    /// Asks who is known to host the channel.
    case whoHosts(Channel, number: UInt64)
    case knownHost(number: UInt64, Place?)

    /// The call has been moved to the receiver, in this life of it.
    case handedOver(Life, HostedPlace)

    /// Asks the receiver to claim the channel for itself, since the sender takes no calls.
    case passClaim(Channel, above: Token?, number: UInt64)
    case passedClaim(number: UInt64, PassedClaim)

    /// How many places one message may name.
    package static let batchLimit = 256

    /// Whether it is the ``PlacementBook``'s, and not the ``Membership``'s.
    var isAboutPlaces: Bool {
        switch self {
        case .hosting, .ended, .whoHosts, .knownHost, .handedOver, .passClaim, .passedClaim: true
        case .heartbeat, .heartbeatAnswer, .voteRequest, .vote, .certificate, .viewChanged,
            .generationRequest, .generationAnswer:
            false
        }
    }
}

package struct Heartbeat: Hashable, Sendable {
    package var number: UInt64
    package var life: Life
    package var incarnation: Incarnation
    /// The newest generation that the sender has heard of.
    package var generation: Generation

    package init(number: UInt64, life: Life, incarnation: Incarnation, generation: Generation) {
        self.number = number
        self.life = life
        self.incarnation = incarnation
        self.generation = generation
    }
}

package struct HeartbeatAnswer: Hashable, Sendable {
    package enum Verdict: UInt8, Hashable, Sendable {
        /// No vote against this life and incarnation for ``Pace/promise`` from now.
        case promise = 1
        /// There is a vote against this incarnation already.
        case votedAgainst = 2
    }

    /// Of the heartbeat that it answers, as are life and incarnation.
    package var number: UInt64
    package var life: Life
    package var incarnation: Incarnation
    package var verdict: Verdict
    /// Of who answers: a promise counts only while this is the life with which it had a vote.
    package var answererLife: Life

    package init(
        number: UInt64,
        life: Life,
        incarnation: Incarnation,
        verdict: Verdict,
        answererLife: Life
    ) {
        self.number = number
        self.life = life
        self.incarnation = incarnation
        self.verdict = verdict
        self.answererLife = answererLife
    }
}

/// How a claim that was passed on came out.
package enum PassedClaim: Hashable, Sendable {
    case placed(Place)
    case refused(PlacementFault)
}
