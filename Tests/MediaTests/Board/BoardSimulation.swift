import Basics
import Media
import Testing

/// Whatever people do and the network does, in any order that a seed says.
@Suite struct `A call in any weather` {
    @Test(arguments: UInt64(0)..<300)
    func `keeps what it promises`(seed: UInt64) throws {
        var story = BoardStory(seed: seed)
        for _ in 0..<6 {
            story.act()
            story.expectAgreement()
        }
        story.clearUp()
        story.expectAgreement()
        story.expectEverybodySeesEverybody()
    }
}

/// A ``SimulatedCall`` in which a seed decides what happens.
private struct BoardStory: ~Copyable {
    var call: SimulatedCall
    var random: SeededRandom
    private var story: [String] = []
    private var joins = 0
    private var ports = 100

    init(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var rules = BoardRules()
        rules.loudest = Int.random(in: 0...2, using: &random)
        let room = [17, 64, 512].randomElement(using: &random) ?? 64
        call = SimulatedCall(
            seed: seed,
            rules: rules,
            shards: seed % 2 == 0 ? 1 : 2,
            batch: OutgoingBatch(capacity: room * OutgoingBatch.packetLimit, runLimit: room)
        )
        call.crossing = (.random(in: 0...2, using: &random), .random(in: 0...2, using: &random))
        self.random = random
        join()
        join()
    }

    private var here: [TestPeer] {
        call.peers.filter { peer in peer.isOver == nil && call.plan.order.contains(peer.name) }
    }

    private mutating func join() {
        joins += 1
        var habits = TestPeer.Habits()
        habits.repairs = random.happens(60)
        habits.countsArrival = random.happens(30)
        habits.isPassive = random.happens(15)
        habits.hasChannel = random.happens(10)
        habits.tick = .milliseconds(20)
        let peer = call.add(habits)
        if random.happens(85) {
            let index = peer.publish(.opus, stream: "mic", pace: .milliseconds(40))
            peer.tracks[index].level = 0x80 | .random(in: 10...70, using: &random)
        }
        if random.happens(70) {
            let rids: [(String, UInt16, UInt16)] =
                random.happens(30) ? [("l", 320, 180), ("h", 1_280, 720)] : []
            peer.publish(.vp8, stream: "cam", rids: rids, pace: .milliseconds(80))
        }
        peer.join()
    }

    /// Somebody does something, and a moment passes.
    mutating func act() {
        let people = here
        let choice = Int.random(in: 0..<12, using: &random)
        guard let one = people.randomElement(using: &random) else {
            join()
            call.run(for: .milliseconds(60))
            return
        }
        story.append("\(choice) \(one.name) \(call.now.nanoseconds / 1_000_000)")
        switch choice {
        case 0 where people.count < 4, 1 where people.count < 3: join()
        case 2 where people.count > 2: one.words.append(.leave(one.name))
        case 3: one.words.append(.mute(one.name, random.happens(50)))
        case 4, 5:
            let view = one.viewOrder.compactMap { one.views[$0] }
                .filter { !$0.isEnded && $0.kind == .video }.randomElement(using: &random)
            let showing: [Showing] = [.nothing, .upTo(pixels: 60_000), .everything]
            if let view, let size = showing.randomElement(using: &random) {
                one.words.append(.show(one.name, mid: view.mid, size))
            }
        case 6 where one.tracks.count < 4:
            one.publish(.vp8, stream: "more\(one.tracks.count)", pace: .milliseconds(80))
            one.offer()
        case 7 where one.tracks.count > 1:
            let index = Int.random(in: 0..<one.tracks.count, using: &random)
            if !one.tracks[index].isStopped {
                one.unpublish(index)
                one.offer()
            }
        case 8:
            one.restartICE()
            one.offer()
        case 9 where one.isConnected:
            ports += 1
            one.move(to: ports, number: call.index(of: one))
            one.check(nominates: true)
        default:
            let index = call.index(of: one)
            let weather = SimulatedCall.Weather(
                lossPercent: [0, 0, 3, 10].randomElement(using: &random) ?? 0,
                duplicatePercent: [0, 5].randomElement(using: &random) ?? 0,
                delay: 5...(random.happens(40) ? 35 : 5)
            )
            if random.happens(50) { call.up[index] = weather } else { call.down[index] = weather }
        }
        call.run(for: .milliseconds(.random(in: 20...70, using: &random)))
    }

    /// The weather clears, everybody looks at everything, and a second passes.
    mutating func clearUp() {
        for index in call.peers.indices {
            call.up[index] = .init()
            call.down[index] = .init()
        }
        call.run(for: .milliseconds(300))
        for peer in here {
            peer.words.append(.mute(peer.name, false))
            for view in peer.views.values where !view.isEnded && view.kind == .video {
                peer.words.append(.show(peer.name, mid: view.mid, .everything))
            }
        }
        call.run(for: .milliseconds(800))
    }

    func expectAgreement() {
        let story = self.story
        #expect(call.tap.collisions.count == 0, "\(story) \(call.tap.collisions.first ?? "")")
        #expect(call.early == 0, "\(story)")
        // Unless something is on its way between boards just now.
        guard call.wordsCrossing == 0 else { return }
        let (board, tracks, views) = (
            call.board.peerCount, call.board.trackCount, call.board.viewCount
        )
        #expect(board + call.annex.peerCount == call.plan.order.count, "\(story)")
        #expect(views + call.annex.viewCount == call.plan.viewCount, "\(story)")
        let planned = call.plan.trackCount + call.plan.mirrorCount
        #expect(tracks + call.annex.trackCount == planned, "\(story)")
    }

    func expectEverybodySeesEverybody() {
        let people = here
        let story = self.story
        for viewer in people {
            #expect(viewer.isConnected, "\(viewer.name) \(story)")
            #expect(
                viewer.refusals.allSatisfy { $0.contains("open") || $0.contains("no track") },
                "\(viewer.refusals) \(story)"
            )
            for sender in people where sender !== viewer {
                let sent = sender.tracks.filter { !$0.isStopped }
                let views = viewer.views(of: sender)
                #expect(views.count == sent.count, "\(viewer.name) of \(sender.name) \(story)")
                for view in views { expectWhole(view, viewer, story) }
            }
        }
    }

    private func expectWhole(_ view: ViewedStream, _ viewer: TestPeer, _ story: [String]) {
        #expect(view.packets.values.allSatisfy { $0.content != nil }, "\(story)")
        // What was never sent to the viewer was lost on its way to the board, or came too late, when the
        // viewer was shown another size already.
        let holes = call.tap.holes(call.index(of: viewer), view.ssrc).count
        let excused = call.lostUpward + call.overtakenUpward
        #expect(holes <= excused, "\(view.kind) \(holes) \(story)")
        if view.kind == .audio {
            expectInOrder(view)
        } else {
            #expect(view.packets.values.contains { $0.content?.isKey == true }, "\(story)")
        }
    }
}
