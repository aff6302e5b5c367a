import Basics
import Calls
import Testing
import Wire

@Suite struct `A call that moves to another node` {
    private var people = CallCast()

    @Test mutating func `is there as it was, and everybody sees it as before`() throws {
        let (ada, bob) = (people.draw(), people.draw())
        var call = people.call()
        _ = call.receive(.join(ada.joiner(followsHost: true)), at: people.now)
        _ = call.receive(.join(bob.joiner(followsHost: true)), at: people.now)
        for word: Word in [.unmute, .raiseHand, .screenOn(stream: "s"), .videoOn(stream: "v")] {
            _ = call.receive(.said(bob.participant, word), at: people.now)
        }
        let order = HostOrder.makeHost(bob.person)
        let host = Authority(person: ada.person, isAdmin: false)
        _ = call.receive(.order(order, by: host), at: people.now)
        people.wait(.seconds(7))

        let snapshot = try #require(call.snapshot(at: people.now))
        let moved = try CallSnapshot(packed: snapshot.packed)
        #expect(moved == snapshot)
        var other = Call(restoring: moved, rules: call.rules, move: "7.1", at: people.now)
        #expect(other.picture(for: ada.person) == call.picture(for: ada.person))
        #expect(other.snapshot(at: people.now) == snapshot)

        let actions = other.receive(.reconnect(bob.reconnect), at: people.now)
        #expect(
            actions.filter { if case .media = $0 { true } else { false } } == [
                .media(bob.participant, .join(decodesAV1: false)),
                .media(bob.participant, .mute(false)),
                .media(bob.participant, .screenOn(stream: "s")),
                .media(bob.participant, .videoOn(stream: "v")),
            ]
        )
        let event = ServerEvent.rehost(bob.participant, call.channel, move: "7.1")
        #expect(actions.last == .tell(.connection(bob.connection), event))
        // Said again as long as it may not have been heard, and not after the offer.
        let again = other.receive(.reconnect(bob.reconnect), at: people.now)
        #expect(again.last == .tell(.connection(bob.connection), event))
        #expect(!again.contains(.media(bob.participant, .join(decodesAV1: false))))
        let offer = MediaDescription(.offer, "v=0")
        _ = other.receive(.said(bob.participant, .description(offer)), at: people.now)
        let later = other.receive(.reconnect(bob.reconnect), at: people.now)
        #expect(!later.contains(.tell(.connection(bob.connection), event)))
    }

    @Test mutating func `goes on from the later of two snapshots, wherever they come from`() throws
    {
        let ada = people.draw()
        var call = people.call()
        _ = call.receive(.join(ada.joiner(followsHost: true)), at: people.now)
        func edition(_ numbers: [UInt64]) throws -> CallSnapshot {
            var snapshot = try #require(call.snapshot(at: people.now))
            snapshot.edition = CallSnapshot.Edition(
                generation: numbers[0],
                count: numbers[1],
                number: numbers[2]
            )
            return try CallSnapshot(packed: snapshot.packed)
        }
        let ordered: [[UInt64]] = [[1, 9, 9], [2, 1, 1], [2, 1, 2], [2, 2, 1], [3, 1, 1]]
        for (earlier, later) in zip(ordered, ordered.dropFirst()) {
            let (one, two) = try (edition(earlier), edition(later))
            #expect(CallSnapshot.latest(one, two) == two)
            #expect(CallSnapshot.latest(two, one) == two)
        }
        // One of an older build has none: then the first is taken.
        let plain = try #require(call.snapshot(at: people.now))
        #expect(try CallSnapshot.latest(plain, edition([1, 1, 1])) == plain)
        #expect(try CallSnapshot.latest(edition([1, 1, 1]), plain) != plain)
    }

    @Test mutating func `misses who does not come along`() throws {
        let (ada, bob) = (people.draw(), people.draw())
        var call = people.call()
        _ = call.receive(.join(ada.joiner(followsHost: true)), at: people.now)
        _ = call.receive(.join(bob.joiner(followsHost: true)), at: people.now)
        let snapshot = try #require(call.snapshot(at: people.now))
        var other = Call(restoring: snapshot, rules: call.rules, move: "7.1", at: people.now)
        _ = other.receive(.reconnect(bob.reconnect), at: people.now)
        people.wait(call.rules.reconnectGrace)
        #expect(other.deadline.map { $0 <= people.now.instant } == true)
        let actions = other.receive(.woke, at: people.now)
        let left = ServerEvent.userLeft(ada.person, ada.participant, call.channel)
        #expect(actions.contains(.tell(.channel, left)))
        #expect(other.host == bob.person)
        #expect(!other.isOver)
    }

    @Test mutating func `sends away whose client can't follow, to join again`() throws {
        let (ada, bob) = (people.draw(), people.draw())
        var call = people.call()
        _ = call.receive(.join(ada.joiner(followsHost: true)), at: people.now)
        _ = call.receive(.join(bob.joiner(followsHost: false)), at: people.now)
        let snapshot = try #require(call.snapshot(at: people.now))
        var other = Call(restoring: snapshot, rules: call.rules, move: "7.1", at: people.now)
        let actions = other.receive(.reconnect(bob.reconnect), at: people.now)
        let why = ServerEvent.error(
            text: "the node that the call was on is gone; join again",
            bob.connection
        )
        #expect(actions.first == .tell(.connection(bob.connection), why))
        #expect(other.receive(.join(bob.joiner(followsHost: false)), at: people.now).count > 1)
    }

    @Test mutating func `counts what was shown on both nodes once`() throws {
        let ada = people.draw()
        var call = people.call()
        _ = call.receive(.join(ada.joiner(followsHost: true)), at: people.now)
        _ = call.receive(.said(ada.participant, .screenOn(stream: "s")), at: people.now)
        people.wait(.seconds(10))
        let snapshot = try #require(call.snapshot(at: people.now))
        var other = Call(restoring: snapshot, rules: call.rules, move: "7.1", at: people.now)
        _ = other.receive(.reconnect(ada.reconnect), at: people.now)
        people.wait(.seconds(5))
        let actions = other.receive(.said(ada.participant, .leave), at: people.now)
        let sums = actions.compactMap { action -> Int? in
            if case .remember(.ended(let summary)) = action { summary.screenSeconds } else { nil }
        }
        #expect(sums == [15])
    }

    @Test mutating func `has no snapshot before it begins, nor after its end`() {
        var call = people.call()
        #expect(call.snapshot(at: people.now) == nil)
        _ = call.receive(.end(.byApp), at: people.now)
        #expect(call.snapshot(at: people.now) == nil)
    }
}

/// People for a call, and a clock.
struct CallCast {
    struct Member {
        var connection: ConnectionID
        var person: PersonID
        var participant: ParticipantID { ParticipantID(first: connection) }

        func joiner(followsHost: Bool) -> Joiner {
            Joiner(connection: connection, person: person, followsHost: followsHost)
        }

        var reconnect: Reconnect {
            Reconnect(
                participant: participant,
                connection: connection,
                previous: connection,
                person: person
            )
        }
    }

    private var random = SeededRandom(seed: 7)
    private(set) var now = Moment(
        instant: Instant(nanoseconds: 1_000_000_000_000),
        wall: WallTime(seconds: 1_700_000_000, nanoseconds: 0)
    )

    mutating func draw() -> Member {
        Member(
            connection: ConnectionID(Identifier(using: &random)),
            person: PersonID(Identifier(using: &random))
        )
    }

    mutating func call() -> Call {
        Call(
            id: CallID(Identifier(using: &random)),
            channel: ChannelID(Identifier(using: &random)),
            rules: CallRules()
        )
    }

    mutating func wait(_ duration: Duration) {
        now.instant = now.instant + duration
        now.wall = WallTime(
            seconds: now.wall.seconds + duration.components.seconds,
            nanoseconds: now.wall.nanoseconds
        )
    }
}
