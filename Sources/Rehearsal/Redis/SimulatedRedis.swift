package import Coordination

/// Redis as far as the cluster can tell: what its scripts do, on values.
///
/// The scripts themselves are in `Sources/CScripts`; a test holds the two side by side.
package struct SimulatedRedis: Sendable {
    package struct Entry: Hashable, Sendable {
        package var place: Place
        /// To whom the call is about to move.
        package var target: (member: MemberID, life: Life)? {
            get { targetMember.flatMap { member in targetLife.map { (member, $0) } } }
            set { (targetMember, targetLife) = (newValue?.member, newValue?.life) }
        }
        private var targetMember: MemberID?
        private var targetLife: Life?

        init(place: Place) {
            self.place = place
        }
    }

    package var run: RedisRun
    package internal(set) var generation: Generation?
    package internal(set) var begun: RedisRun?
    package internal(set) var view: UInt64 = 0
    package internal(set) var members: [MemberID: MemberRecord] = [:]
    package internal(set) var cards: [MemberID: MemberCard] = [:]
    package internal(set) var places: [Channel: Entry] = [:]
    package internal(set) var owned: [MemberID: Set<Channel>] = [:]
    package internal(set) var snapshots: [Channel: [UInt8]] = [:]
    package internal(set) var count: UInt64 = 0
    /// Faults planted for the tests, which must notice them.
    package var flaws: Set<PlantedFault> = []

    package init(run: RedisRun) {
        self.run = run
    }

    /// The same process' successor: another run, with the data that were kept.
    package func restarted(as run: RedisRun, keepingData: Bool) -> SimulatedRedis {
        var next = keepingData ? self : SimulatedRedis(run: run)
        next.run = run
        next.flaws = flaws
        return next
    }

    package mutating func answer(_ request: RegistryRequest) -> RegistryAnswer {
        if case .raise = request.order {
            if let generation, request.generation <= generation {
                return .stale(generation, begun)
            }
            generation = request.generation
            begun = request.run
            return .done
        }
        let isThrough = request.generation == generation && request.run == begun
        guard isThrough else { return .stale(generation, begun) }
        switch request.order {
        case .raise: return .done
        case .register(let registration): return register(registration)
        case .renew(let renewal): return renew(renewal)
        case .bump(let member, let life, let incarnation):
            return bump(member, life, to: incarnation)
        case .drain(let member, let life, let isDraining):
            return drain(member, life, isDraining)
        case .leave(let member, let life): return leave(member, life)
        case .evict(let eviction): return evict(eviction)
        case .bury(let member, let life): return bury(member, life)
        case .readCards: return .cards(cards)
        case .place(let channel, let member, let life, let above):
            return place(channel, member, life, above: above)
        case .reassert(let member, let life, let places):
            return reassert(member, life, places)
        case .takeOver(let member, let life, let former, let channels):
            return takeOver(member, life, from: former, channels)
        case .end(let member, let place): return end(member, place)
        case .list(let member, _): return .listed(owned[member, default: []].sorted(), next: 0)
        case .beginMove(let place, let target, let life):
            return beginMove(place, to: target, life)
        case .finishMove(let place): return finishMove(place)
        case .abortMove(let place): return abortMove(place)
        case .save(let place, _, let blob): return save(place, blob)
        }
    }

    /// Why this member may not do anything in this life; nil if it may.
    func objection(to member: MemberID, _ life: Life) -> RegistryAnswer? {
        guard let record = members[member] else { return .unregistered }
        return record.vouches(for: life) ? nil : .evicted
    }

    func vouches(for place: Place) -> Bool {
        guard let record = members[place.member] else { return false }
        return flaws.contains(.placesForgetLives) ? record.isAlive : record.vouches(for: place.life)
    }

    var table: MemberTable {
        MemberTable(
            view: view,
            rows: members.map { member, record in
                let orphans = record.isAlive ? 0 : UInt32(owned[member, default: []].count)
                return MemberTable.Row(member: member, record: record, orphans: orphans)
            }
        )
    }
}
