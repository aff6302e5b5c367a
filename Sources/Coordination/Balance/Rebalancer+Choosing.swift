internal import Basics

/// Which calls go where.
extension Rebalancer {
    /// One round: so many calls, each to the lighter of two drawn members, as if those before it were there already.
    mutating func giveAway(
        _ calls: [MovableCall],
        _ picture: LoadPicture,
        _ chance: UInt64,
        _ now: Instant
    ) -> [BalanceAction] {
        resting = resting.filter { $0.value > now }
        // Until few enough are left, however much it took to begin.
        guard picture.excess(beyond: terms.margin / 2, atLeast: terms.leastExcess) != nil else {
            posture = .even
            return []
        }
        var random = SeededRandom(seed: chance)
        var round = Round(
            calls: calls.filter { $0.follows && $0.people > 0 && resting[$0.channel] == nil },
            own: picture.own.load,
            excess: picture.own.load.people - picture.share(of: picture.own.load),
            targets: picture.others.filter { $0.mayTake && declined[$0.member] == nil }
                .map { ($0.member, $0.load, picture.share(of: $0.load)) }
        )
        var chosen: [(call: MovableCall, target: MemberID)] = []
        while chosen.count < terms.movesAtOnce, let next = round.next(using: &random) {
            chosen.append(next)
        }
        guard !chosen.isEmpty else {
            posture = .stuck
            pausedUntil = now + terms.calm
            return []
        }
        posture = .giving
        state = .moving(
            Dictionary(
                chosen.map { ($0.call.channel, Given(target: $0.target, since: now)) },
                uniquingKeysWith: { first, _ in first }
            )
        )
        // Each is asked as if all of the round had gone, in whichever order they do.
        return chosen.map { call, target in
            let offer = BalanceOffer(channel: call.channel, people: call.people, rest: round.own)
            return .give(offer, to: target)
        }
    }

    private struct Round {
        var calls: [MovableCall]
        var own: CarriedLoad
        /// How many people are too many here.
        var excess: UInt64
        var targets: [(member: MemberID, load: CarriedLoad, share: UInt64)]
        /// The heaviest of those that are given something, with that.
        var heaviest: CarriedLoad?

        mutating func next(
            using random: inout SeededRandom
        ) -> (call: MovableCall, target: MemberID)? {
            guard excess > 0, let target = lighterOfTwo(using: &random),
                let index = bestCall(for: target)
            else { return nil }
            let call = calls.remove(at: index)
            own = own.without(call.people)
            excess -= min(excess, call.people)
            let load = targets[target].load.with(call.people)
            targets[target].load = load
            if heaviest.map({ load.isHeavier(than: $0) }) ?? true { heaviest = load }
            return (call, targets[target].member)
        }

        private func lighterOfTwo(using random: inout SeededRandom) -> Int? {
            guard let one = targets.indices.randomElement(using: &random) else { return nil }
            let other = targets.indices.randomElement(using: &random) ?? one
            return targets[one].load.isHeavier(than: targets[other].load) ? other : one
        }

        /// The largest that is no more than is too many here and wanting there: one move then does the work of several,
        /// and none has to come back. Else the smallest that does not make the other the heavier.
        private func bestCall(for target: Int) -> Int? {
            let (_, load, share) = targets[target]
            let room = min(excess, share - min(share, load.people))
            var fitting: Int?
            var smallest: Int?
            for (index, call) in calls.enumerated() {
                let (after, rest) = (load.with(call.people), own.without(call.people))
                guard !after.isHeavier(than: rest), heaviest?.isHeavier(than: rest) != true,
                    after.limit == 0 || after.people <= after.limit
                else { continue }
                if call.people <= room, fitting.map({ calls[$0].people < call.people }) ?? true {
                    fitting = index
                }
                if smallest.map({ calls[$0].people > call.people }) ?? true { smallest = index }
            }
            return fitting ?? smallest
        }
    }
}
