package import Basics

/// One member, as an operator sees it from one node.
package struct MemberOverview: Hashable, Sendable {
    package var member: MemberID
    package var record: MemberRecord
    package var card: MemberCard?
    package var isSelf: Bool
    package var isAlive: Bool
    /// Whether Redis, as it is now, has its record.
    package var isListed: Bool
    package var isLinked: Bool
    /// What the last heartbeat took to be answered.
    package var roundTrip: Duration?
    /// For how long its record has stood still. Beyond ``Pace/stall`` the others may believe it gone.
    package var stillFor: Duration
    /// For how long it may host if it hears nothing more. Known of the node itself only; nil if it
    /// may not.
    package var holdsFor: Duration?
    /// For how long it has promised not to vote against the node that is asked.
    package var promisesFor: Duration?
    /// Calls that are still noted under it although it is dead.
    package var orphans: UInt32
}

extension Membership {
    /// All members, this one first, the others in the order of their ids.
    package func overview(at now: Instant) -> [MemberOverview] {
        let own = MemberOverview(
            member: me,
            record: MemberRecord(
                life: life,
                incarnation: incarnation,
                sequence: sequence,
                since: since,
                seen: electorates.first?.view ?? 0,
                asserted: asserted,
                state: wantsDrain ? .draining : state,
                load: load
            ),
            card: card,
            isSelf: true,
            isAlive: stage == .member,
            isListed: isListed && ground != nil,
            isLinked: true,
            stillFor: lastAnswer.map { now - $0 } ?? now - began,
            holdsFor: holdsUntil.flatMap { now < $0 ? Self.span(to: $0, from: now) : nil },
            orphans: 0
        )
        return [own]
            + peers.filter { !$0.isGone }.map { peer in
                MemberOverview(
                    member: peer.member,
                    record: peer.record,
                    card: peer.card,
                    isSelf: false,
                    isAlive: peer.isAlive && !peer.isCertifiedDead,
                    isListed: isListed(peer),
                    isLinked: links.contains(peer.member),
                    roundTrip: peer.roundTrip,
                    stillFor: now - peer.stillSince,
                    promisesFor: peer.promise.flatMap { now < $0.until ? $0.until - now : nil },
                    orphans: peer.orphans
                )
            }
    }

    /// A node that is alone holds for ever, which no duration says.
    private static func span(to end: Instant, from now: Instant) -> Duration {
        end.nanoseconds == .max ? .seconds(1 << 32) : end - now
    }
}
