internal import Basics
internal import Coordination
internal import IO
internal import Wire

// Two members that live and can't reach each other speak through a third that can reach both, so that the
// people on either side notice nothing. The third keeps nothing: what it can't pass on at once it says so of,
// and the ledgers of the two send it again by the next way.
//
// Of two members the one with the lesser name asks, so that there is one way at a time.
extension Links {
    static let relayPause = Duration.milliseconds(250)
    static let refusedPause = Duration.seconds(10)
    /// From when on members know such frames.
    private static let relayVersion: UInt64 = 2
    private static let greetingPause = Duration.milliseconds(50)
    private static let askingTime = Duration.seconds(1)
    /// What may wait for a member's socket before nothing is passed on to it any more.
    private static let queueLimit = 4 << 20

    // MARK: - Asking for one

    /// Asks a third member for a way to each that has been out of reach for a moment.
    func askThirds(_ now: Instant) {
        for neighbour in neighbours.values.sorted(by: { $0.member < $1.member })
        where neighbour.path == nil && neighbour.address != nil
            && identity.member < neighbour.member && neighbour.nextRelay <= now
        {
            // A hello that is on its way has said how many have come.
            if let dialling = neighbour.dialling,
                case .greeting = dialling.assumeIsolated({ $0.stage })
            {
                neighbour.nextRelay = now + Self.greetingPause
                continue
            }
            ask(for: neighbour, now)
        }
    }

    private func ask(for neighbour: LinkNeighbour, _ now: Instant) {
        neighbour.nextRelay = now + Self.askingTime
        let thirds = neighbours.values
            .filter { $0.direct != nil && $0.version >= Self.relayVersion }
            .map(\.member).sorted()
        guard !thirds.isEmpty else { return }
        neighbour.relayTurn += 1
        let relay = LinkRelay(
            to: neighbour.member,
            through: thirds[neighbour.relayTurn % thirds.count],
            way: UInt64.random(in: 1...UInt64.max),
            greetedWith: neighbour.ledger.received,
            at: now
        )
        neighbour.asking = relay
        pass(content(of: .hello(greeting(neighbour.member))), on: relay)
    }

    func content(of frame: ClusterFrame) -> [UInt8] {
        Array(frame.bytes.dropFirst(ClusterFrame.headLength))
    }

    /// Sends a frame without its length to the third member of a way. None ends the way.
    func pass(_ content: [UInt8], on relay: LinkRelay) {
        guard let connection = neighbours[relay.third]?.direct else { return }
        relay.sent += 1
        let frame = RelayedFrame(
            from: identity.member.description,
            to: relay.member.description,
            way: relay.way,
            number: relay.sent,
            content: content
        )
        connection.assumeIsolated { $0.send(ClusterFrame.relayed(frame).bytes) }
    }

    // MARK: - Passing on, and taking

    func take(_ frame: RelayedFrame, from third: LinkNeighbour) {
        guard frame.to == identity.member.description else { return passOn(frame, from: third) }
        guard let member = MemberID(frame.from), member != third.member else { return }
        let neighbour = neighbours[member]
        guard !frame.isEnd else { return end(frame, neighbour, through: third.member) }
        // Whoever sent what can't be read is told that the way has ended, and begins another.
        guard let inner = try? ClusterFrame(frame.content) else {
            return answer(frame.end, to: third)
        }
        switch inner {
        case .hello(let hello) where hello.from == frame.from && member < identity.member:
            let relay = LinkRelay(
                to: member,
                through: third.member,
                way: frame.way,
                greetedWith: 0,
                at: loop.now
            )
            guard relay.count(frame.number, at: loop.now) else { return }
            welcome(hello, on: .relayed(relay))
        case .welcome(let welcome):
            guard let neighbour, let asking = neighbour.asking,
                asking.isOf(frame.way, through: third.member),
                asking.count(frame.number, at: loop.now)
            else { return answer(frame.end, to: third) }
            neighbour.asking = nil
            let isOpen = enter(
                welcome,
                neighbour,
                on: .relayed(asking),
                greetedWith: asking.greetedWith
            )
            if !isOpen { answer(frame.end, to: third) }
        case .refusal(let why):
            guard let neighbour, neighbour.asking?.isOf(frame.way, through: third.member) == true
            else { return }
            neighbour.asking = nil
            neighbour.nextRelay = loop.now + Self.refusedPause
            complain(member, "it refuses: \(why)")
        default:
            guard let neighbour, let relay = neighbour.relay,
                relay.isOf(frame.way, through: third.member)
            else { return answer(frame.end, to: third) }
            guard relay.count(frame.number, at: loop.now) else {
                return broke(neighbour, "\(third.member.name) did not pass everything on")
            }
            if !take(inner, from: neighbour) { broke(neighbour, "it sent a frame out of place") }
        }
    }

    private func passOn(_ frame: RelayedFrame, from sender: LinkNeighbour) {
        // Nobody speaks for another, and nothing goes by more than one.
        guard frame.from == sender.member.description else { return }
        guard let member = MemberID(frame.to), let target = neighbours[member],
            let connection = target.direct, target.version >= Self.relayVersion
        else { return answer(frame.end, to: sender) }
        // Its socket takes less than comes: what is left out here ends the way on both sides.
        guard connection.assumeIsolated({ $0.unsentBytes }) < Self.queueLimit else {
            if !frame.isEnd { answer(frame.end, to: sender) }
            return
        }
        figures.relayed.add()
        connection.assumeIsolated { $0.send(ClusterFrame.relayed(frame).bytes) }
    }

    /// Whoever says that a way has ended is not answered.
    private func answer(_ frame: RelayedFrame, to third: LinkNeighbour) {
        guard let connection = third.direct else { return }
        connection.assumeIsolated { $0.send(ClusterFrame.relayed(frame).bytes) }
    }

    // MARK: - Ending

    private func end(_ frame: RelayedFrame, _ neighbour: LinkNeighbour?, through third: MemberID) {
        guard let neighbour else { return }
        if neighbour.asking?.isOf(frame.way, through: third) == true {
            // The next third is asked soon.
            neighbour.asking = nil
            neighbour.nextRelay = loop.now + Self.relayPause
            round()
        } else if neighbour.relay?.isOf(frame.way, through: third) == true {
            broke(neighbour, "the way through \(third.name) has ended")
            round()
        }
    }

    /// The link to a third member is gone, and all ways through it.
    func endRelays(through third: MemberID) {
        for neighbour in neighbours.values {
            if neighbour.asking?.third == third { neighbour.asking = nil }
            guard neighbour.relay?.third == third else { continue }
            broke(neighbour, "the link to \(third.name), through whom it was spoken to, is gone")
        }
    }

    /// Ends ways on which nothing comes.
    func watchRelays() {
        guard !isWatchingRelays else { return }
        isWatchingRelays = true
        loop.schedule(at: loop.now + Links.aliveTime) { [weak self] in
            self?.assumeIsolated { links in
                links.isWatchingRelays = false
                links.lookAtRelays()
            }
        }
    }

    private func lookAtRelays() {
        let now = loop.now
        for neighbour in Array(neighbours.values) {
            guard let relay = neighbour.relay else { continue }
            if now - relay.heard > patience(with: neighbour.version) {
                broke(neighbour, "nothing comes through \(relay.third.name)")
            } else {
                let count = neighbour.ledger.acknowledgement() ?? neighbour.ledger.received
                send(ClusterFrame.acknowledgement(count).bytes, to: neighbour)
            }
        }
        if neighbours.values.contains(where: { $0.relay != nil }) { watchRelays() }
        round()
    }
}
