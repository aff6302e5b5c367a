package import Basics

/// One member's right to host, and what it knows of the others, for people who look after the cluster.
package struct Overview: Sendable {
    package enum State: String, CaseIterable, Hashable, Sendable {
        /// Not yet in the cluster, or coming back after it has lost its right to host.
        case joining
        case up
        /// Hosts what it has, takes nothing new.
        case draining
        /// Another node has its name, or it has said goodbye.
        case leaving
    }

    /// What is known of another member, most of it from Redis.
    package struct Other: Sendable {
        package var member: MemberID
        package var card: MemberCard?
        package var record: MemberRecord
        package var isAlive: Bool
        package var isLinked: Bool
        /// For how long its record has not moved.
        package var stillFor: Duration
        /// Calls that are still noted under it although it is dead.
        package var orphans: UInt32
    }

    package var state: State
    package var life: Life
    package var generation: Generation
    /// For how long it may host if nothing more comes; nil if it may not.
    package var holdsFor: Duration?
    /// What stands in the way of new calls.
    package var obstacle: PlacementFault?
    package var load: MemberLoad
    /// Since when there has been a connection to Redis; nil if there is none.
    package var redisConnectedFor: Duration?
    /// How long ago Redis answered last.
    package var redisSilentFor: Duration?
    package var card: MemberCard
    package var others: [Other]
}

extension Membership {
    package func overview(at now: Instant) -> Overview {
        Overview(
            state: publicState,
            life: life,
            generation: ground ?? .none,
            holdsFor: holds(at: now) ? holdsUntil.map { $0 - now } : nil,
            obstacle: obstacle(at: now),
            load: load,
            redisConnectedFor: run == nil ? nil : connected.map { now - $0 },
            redisSilentFor: lastAnswer.map { now - $0 },
            card: card,
            others: peers.filter { !$0.isGone }.map { peer in
                Overview.Other(
                    member: peer.member,
                    card: peer.card,
                    record: peer.record,
                    isAlive: peer.isAlive && !peer.isCertifiedDead,
                    isLinked: links.contains(peer.member),
                    stillFor: now - peer.stillSince,
                    orphans: peer.orphans
                )
            }
        )
    }

    private var publicState: Overview.State {
        switch stage {
        case .idle, .knocking: .joining
        case .member: wantsDrain || state == .draining ? .draining : .up
        case .refused, .gone: .leaving
        }
    }
}
