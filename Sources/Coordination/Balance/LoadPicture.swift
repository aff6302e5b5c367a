package import Basics

/// What a member knows of how the load is spread, and why nothing may be moved for its sake now.
package struct LoadPicture: Hashable, Sendable {
    package struct Carrier: Hashable, Sendable {
        package var member: MemberID
        package var load: CarriedLoad
        /// Whether it can be given calls now.
        package var mayTake: Bool

        package init(member: MemberID, load: CarriedLoad, mayTake: Bool) {
            self.member = member
            self.load = load
            self.mayTake = mayTake
        }
    }

    /// Why a cluster has other cares than to be even.
    package enum Unrest: String, CaseIterable, Hashable, Sendable {
        /// This member may place nothing: it has lost Redis, or its right, or too many of the others.
        case obstructed
        case ownDrain
        /// It is marked: what it has stays.
        case marked
        case death
        case unreachable
        case drain
        /// Somebody has not yet said again what it hosts.
        case settling
    }

    /// Who is there. While that changes, loads say little.
    package struct Roll: Hashable, Sendable {
        package struct Entry: Hashable, Sendable {
            package var member: MemberID
            package var life: Life

            package init(member: MemberID, life: Life) {
                self.member = member
                self.life = life
            }
        }

        package var generation: Generation
        package var entries: [Entry]

        package init(generation: Generation, entries: [Entry]) {
            self.generation = generation
            self.entries = entries
        }
    }

    package var own: Carrier
    /// Those that share the load with this one, full ones included, in the order of their ids.
    package var others: [Carrier]
    package var unrest: Unrest?
    package var roll: Roll

    package init(own: Carrier, others: [Carrier], unrest: Unrest?, roll: Roll) {
        self.own = own
        self.others = others
        self.unrest = unrest
        self.roll = roll
    }
}

extension LoadPicture {
    /// How many people a carrier would have if all had as many, or as many for their limits where all have one, rounded
    /// up.
    package func share(of load: CarriedLoad) -> UInt64 {
        let all = [own] + others
        let people = all.reduce(0) { $0 + $1.load.people }
        guard all.allSatisfy({ $0.load.limit > 0 }) else {
            let count = UInt64(all.count)
            return (people + count - 1) / count
        }
        let limit = all.reduce(0) { $0 + $1.load.limit }
        return (people * load.limit + limit - 1) / limit
    }

    /// How many people this member has more than its share, if that is more than `margin` hundredths of it, and as many
    /// as are worth a move.
    func excess(beyond margin: UInt64, atLeast least: UInt64) -> UInt64? {
        let share = share(of: own.load)
        guard own.load.people > share else { return nil }
        let excess = own.load.people - share
        guard excess * 100 > share * margin, excess >= least else { return nil }
        return excess
    }
}

extension Membership {
    package func loads(at now: Instant) -> LoadPicture {
        let standing = standing(at: now)
        var others: [LoadPicture.Carrier] = []
        for peer in peers where peer.isAlive && !peer.isCertifiedDead {
            guard peer.record.state == .up, !peer.record.load.isMarked,
                peer.card?.understands(card) ?? false, let member = standing[peer.member]
            else { continue }
            others.append(
                LoadPicture.Carrier(
                    member: peer.member,
                    load: CarriedLoad(peer.record.load),
                    mayTake: member.isFit && member.isLinked
                )
            )
        }
        let alive = peers.filter(\.isAlive).map {
            LoadPicture.Roll.Entry(member: $0.member, life: $0.record.life)
        }
        return LoadPicture(
            own: LoadPicture.Carrier(
                member: me,
                load: CarriedLoad(load),
                mayTake: standing.isFit
            ),
            others: others,
            unrest: unrest(standing),
            roll: LoadPicture.Roll(
                generation: standing.generation,
                entries: alive + [LoadPicture.Roll.Entry(member: me, life: life)]
            )
        )
    }

    private func unrest(_ standing: Standing) -> LoadPicture.Unrest? {
        if standing.obstacle != nil { return .obstructed }
        if wantsDrain || state != .up { return .ownDrain }
        if load.isMarked { return .marked }
        for peer in peers where !peer.isGone {
            if peer.isCertifiedDead && peer.record.isAlive { return .death }
            if !peer.record.isAlive, peer.orphans > 0 { return .death }
            guard peer.isAlive else { continue }
            if !links.contains(peer.member) { return .unreachable }
            if peer.record.state == .draining, peer.record.load.calls > 0 { return .drain }
        }
        return standing.members.contains { $0.isAlive && !$0.hasAsserted } ? .settling : nil
    }
}

extension CarriedLoad {
    init(_ load: MemberLoad) {
        self.init(people: UInt64(load.sessions), limit: UInt64(load.sessionLimit))
    }
}
