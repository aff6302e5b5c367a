package import Basics

/// One node's part in the cluster: whether it may host at all, and what it hosts.
///
/// It is told everything that happens, with the moment at which it did, and answers with what to do.
/// A list of (moment, event) is a complete recording of it.
package struct ClusterNode: Sendable {
    package private(set) var membership: Membership
    package private(set) var book = PlacementBook()
    private var seen: UInt64 = .max
    private var hadObstacle = true
    private var outbox: [ClusterAction] = []

    /// - Parameters:
    ///   - me: The name from the settings, and a nonce drawn at the start of the process.
    ///   - hasSentinels: Whether confirmations of the master will come, and are needed.
    ///   - floor: A number that is likely above every generation that a Redis which has forgotten
    ///     some has ever had. Minutes by the calendar do.
    package init(
        me: MemberID,
        card: MemberCard,
        pace: Pace,
        hasSentinels: Bool,
        floor: Generation = Generation(1)
    ) {
        membership = Membership(
            me: me,
            card: card,
            pace: pace,
            hasSentinels: hasSentinels,
            floor: floor
        )
    }

    /// Until when this node may host if nothing more comes; nil if it may not. Whatever leaves the
    /// node for a call passes a gate that compares this with the clock.
    package var holdsUntil: Instant? { membership.holdsUntil }

    /// The token under which this node hosts the channel's call at this moment; nil if it does not.
    package func token(of channel: Channel, at now: Instant) -> Token? {
        membership.holds(at: now) ? book.token(of: channel) : nil
    }

    /// When to send ``ClusterEvent/woke`` next. Look again after every ``receive(_:at:)``.
    package var deadline: Instant? {
        guard let one = membership.deadline, let other = book.deadline else {
            return membership.deadline ?? book.deadline
        }
        return min(one, other)
    }

    /// Takes one event and returns what is to be done, in order.
    package mutating func receive(_ event: ClusterEvent, at now: Instant) -> [ClusterAction] {
        switch event {
        case .begin: member(.begin, now)
        case .connected(let run): member(.connected(run), now)
        case .disconnected: member(.disconnected, now)
        case .answered(let answer, let request, let sent):
            member(.answered(answer, to: request, sentAt: sent), now)
            if request.order.isAboutPlaces {
                place(.answered(answer, to: request, sentAt: sent), now)
            }
            if case .table(_, let owned) = answer, case .renew(let renewal) = request.order,
                renewal.life == membership.life
            {
                place(.owned(owned, sentAt: sent), now)
            }
        case .failed(let fault, let request, let sent):
            member(.failed(fault, request, sentAt: sent), now)
            if request.order.isAboutPlaces { place(.failed(fault, request.order), now) }
        case .confirmed(let epoch, let sent): member(.confirmed(epoch: epoch, sentAt: sent), now)
        case .linked(let peer):
            member(.linked(peer), now)
            place(.linked(peer), now)
        case .unlinked(let peer): member(.unlinked(peer), now)
        case .heard(let message, let peer):
            if message.isAboutPlaces {
                place(.heard(message, from: peer), now)
            } else {
                member(.heard(message, from: peer), now)
            }
        case .certified(let peer, let life): member(.certified(peer, life), now)
        case .loaded(let load): member(.loaded(load), now)
        case .claim(let channel, let above, let number, let chance):
            member(.woke, now)
            place(.claim(channel, above: above, number: number, chance: chance), now)
        case .forget(let number): place(.forget(number: number), now)
        case .end(let ended): place(.end(ended), now)
        case .save(let saved, let sequence, let blob):
            place(.save(saved, sequence: sequence, blob), now)
        case .beginMove(let moved, let target): place(.beginMove(moved, to: target), now)
        case .finishMove(let moved): place(.finishMove(moved), now)
        case .abortMove(let moved): place(.abortMove(moved), now)
        case .drain(let wants): member(.drain(wants), now)
        case .leave: member(.leave, now)
        case .woke:
            member(.woke, now)
            if let due = book.deadline, now >= due { place(.woke, now) }
        }
        look(now)
        defer { outbox = [] }
        return outbox
    }

    private mutating func member(_ event: MembershipEvent, _ now: Instant) {
        let newest = membership.newest
        defer { if membership.newest > newest { place(.generationBegan, now) } }
        for action in membership.receive(event, at: now) {
            switch action {
            case .ask(let request): outbox.append(.ask(request))
            case .send(let message, let peer): outbox.append(.send(message, to: peer))
            case .tell(let news):
                outbox.append(.tell(.membership(news)))
                switch news {
                case .fenced: place(.fenced, now)
                // A link may be older than this, and what was said meanwhile was not said to a stranger.
                case .memberJoined(let peer, _): place(.met(peer), now)
                default: break
                }
            }
        }
    }

    private mutating func place(_ event: PlacementEvent, _ now: Instant) {
        let standing = membership.standing(at: now)
        for action in book.receive(event, knowing: standing, at: now) {
            switch action {
            case .ask(let order):
                if let request = membership.request(order) {
                    outbox.append(.ask(request))
                } else {
                    place(.failed(.unanswered, order), now)
                }
            case .send(let message, let peer): outbox.append(.send(message, to: peer))
            case .answer(let number, let answer):
                outbox.append(.answer(number: number, answer))
            case .tell(let news): outbox.append(.tell(.placement(news)))
            case .asserted(let generation): member(.asserted(generation), now)
            }
        }
    }

    /// Lets the book look again when something has changed that it goes by.
    private mutating func look(_ now: Instant) {
        let hasObstacle = membership.obstacle(at: now) != nil
        guard seen != membership.revision || hadObstacle != hasObstacle else { return }
        seen = membership.revision
        hadObstacle = hasObstacle
        place(.looked, now)
    }
}
