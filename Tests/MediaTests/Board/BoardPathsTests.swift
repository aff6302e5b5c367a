import Basics
import Crypto
import Media
import Testing

@Suite struct `The way to a peer` {
    private func heard(_ viewer: TestPeer, _ sender: TestPeer) -> Int {
        viewer.views(of: sender).map(\.packets.count).reduce(0, +)
    }

    @Test func `follows a check that nominates from a new address`() throws {
        var call = SimulatedCall()
        let ada = call.bring()
        let ben = call.bring()
        call.run(for: .milliseconds(500))
        let old = ben.path
        ben.move(to: 1, number: 1)
        // What he says from there before a check is nobody's.
        let before = call.board.counts.fromNowhere
        call.run(for: .milliseconds(100))
        #expect(call.board.counts.fromNowhere > before)
        ben.check(nominates: true)
        call.run(for: .milliseconds(100))
        let found = call.id(of: ben)
        let id = try #require(found)
        #expect(call.events.contains(.moved(id, to: ben.path)))
        // The old address is closed behind him.
        ben.paths.removeAll { $0 == old }
        let strays = call.strays.count
        let (mine, hers) = (heard(ben, ada), heard(ada, ben))
        call.run(for: .seconds(1))
        #expect(call.strays.count == strays)
        #expect(heard(ben, ada) > mine + 60)
        #expect(heard(ada, ben) > hers + 60)
        #expect(call.tap.collisions.isEmpty)
    }

    @Test func `is not changed by a check that does not nominate`() throws {
        var call = SimulatedCall()
        let ada = call.bring()
        let ben = call.bring()
        let other = TestPeer.path(1, 9)
        ben.paths.append(other)
        ben.check(nominates: false, over: other)
        call.run(for: .milliseconds(50))
        #expect(!call.events.contains { if case .moved = $0 { true } else { false } })
        // But what comes by it counts.
        let count = heard(ada, ben)
        let path = ben.path
        ben.path = other
        call.run(for: .milliseconds(500))
        ben.path = path
        #expect(heard(ada, ben) > count + 30)
    }

    @Test func `ends when nobody consents any more`() throws {
        var rules = BoardRules()
        rules.consent = .seconds(10)
        var call = SimulatedCall(rules: rules)
        let ada = call.bring()
        let ben = call.bring()
        call.run(for: .seconds(1))
        let found = call.id(of: ben)
        let id = try #require(found)
        ben.habits.consents = false
        call.run(for: .seconds(5))
        #expect(!call.events.contains(.gone(id, .silent)))
        call.run(for: .seconds(6))
        #expect(call.events.contains(.gone(id, .silent)))
        #expect(ben.isOver == .silent)
        #expect(ada.views(of: ben).isEmpty)
        #expect(call.board.peerCount == 1)
        #expect(call.plan.order == [ada.name])
    }

    @Test func `stays when its credentials change, however often`() throws {
        var call = SimulatedCall()
        let ada = call.bring()
        let ben = call.bring()
        call.run(for: .milliseconds(500))
        for _ in 0..<4 {
            let before = ben.server
            let (mine, hers) = (heard(ben, ada), heard(ada, ben))
            ben.restartICE()
            ben.offer()
            call.run(for: .seconds(1))
            #expect(ben.server != before)
            #expect(ben.refusals.isEmpty, "\(ben.refusals)")
            #expect(heard(ben, ada) > mine + 60)
            #expect(heard(ada, ben) > hers + 60)
        }
        #expect(call.board.counts.handshakes == 2)
        // The newest name leads to him, and so does the one before; older ones lead nowhere.
        #expect(call.board.nameCount <= 3)
        #expect(call.tap.collisions.isEmpty)
    }

    @Test func `may be there before what the peer says of itself`() throws {
        var habits = TestPeer.Habits()
        habits.holdsAnswers = true
        var call = SimulatedCall()
        let ada = call.bring()
        // Ben only watches: he is offered to, and his answer takes its time.
        let ben = call.add(habits)
        ben.join()
        call.run(for: .milliseconds(600))
        #expect(ben.isReached)
        ben.words += ben.heldWords
        ben.habits.holdsAnswers = false
        call.run(for: .seconds(2))
        let id = call.id(of: ben)
        #expect(id != nil, "\(call.events)")
        #expect(heard(ben, ada) > 50)
    }

    @Test func `may be ours to shake hands on`() throws {
        var habits = TestPeer.Habits()
        habits.isPassive = true
        var call = SimulatedCall()
        let ada = call.bring()
        let ben = call.bring(habits)
        call.run(for: .seconds(1))
        #expect(heard(ben, ada) > 60)
        #expect(heard(ada, ben) > 60)
    }

    @Test func `over TCP may be lost and come back`() throws {
        var call = SimulatedCall()
        let ada = call.bring()
        let ben = call.add()
        let tcp = DatagramPath(remote: ben.path.remote, local: 0, stream: 5)
        ben.paths.append(tcp)
        ben.path = tcp
        ben.publish(.opus, stream: "mic")
        ben.join()
        call.run(for: .seconds(1))
        #expect(heard(ben, ada) > 20)
        call.board.lose(stream: 5, at: call.now)
        let lost = heard(ben, ada)
        ben.nextCheck = call.now + .seconds(3)
        call.run(for: .seconds(2))
        #expect(heard(ben, ada) == lost)
        ben.path = DatagramPath(remote: ben.path.remote, local: 0, stream: 6)
        ben.paths.append(ben.path)
        call.run(for: .seconds(3))
        #expect(heard(ben, ada) > lost + 60)
    }

    @Test func `is remembered under sixteen addresses, and no more`() throws {
        var call = SimulatedCall()
        let ada = call.bring(camera: false)
        for port in 1...60 {
            ada.paths.append(TestPeer.path(0, port))
            ada.check(nominates: false, over: ada.paths.last)
        }
        call.run(for: .milliseconds(100))
        #expect(call.board.pathCount <= 17)
        ada.words.append(.leave(ada.name))
        call.run(for: .milliseconds(100))
        #expect(call.board.pathCount == 0)
        #expect(call.board.nameCount == 0)
    }
}
