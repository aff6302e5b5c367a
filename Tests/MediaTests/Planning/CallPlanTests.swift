import Basics
import Media
import Testing

@Suite struct `A call's plan` {
    @Test func `offers all that is there in one offer`() throws {
        var stage = PlanStage()
        let (ada, ben, cyd) = (stage.add(0), stage.add(1), stage.add(2))
        for peer in [ada, ben] {
            peer.publish(.opus, stream: "mic")
            peer.publish(.vp8, stream: "cam")
            stage.bring(peer)
        }
        stage.bring(cyd)
        #expect(cyd.offersSeen == 1)
        #expect(stage.map(of: cyd) == [.voice: 2, .camera: 2])
        #expect(stage.downlinks(of: cyd).count == 4)
        #expect(cyd.views(of: ada).map(\.kind) == [.audio, .video])
        let name = try #require(cyd.views(of: ada, .audio).first?.track)
        #expect(name.hasPrefix("voice_peer0_") && name.split(separator: "_").last?.count == 8)
        #expect(stage.downlinks(of: ada).count == 2)
        #expect(stage.downlinks(of: ben).count == 2)
    }

    @Test func `keeps what changes while an offer is open for the next`() {
        var stage = PlanStage()
        let ada = stage.add(0)
        let ben = stage.add(1) { $0.holdsAnswers = true }
        ada.publish(.opus, stream: "mic")
        stage.bring(ada)
        stage.bring(ben)
        #expect(ben.offersSeen == 1)
        for stream in ["one", "two"] {
            ada.publish(.vp8, stream: stream)
            ada.offer()
            stage.settle()
        }
        #expect(ben.offersSeen == 1)
        #expect(stage.downlinks(of: ben).isEmpty)
        ben.habits.holdsAnswers = false
        stage.say(ben.heldWords[0])
        #expect(ben.offersSeen == 2)
        #expect(stage.downlinks(of: ben).count == 3)
    }

    @Test func `refuses an offer while its own is open, in words`() {
        var stage = PlanStage()
        let ada = stage.add(0)
        let ben = stage.add(1) { $0.answers = false }
        ada.publish(.opus, stream: "mic")
        stage.bring(ada)
        stage.bring(ben)
        #expect(ben.offersSeen == 1)
        ben.publish(.opus, stream: "mic")
        ben.offer()
        stage.settle()
        let why = "offer: an offer of ours is open; answer it first, then offer again"
        #expect(ben.refusals == [why])
        #expect(stage.uplinks.count == 1)
    }

    @Test func `gives up an offer that nobody answers, and says it again`() {
        var stage = PlanStage()
        let ada = stage.add(0)
        let ben = stage.add(1) { $0.answers = false }
        ada.publish(.opus, stream: "mic")
        stage.bring(ada)
        stage.bring(ben)
        stage.wait(.seconds(9))
        #expect(ben.offersSeen == 1 && ben.refusals.isEmpty)
        ben.habits.answers = true
        stage.wait(.seconds(1))
        #expect(ben.refusals == ["offer: it was not answered within ten seconds"])
        #expect(ben.offersSeen == 2)
        #expect(stage.downlinks(of: ben).count == 1)
    }

    /// Somebody speaks and shows a camera as well by now; who hears them keeps back the answers to what is offered.
    private static func heldAnswers() -> (stage: PlanStage, hearer: TestPeer) {
        var stage = PlanStage()
        let ada = stage.add(0)
        let ben = stage.add(1) { $0.holdsAnswers = true }
        ada.publish(.opus, stream: "mic")
        stage.bring(ada)
        stage.bring(ben)
        ada.publish(.vp8, stream: "cam")
        ada.offer()
        stage.settle()
        return (stage, ben)
    }

    @Test func `waits for the newest offer's answer when an earlier one is answered again`() throws
    {
        var (stage, ben) = Self.heldAnswers()
        let first = try #require(ben.heldWords.first)
        stage.say(first)
        #expect(ben.offersSeen == 2)
        #expect(stage.downlinks(of: ben).count == 1)
        stage.say(first)
        #expect(ben.refusals.isEmpty && stage.downlinks(of: ben).count == 1)
        stage.say(try #require(ben.heldWords.last))
        #expect(ben.refusals.isEmpty && stage.downlinks(of: ben).count == 2)
        stage.wait(.seconds(10))
        #expect(ben.refusals.isEmpty && ben.offersSeen == 2)
    }

    @Test func `takes both answers to an offer that it gave up and said again`() throws {
        var (stage, ben) = Self.heldAnswers()
        stage.wait(.seconds(10))
        #expect(ben.offersSeen == 2)
        for answer in ben.heldWords { stage.say(answer) }
        #expect(ben.heldWords.count == 2)
        #expect(stage.downlinks(of: ben).count == 2)
        #expect(ben.refusals == ["offer: it was not answered within ten seconds"])
    }

    @Test func `ends who joins and says nothing`() {
        var stage = PlanStage()
        let ada = stage.add(0)
        stage.say(
            .join(
                ada.name,
                .init(decodesAV1: true, hasChannel: false, announcesTracks: true)
            )
        )
        stage.wait(.seconds(9))
        #expect(ada.isOver == nil)
        stage.wait(.seconds(1))
        #expect(ada.isOver == .neverCame)
        #expect(stage.plan.isEmpty)
        #expect(stage.plan.deadline == nil)
    }

    @Test func `waits for a channel where one is expected`() throws {
        var stage = PlanStage()
        let ada = stage.add(0)
        let ben = stage.add(1) { $0.hasChannel = true }
        ada.publish(.opus, stream: "mic")
        stage.bring(ada)
        stage.bring(ben)
        #expect(ben.offersSeen == 0)
        let id = try #require(stage.ids[ben.name])
        stage.say(.board(.channelOpened(id, channel: 1, label: "calls-dc"), from: 2))
        #expect(ben.offersSeen == 1)
    }

    @Test func `refuses what makes no sense, in words`() {
        var stage = PlanStage()
        let ada = stage.add(0)
        stage.say(.offer(ada.name, sdp: "v=0"))
        stage.say(.answer(ada.name, sdp: "v=0"))
        ada.publish(.opus, stream: "mic")
        stage.bring(ada)
        stage.say(
            .join(
                ada.name,
                .init(decodesAV1: true, hasChannel: false, announcesTracks: true)
            )
        )
        stage.say(.show(ada.name, mid: "nothing", .everything))
        stage.say(.offer(ada.name, sdp: "this is no description"))
        stage.say(.answer(ada.name, sdp: "neither is this"))
        #expect(ada.refusals.count == 6)
        #expect(ada.refusals[0] == "offer: join the call first")
        #expect(ada.refusals[1] == "answer: join the call first")
        #expect(ada.refusals[2] == "join: this session is in the call already")
        #expect(ada.refusals[3] == "show: no track of yours is in section nothing")
        #expect(ada.refusals[4].hasPrefix("offer: "))
        #expect(ada.refusals[5].hasPrefix("answer: "))
        #expect(stage.plan.order == [ada.name])
        #expect(stage.uplinks.count == 1)
    }

    @Test func `takes no more than there is room for`() {
        var node = BoardRoom.node
        node.sessionLimit = 2
        var stage = PlanStage()
        stage.plan = CallPlan(number: 3, shard: 2, node: node)
        let people = (0..<3).map { stage.add($0) }
        for peer in people { stage.bring(peer) }
        #expect(people[2].refusals.first == "join: the call is full")
        stage.say(.leave(people[0].name))
        stage.bring(people[2])
        #expect(stage.plan.order == [people[1].name, people[2].name])
    }

    @Test func `forgets who is gone, and tells the others`() throws {
        var stage = PlanStage()
        let (ada, ben, cyd) = (stage.add(0), stage.add(1), stage.add(2))
        for peer in [ada, ben, cyd] {
            peer.publish(.opus, stream: "mic")
            stage.bring(peer)
        }
        #expect(cyd.views(of: ada).count == 1)
        stage.say(.leave(ada.name))
        #expect(cyd.views(of: ada).isEmpty)
        let left = stage.commands.contains {
            if case .removePeer(let id) = $0 { id == stage.ids[ada.name] } else { false }
        }
        #expect(left)
        let id = try #require(stage.ids[ben.name])
        let count = stage.commands.count
        stage.say(.board(.gone(id, .silent), from: 2))
        #expect(ben.isOver == .silent)
        #expect(cyd.views(of: ben).isEmpty)
        // The board has told, and needs not be told.
        let told = stage.commands[count...].contains {
            if case .removePeer = $0 { true } else { false }
        }
        #expect(!told)
        #expect(stage.plan.trackCount == 1)
        #expect(stage.plan.viewCount == 0)
    }

    @Test func `mutes a voice, also one that comes later`() {
        var stage = PlanStage()
        let ada = stage.add(0)
        stage.bring(ada)
        stage.say(.mute(ada.name, true))
        ada.publish(.opus, stream: "mic")
        ada.offer()
        stage.settle()
        func mutes() -> [Bool] {
            stage.commands.compactMap {
                if case .mute(_, let isMuted) = $0 { isMuted } else { nil }
            }
        }
        #expect(mutes() == [true])
        stage.say(.mute(ada.name, false))
        #expect(mutes() == [true, false])
    }

    @Test func `lets a participant keep it from offering, for five seconds`() {
        var stage = PlanStage()
        let (ada, ben) = (stage.add(0), stage.add(1))
        stage.bring(ada)
        stage.bring(ben)
        stage.say(.lock(ben.name))
        stage.say(.lock(ben.name))
        #expect(Array(ben.signals.suffix(2)) == [.locked(true), .locked(false)])
        ada.publish(.opus, stream: "mic")
        ada.offer()
        stage.settle()
        #expect(ben.offersSeen == 0)
        stage.say(.unlock(ben.name))
        #expect(ben.offersSeen == 1)

        // And whoever forgets to let go.
        stage.say(.lock(ben.name))
        #expect(ben.signals.last == .locked(true))
        ada.publish(.vp8, stream: "cam")
        ada.offer()
        stage.settle()
        stage.wait(.seconds(4))
        #expect(ben.offersSeen == 1)
        stage.wait(.seconds(1))
        #expect(ben.offersSeen == 2)
    }

    @Test func `measures how long whoever wishes to offer waits for it, and keeps others waiting`()
    {
        var stage = PlanStage()
        let ada = stage.add(0)
        let ben = stage.add(1) { $0.holdsAnswers = true }
        ada.publish(.opus, stream: "mic")
        stage.bring(ada)
        stage.bring(ben)
        // The offer of Ada's voice has come at once. Ben asks for the lock, and gets it once he has answered.
        #expect(stage.measures == [.lockGrabbed(after: .zero)])
        stage.say(.lock(ben.name))
        stage.wait(.milliseconds(300))
        stage.say(ben.heldWords.removeFirst())
        stage.say(.lock(ben.name))
        // What Ada adds has to wait for Ben to let go.
        stage.wait(.milliseconds(20))
        ada.publish(.vp8, stream: "cam")
        ada.offer()
        stage.settle()
        stage.wait(.milliseconds(100))
        stage.say(.unlock(ben.name))
        stage.say(.unlock(ben.name))
        #expect(
            stage.measures.dropFirst() == [
                .lockHeld(for: .milliseconds(300)), .lockGrabbed(after: .milliseconds(300)),
                .lockHeld(for: .milliseconds(120)), .lockGrabbed(after: .milliseconds(100)),
            ]
        )
    }

    @Test func `measures once how long a data channel takes`() throws {
        var stage = PlanStage()
        let ada = stage.add(0)
        stage.bring(ada)
        let peer = try #require(stage.ids[ada.name])
        stage.wait(.milliseconds(40))
        for number: UInt16 in [1, 3] {
            stage.say(.board(.channelOpened(peer, channel: number, label: "calls-dc"), from: 2))
        }
        #expect(stage.measures == [.channelOpened(after: .milliseconds(40))])
    }

    @Test func `answers by itself what is said only to hear the answer, twice a second`() throws {
        var stage = PlanStage()
        let ping = ChannelWord(isText: false, [1])
        stage.plan.node.answers = [ping: ChannelWord(isText: false, [2])]
        let ada = stage.add(0)
        stage.bring(ada)
        let peer = try #require(stage.ids[ada.name])
        stage.commands = []
        func hear(_ bytes: [UInt8], isText: Bool = false) {
            stage.say(.board(.channelMessage(peer, channel: 3, isText: isText, bytes), from: 2))
        }
        hear([1])
        hear([1])
        stage.wait(.milliseconds(500))
        hear([1])
        let answers = stage.commands.count { command in
            guard case .send(peer, 3, false, let bytes, false) = command else { return false }
            return bytes == [2]
        }
        #expect(answers == 2 && stage.commands.count == 2)
        let second = PlanAction.Signal.channelMessage(channel: 3, isText: false, [1])
        #expect(ada.signals.count { $0 == second } == 1, "the one too many is for who has a budget")
        hear([1], isText: true)
        hear([7])
        #expect(
            ada.signals.suffix(2) == [
                .channelMessage(channel: 3, isText: true, [1]),
                .channelMessage(channel: 3, isText: false, [7]),
            ]
        )
    }

    @Test func `gives no lock while its own offer is open`() {
        var stage = PlanStage()
        let ada = stage.add(0)
        let ben = stage.add(1) { $0.holdsAnswers = true }
        ada.publish(.opus, stream: "mic")
        stage.bring(ada)
        stage.bring(ben)
        stage.say(.lock(ben.name))
        #expect(ben.signals.last == .locked(false))
        stage.say(ben.heldWords[0])
        stage.say(.lock(ben.name))
        #expect(ben.signals.last == .locked(true))
    }
}
