import Basics
import Coordination
import Testing

@Suite struct `A rebalancer` {
    private static let me = member("a", 1)
    private static let other = member("b", 2)
    private static let third = member("c", 3)

    private var rebalancer = Rebalancer(BalanceTerms(isOn: true))
    private var now = Instant(nanoseconds: 0)

    private static func member(_ name: String, _ nonce: UInt64) -> MemberID {
        guard let name = NodeName(name) else { preconditionFailure("it is a name") }
        return MemberID(name: name, nonce: nonce)
    }

    private static func channel(_ number: Int) -> Channel {
        guard let channel = Channel("call\(number)") else { preconditionFailure("it is a name") }
        return channel
    }

    private func picture(
        _ own: UInt64,
        _ others: [MemberID: UInt64] = [other: 0, third: 0],
        limits: [MemberID: UInt64] = [:],
        full: Set<MemberID> = [],
        unrest: LoadPicture.Unrest? = nil,
        life: UInt64 = 1
    ) -> LoadPicture {
        func carrier(_ member: MemberID, _ people: UInt64) -> LoadPicture.Carrier {
            LoadPicture.Carrier(
                member: member,
                load: CarriedLoad(people: people, limit: limits[member] ?? 0),
                mayTake: !full.contains(member)
            )
        }
        return LoadPicture(
            own: carrier(Self.me, own),
            others: others.keys.sorted().map { carrier($0, others[$0] ?? 0) },
            unrest: unrest,
            roll: LoadPicture.Roll(
                generation: Generation(1),
                entries: others.keys.sorted().map {
                    LoadPicture.Roll.Entry(member: $0, life: Life(rawValue: life))
                }
            )
        )
    }

    private func calls(_ sizes: [UInt64], from first: Int = 0) -> [MovableCall] {
        sizes.enumerated().map {
            MovableCall(channel: Self.channel(first + $0.offset), people: $0.element, follows: true)
        }
    }

    /// Looks once a second, until it asks for calls or the time is over.
    private mutating func look(at picture: LoadPicture, for seconds: Int) -> Bool {
        for _ in 0..<seconds {
            let actions = rebalancer.receive(.looked(picture), at: now)
            if actions == [.list] { return true }
            #expect(actions == [])
            now = now + Rebalancer.glance
        }
        return false
    }

    /// What it gives away, once it has looked long enough.
    private mutating func gifts(
        _ calls: [MovableCall],
        _ picture: LoadPicture,
        chance: UInt64 = 7
    ) -> [(offer: BalanceOffer, target: MemberID)] {
        guard look(at: picture, for: 40) else { return [] }
        return rebalancer.receive(.listed(calls, picture, chance: chance), at: now).compactMap {
            if case .give(let offer, let target) = $0 { (offer, target) } else { nil }
        }
    }

    @Test mutating func `that is off does nothing, however uneven it is`() {
        rebalancer = Rebalancer(BalanceTerms(isOn: false))
        #expect(!look(at: picture(1_000), for: 100))
        #expect(rebalancer.posture == .off)
        _ = rebalancer.receive(.set(BalanceTerms(isOn: true)), at: now)
        #expect(look(at: picture(1_000), for: 100))
    }

    @Test mutating func `waits until it has lasted, and then gives calls to those with fewer`() {
        let picture = picture(100)
        #expect(!look(at: picture, for: 10))
        #expect(rebalancer.posture == .noticing || rebalancer.posture == .settling)
        let gifts = gifts(calls(Array(repeating: 5, count: 20)), picture)
        #expect(gifts.count == 4)
        #expect(gifts.allSatisfy { $0.offer.people == 5 && $0.offer.rest.people == 80 })
        #expect(Set(gifts.map(\.target)).isSubset(of: [Self.other, Self.third]))
        #expect(Set(gifts.map(\.offer.channel)).count == 4)
        #expect(rebalancer.posture == .giving)
    }

    @Test(arguments: [
        (UInt64(62), UInt64(50), true), (60, 50, false), (40, 50, false), (10, 2, false),
        (12, 2, true),
    ])
    mutating func `looks for calls only if it has clearly more than its share`(
        own: UInt64,
        others: UInt64,
        isMuch: Bool
    ) {
        // An eighth more than the mean of the three, and six people.
        let terms = BalanceTerms(isOn: true, margin: 12, leastExcess: 6)
        rebalancer = Rebalancer(terms)
        let asked = look(at: picture(own, [Self.other: others, Self.third: others]), for: 60)
        #expect(asked == isMuch, "\(own) beside twice \(others)")
        #expect(asked || rebalancer.posture == .even)
    }

    @Test mutating func `goes on to half of what made it begin`() {
        let many = calls(Array(repeating: 2, count: 40))
        let begun = gifts(many, picture(80, [Self.other: 50, Self.third: 50]))
        #expect(begun.count == 4)
        for gift in begun {
            _ = rebalancer.receive(.settled(gift.offer.channel, .moved), at: now)
        }
        // 72 of 180: a fifth too many exactly, which would not make it begin.
        now = now + .seconds(5)
        let next = picture(72, [Self.other: 54, Self.third: 54])
        #expect(rebalancer.receive(.looked(next), at: now) == [.list])
        _ = rebalancer.receive(.listed([], next, chance: 1), at: now)
        // And once it has stopped, it stays so.
        let later = picture(66, [Self.other: 57, Self.third: 57])
        #expect(!look(at: later, for: 60))
        #expect(rebalancer.posture == .even)
        #expect(!look(at: next, for: 60))
    }

    @Test mutating func `waits for its calls to arrive, and then for a pause`() {
        let picture = picture(100)
        let gifts = gifts(calls(Array(repeating: 5, count: 20)), picture)
        #expect(!look(at: picture, for: 5))
        for gift in gifts.dropLast() {
            _ = rebalancer.receive(.settled(gift.offer.channel, .moved), at: now)
        }
        #expect(!look(at: picture, for: 5))
        _ = rebalancer.receive(.settled(gifts[3].offer.channel, .failed), at: now)
        #expect(!look(at: picture, for: 5))
        #expect(look(at: picture, for: 1))
    }

    @Test mutating func `waits for no call longer than a move may take`() {
        let gifts = gifts(calls([5, 5, 5, 5]), picture(100))
        #expect(!gifts.isEmpty)
        #expect(!look(at: picture(100), for: 15))
        #expect(look(at: picture(100), for: 10))
    }

    @Test mutating func `takes the largest call that is not too much for the other`() {
        let gifts = gifts(calls([40, 20, 3, 1]), picture(64, [Self.other: 0]))
        // 32 too many here, and as many wanting there.
        #expect(gifts.map(\.offer.people) == [20, 3, 1])
    }

    @Test mutating func `takes one that is larger where that still makes it better`() {
        let gifts = gifts(calls([30, 34]), picture(64, [Self.other: 2, Self.third: 2]))
        #expect(gifts.map(\.offer.people) == [30])
    }

    @Test mutating func `moves nothing that would only make the other the heaviest`() {
        #expect(gifts(calls([60]), picture(60)).isEmpty)
        #expect(rebalancer.posture == .stuck)
        #expect(gifts(calls([50, 14]), picture(64, [Self.other: 40, Self.third: 51])).isEmpty)
    }

    @Test mutating func `leaves calls alone whose people would be thrown out, and empty ones`() {
        var all = calls([5, 5, 0, 5])
        all[0].follows = false
        let gifts = gifts(all, picture(100))
        #expect(Set(gifts.map(\.offer.channel)) == [Self.channel(1), Self.channel(3)])
    }

    @Test mutating func `leaves a call alone for minutes that has come from elsewhere`() {
        let all = calls([20, 20])
        for call in all { _ = rebalancer.receive(.came(call.channel), at: now) }
        #expect(gifts(all, picture(40)).isEmpty)
        now = now + .seconds(300)
        #expect(gifts(all, picture(40)).count == 1)
    }

    @Test mutating func `leaves a call alone for minutes that could not be moved`() {
        let all = calls([20, 20])
        let first = gifts(all, picture(40))
        #expect(first.count == 1)
        _ = rebalancer.receive(.settled(first[0].offer.channel, .failed), at: now)
        let second = gifts(all, picture(40))
        #expect(second.count == 1 && second[0].offer.channel != first[0].offer.channel)
    }

    @Test mutating func `does not ask again soon who has declined`() {
        let all = calls([20, 20])
        let first = gifts(all, picture(40, [Self.other: 0]))
        _ = rebalancer.receive(.settled(first[0].offer.channel, .declined), at: now)
        now = now + .seconds(6)
        #expect(rebalancer.receive(.looked(picture(40, [Self.other: 0])), at: now) == [.list])
        let again = rebalancer.receive(
            .listed(all, picture(40, [Self.other: 0]), chance: 1),
            at: now
        )
        #expect(again == [])
        now = now + .seconds(11)
        #expect(gifts(all, picture(40, [Self.other: 0])).count == 1)
    }

    @Test mutating func `gives nothing to who is full`() {
        let gifts = gifts(calls([5, 5, 5, 5, 5]), picture(100, full: [Self.other]))
        #expect(Set(gifts.map(\.target)) == [Self.third])
    }

    @Test mutating func `reckons by limits where all have one`() {
        let limits: [MemberID: UInt64] = [Self.me: 300, Self.other: 100]
        #expect(!look(at: picture(90, [Self.other: 30], limits: limits), for: 60))
        let all = calls(Array(repeating: 4, count: 30))
        let gifts = gifts(all, picture(120, [Self.other: 0], limits: limits))
        #expect(gifts.count == 4)
        #expect(gifts.reduce(0) { $0 + $1.offer.people } == 16)
    }

    @Test(arguments: LoadPicture.Unrest.allCases)
    mutating func `moves nothing while the cluster has other cares`(unrest: LoadPicture.Unrest) {
        #expect(!look(at: picture(100, unrest: unrest), for: 100))
        #expect(rebalancer.posture == .holding(unrest))
        // Nor at once when they are over.
        #expect(!look(at: picture(100), for: 10))
        #expect(look(at: picture(100), for: 20))
        // Nor if they begin while it asks what it has.
        let all = calls([5, 5])
        let late = BalanceEvent.listed(all, picture(100, unrest: unrest), chance: 1)
        #expect(rebalancer.receive(late, at: now) == [])
    }

    @Test mutating func `moves nothing while members come and go`() {
        for life in UInt64(1)...10 { #expect(!look(at: picture(100, life: life), for: 9)) }
        #expect(look(at: picture(100, life: 10), for: 30))
    }

    // MARK: - What it is asked

    private func offer(
        _ number: Int,
        _ people: UInt64,
        leaving rest: UInt64
    ) -> BalanceOffer {
        let load = CarriedLoad(people: rest)
        return BalanceOffer(channel: Self.channel(number), people: people, rest: load)
    }

    @Test mutating func `takes a call only if it has no more people with it than are left`() {
        #expect(
            rebalancer.receive(.offered(offer(1, 5, leaving: 25), picture(20)), at: now) == [.admit]
        )
        #expect(rebalancer.expects(Self.channel(1)) && !rebalancer.expects(Self.channel(2)))
        // The five are on their way.
        let second = BalanceEvent.offered(offer(2, 5, leaving: 29), picture(20))
        #expect(rebalancer.receive(second, at: now) == [.decline])
        // And who gives the first must not be passed by what another gives.
        let third = BalanceEvent.offered(offer(2, 5, leaving: 30), picture(20))
        #expect(rebalancer.receive(third, at: now) == [.decline])
        let fourth = BalanceEvent.offered(offer(2, 5, leaving: 30), picture(15))
        #expect(rebalancer.receive(fourth, at: now) == [.admit])
    }

    @Test mutating func `counts those it has said yes to until they are in its load`() {
        _ = rebalancer.receive(.offered(offer(1, 5, leaving: 40), picture(20)), at: now)
        _ = rebalancer.receive(.came(Self.channel(1)), at: now)
        let next = BalanceEvent.offered(offer(2, 5, leaving: 25), picture(20))
        #expect(rebalancer.receive(next, at: now) == [.decline])
        now = now + .seconds(1)
        #expect(rebalancer.receive(next, at: now) == [.admit])
    }

    @Test mutating func `counts nobody for ever who never came`() {
        _ = rebalancer.receive(.offered(offer(1, 5, leaving: 40), picture(20)), at: now)
        now = now + .seconds(16)
        let next = BalanceEvent.offered(offer(2, 5, leaving: 25), picture(20))
        #expect(rebalancer.receive(next, at: now) == [.admit])
    }

    @Test mutating func `takes nothing while the cluster has other cares, or beyond its limit`() {
        let offer = offer(1, 5, leaving: 100)
        for unrest in LoadPicture.Unrest.allCases {
            let event = BalanceEvent.offered(offer, picture(0, unrest: unrest))
            #expect(rebalancer.receive(event, at: now) == [.decline])
        }
        let full = BalanceEvent.offered(offer, picture(0, full: [Self.me]))
        #expect(rebalancer.receive(full, at: now) == [.decline])
        let near = BalanceEvent.offered(offer, picture(46, limits: [Self.me: 50]))
        #expect(rebalancer.receive(near, at: now) == [.decline])
        let just = BalanceEvent.offered(offer, picture(45, limits: [Self.me: 50]))
        #expect(rebalancer.receive(just, at: now) == [.admit])
    }

    @Test mutating func `takes no more at a time than it can count`() {
        for number in 0..<64 {
            let offer = offer(number, 1, leaving: 1_000)
            #expect(rebalancer.receive(.offered(offer, picture(0)), at: now) == [.admit])
        }
        let more = BalanceEvent.offered(offer(64, 1, leaving: 1_000), picture(0))
        #expect(rebalancer.receive(more, at: now) == [.decline])
    }

    @Test mutating func `takes nothing while it gives away`() {
        #expect(!gifts(calls([5, 5, 5]), picture(100)).isEmpty)
        let event = BalanceEvent.offered(offer(9, 5, leaving: 1_000), picture(100))
        #expect(rebalancer.receive(event, at: now) == [.decline])
    }
}
