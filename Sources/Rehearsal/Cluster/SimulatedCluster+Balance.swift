internal import Basics
internal import Coordination

/// Rebalancers at work while a cluster is struck, in a hurry: what takes minutes takes a second here.
extension SimulatedCluster {
    private static let terms = BalanceTerms(
        isOn: true,
        margin: 10,
        leastExcess: 1,
        movesAtOnce: 2,
        pause: .milliseconds(200),
        calm: .milliseconds(200),
        callRest: .seconds(1)
    )

    mutating func beginBalancing(_ index: Int) {
        nodes[index].gifts = [:]
        guard scenario.balances else { return }
        nodes[index].balancer = Rebalancer(Self.terms)
        agenda.note(.glance(index, boot: nodes[index].boot), at: now + milliseconds(50...150))
    }

    mutating func glance(_ index: Int, _ boot: Int) {
        guard nodes[index].boot == boot, nodes[index].isRunning else { return }
        agenda.note(.glance(index, boot: boot), at: now + milliseconds(50...150))
        guard now >= nodes[index].frozenUntil else { return }
        // Where calls are at the end is asked a moment before.
        if now >= moments.end - 2_000_000_000 {
            balance(index, .set(BalanceTerms(isOn: false)))
        }
        let hosted = channels.indices.filter { token(of: $0, at: index) != nil }
        let people = hosted.reduce(0) { $0 + $1 + 1 }
        deliver(
            .loaded(MemberLoad(calls: UInt32(hosted.count), sessions: UInt32(people))),
            to: index
        )
        balance(index, .looked(loads(of: index)))
    }

    mutating func balance(_ index: Int, _ event: BalanceEvent) {
        let clock = nodes[index].clock(at: now)
        for action in nodes[index].balancer?.receive(event, at: clock) ?? [] {
            switch action {
            case .list:
                let calls = channels.indices.filter { token(of: $0, at: index) != nil }.map {
                    MovableCall(channel: channels[$0], people: UInt64($0 + 1), follows: true)
                }
                balance(index, .listed(calls, loads(of: index), chance: random.next()))
            case .give(let offer, let member):
                let boot = nodes[index].boot
                agenda.note(
                    .offer(offer, from: index, boot: boot, to: member),
                    at: now + milliseconds(0...5)
                )
                let number = random.next()
                agenda.note(
                    .giftLost(index, boot: boot, offer.channel, number: number),
                    at: now + milliseconds(400...600)
                )
                guard let channel = channels.firstIndex(of: offer.channel),
                    let token = token(of: channel, at: index)
                else { break }
                let place = HostedPlace(channel: offer.channel, token: token)
                nodes[index].gifts[offer.channel] = .init(place: place, number: number)
            case .admit, .decline: break
            }
        }
    }

    mutating func ask(_ offer: BalanceOffer, _ giver: Int, _ boot: Int, _ target: MemberID) {
        guard let index = running.firstIndex(of: target), cuts[giver][index] == 0,
            cuts[index][giver] == 0, now >= nodes[index].frozenUntil
        else { return }
        let clock = nodes[index].clock(at: now)
        let event = BalanceEvent.offered(offer, loads(of: index))
        let isWanted = nodes[index].balancer?.receive(event, at: clock) == [.admit]
        agenda.note(
            .wanted(offer, from: giver, boot: boot, to: target, isWanted: isWanted),
            at: now + milliseconds(0...5)
        )
    }

    mutating func answer(
        _ offer: BalanceOffer,
        _ giver: Int,
        _ boot: Int,
        _ target: MemberID,
        _ isWanted: Bool
    ) {
        guard nodes[giver].boot == boot, nodes[giver].isRunning, now >= nodes[giver].frozenUntil,
            let gift = nodes[giver].gifts[offer.channel]
        else { return }
        guard isWanted else { return settleGift(of: giver, offer.channel, .declined) }
        deliver(.beginMove(gift.place, to: target), to: giver)
    }

    mutating func settleGift(
        of index: Int,
        _ channel: Channel,
        _ outcome: BalanceEvent.Outcome
    ) {
        guard nodes[index].gifts.removeValue(forKey: channel) != nil else { return }
        if outcome == .moved { report.balanced += 1 }
        balance(index, .settled(channel, outcome))
    }

    /// As a node does that hears nothing of a move.
    mutating func loseGift(_ index: Int, _ boot: Int, _ channel: Channel, _ number: UInt64) {
        guard nodes[index].boot == boot, nodes[index].isRunning,
            let gift = nodes[index].gifts[channel], gift.number == number
        else { return }
        deliver(.abortMove(gift.place), to: index)
        settleGift(of: index, channel, .failed)
    }

    private func token(of channel: Int, at index: Int) -> Token? {
        nodes[index].node.token(of: channels[channel], at: nodes[index].clock(at: now))
    }

    private func loads(of index: Int) -> LoadPicture {
        nodes[index].node.membership.loads(at: nodes[index].clock(at: now))
    }
}
