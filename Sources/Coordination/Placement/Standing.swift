package import Basics

/// What a member's ``PlacementBook`` needs to know of the members, itself first.
package struct Standing: Sendable {
    package struct Member: Hashable, Sendable {
        package var member: MemberID
        package var life: Life
        package var isAlive: Bool
        package var isLinked: Bool
        /// Whether it would take new calls, and speaks a version that this member speaks.
        package var isWilling: Bool
        /// Whether it takes them now, as Redis says.
        package var isFit: Bool
        package var weight: UInt64
        /// Whether all that it hosts is known to Redis as it is now, and it misses nobody there.
        package var hasAsserted: Bool
        /// Calls that are still noted under it although it is dead.
        package var orphans: UInt32
    }

    package var me: MemberID
    package var life: Life
    package var holds: Bool
    /// Whether Redis, as it is now, has this member's record.
    package var isListed: Bool
    /// Why nothing new can be placed now; nil if it can.
    package var obstacle: PlacementFault?
    package var isFit: Bool
    /// How many calls this member may host; 0 stands for no limit.
    package var callLimit: UInt32
    package var generation: Generation
    /// Whether this member has come since Redis last forgot, and can't know who is missing there.
    package var isNewcomer: Bool
    package var pace: Pace
    /// The others, in the order of their ids.
    package var members: [Member]

    package subscript(member: MemberID) -> Member? {
        members.first { $0.member == member }
    }

    /// Whether what that member placed in that life still stands.
    package func vouches(for place: Place) -> Bool {
        if place.member == me { return place.life == life }
        return self[place.member].map { $0.isAlive && $0.life == place.life } ?? false
    }

    /// Whether the member has told of that in a life that Redis has forgotten, and which nobody has ended.
    func mayStand(_ place: Place) -> Bool {
        self[place.member].map { $0.isAlive && $0.life < place.life } ?? false
    }

    /// Whether the life in which that was placed is known here, or known to be over. A member that has begun another
    /// and was not listed since may well host: what is known of it is older than what others say.
    func knows(of place: Place) -> Bool {
        self[place.member].map { !$0.isAlive || $0.life >= place.life } ?? false
    }
}

extension Membership {
    package func standing(at now: Instant) -> Standing {
        Standing(
            me: me,
            life: life,
            holds: holds(at: now),
            isListed: stage == .member && ground != nil && isListed,
            obstacle: obstacle(at: now),
            isFit: !wantsDrain && state == .up && !load.isFull && !load.isMarked,
            callLimit: load.callLimit,
            generation: ground ?? .none,
            isNewcomer: !isKnownToAll,
            pace: pace,
            members: peers.map { peer in
                let isWilling =
                    peer.record.state == .up && !peer.record.load.isFull
                    && !peer.record.load.isMarked && (peer.card?.understands(card) ?? false)
                return Standing.Member(
                    member: peer.member,
                    life: peer.record.life,
                    isAlive: peer.isAlive && !peer.isCertifiedDead,
                    isLinked: links.contains(peer.member),
                    isWilling: isWilling,
                    isFit: isWilling && isListed(peer),
                    weight: peer.record.load.weight,
                    hasAsserted: isListed(peer) && peer.record.asserted >= (ground ?? .none)
                        && peer.record.seen > 0,
                    orphans: peer.orphans
                )
            }
        )
    }

    /// Why nothing new can be placed now. What is placed already is another question.
    package func obstacle(at now: Instant) -> PlacementFault? {
        switch stage {
        case .idle: return .notJoined
        case .knocking where run == nil: return redisFault(at: now)
        case .knocking: return hasJoined ? .fenced : .notJoined
        case .refused, .gone: return .leaving
        case .member: break
        }
        guard holds(at: now) else { return .fenced }
        if let unwilling { return .redisUnwilling(unwilling) }
        guard run != nil, ground != nil, isListed,
            let lastAnswer, now - lastAnswer < pace.renewal + pace.requestTimeout
        else { return redisFault(at: now) }
        guard isConfirmed(at: now) else { return .masterUnconfirmed }
        guard isSettled(at: now), !mayMissSomebody else { return .settling }
        guard reachesMajority(at: now) else {
            let (reached, count) = reach(at: now)
            return .isolated(reached: reached, of: count)
        }
        return nil
    }

    private func redisFault(at now: Instant) -> PlacementFault {
        .redisUnreachable(since: now - (lastAnswer ?? began))
    }
}
