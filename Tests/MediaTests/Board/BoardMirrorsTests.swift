import Basics
import Media
import Testing

/// The first, third and fifth who come are on the call's home, the others on the annex.
@Suite struct `A call on two boards` {
    @Test func `has each packet decrypted once and handed over once`() throws {
        var call = SimulatedCall(shards: 2)
        let ada = call.bring()
        let others = (0..<5).map { _ in call.bring(voice: false, camera: false) }
        call.run(for: .seconds(2))
        #expect(call.board.peerCount == 3 && call.annex.peerCount == 3)
        #expect(call.plan.mirrorCount == 2, "a voice and a camera")
        for viewer in others {
            for kind in [MediaKind.audio, .video] {
                let view = try #require(viewer.views(of: ada, kind).first)
                #expect(view.packets.count > 90)
                #expect(view.holes.isEmpty)
                #expect(view.packets.values.allSatisfy { $0.content != nil })
            }
        }
        #expect(call.board.counts.packetsIn > 190)
        #expect(call.annex.counts.packetsIn == 0)
        #expect(call.annex.counts.mirroredIn == call.board.counts.mirrored)
        // Not those from before anybody was there.
        #expect(call.board.counts.mirrored <= call.board.counts.packetsIn)
        #expect(call.board.counts.mirrored > call.board.counts.packetsIn - 20)
        #expect(call.counts.mirroredDropped == 0)
    }

    @Test func `hands over nothing that nobody there gets`() {
        var call = SimulatedCall(shards: 2)
        let ada = call.bring()
        let ben = call.bring(voice: false, camera: false)
        _ = call.bring(voice: false, camera: false)
        call.run(for: .seconds(1))
        #expect(call.board.counts.mirrored > 90)
        ben.words.append(.leave(ben.name))
        call.run(for: .milliseconds(100))
        let count = call.board.counts.mirrored
        #expect(call.plan.mirrorCount == 0 && call.annex.trackCount == 0)
        call.run(for: .seconds(1))
        #expect(call.board.counts.mirrored == count)
        #expect(ada.isOver == nil)
    }

    @Test func `forgets the mirrors of who leaves, whatever is on its way`() throws {
        var call = SimulatedCall(shards: 2)
        // Packets that come when the mirror is gone, and words that come late.
        call.crossing = (words: 1, packets: 6)
        let ada = call.bring()
        let ben = call.bring()
        call.run(for: .seconds(1))
        #expect(ben.views(of: ada).count == 2)
        ada.words.append(.leave(ada.name))
        call.run(for: .milliseconds(200))
        #expect(call.board.trackCount == 0 && call.annex.trackCount == 2)
        #expect(ben.views(of: ada).allSatisfy { $0.isEnded })
        let cyd = call.bring()
        call.run(for: .seconds(1))
        #expect(ben.views(of: cyd).allSatisfy { $0.packets.count > 40 && $0.holes.isEmpty })
        #expect(call.tap.collisions.isEmpty)
    }

    /// The first viewer on the annex, whose board has nothing in its ring.
    @Test func `shows who comes first to a board the last key frame, asking for none`() throws {
        var call = SimulatedCall(shards: 2)
        let sender = call.bring(voice: false)
        call.run(for: .milliseconds(400))
        let asked = sender.tracks[0].layers[0].asked.count
        let late = call.bring(voice: false, camera: false)
        #expect(call.annex.peerCount == 1)
        call.run(for: .milliseconds(200))
        let view = try #require(late.views(of: sender, .video).first)
        #expect(view.ordered.first?.content?.isKey == true)
        #expect(view.holes.isEmpty)
        #expect(sender.tracks[0].layers[0].asked.count == asked)
    }

    @Test func `asks for key frames as seldom as one board does`() throws {
        var call = SimulatedCall(shards: 2)
        let sender = call.bring(voice: false)
        let viewers = (0..<5).map { _ in call.bring(voice: false, camera: false) }
        call.run(for: .seconds(2))
        let before = sender.tracks[0].layers[0].asked.count
        for _ in 0..<40 {
            for viewer in viewers {
                if let view = viewer.views(of: sender, .video).first {
                    viewer.askForPicture(view.ssrc)
                }
            }
            call.run(for: .milliseconds(50))
        }
        let count = sender.tracks[0].layers[0].asked.count - before
        #expect(3...5 ~= count, "two a second, asked \(count) times in two seconds")
    }

    @Test func `sends on what any of its boards wants`() throws {
        var call = SimulatedCall(shards: 2)
        let ada = call.add()
        ada.publish(.vp8, stream: "cam", rids: [("l", 320, 180), ("h", 1280, 720)])
        ada.join()
        let far = call.bring(voice: false, camera: false)
        let near = call.bring(voice: false, camera: false)
        call.run(for: .seconds(3))
        func wanted() -> [String]? {
            for case .wanted(_, let rids) in ada.signals.reversed() { return rids }
            return nil
        }
        for (viewer, pixels) in [(near, 320 * 180), (far, 320 * 180)] {
            #expect(wanted()?.contains("h") == true)
            let view = try #require(viewer.views(of: ada, .video).first)
            #expect(view.ordered.last?.content?.width == 1_280)
            viewer.words.append(.show(viewer.name, mid: view.mid, .upTo(pixels: pixels)))
            call.run(for: .seconds(6))
        }
        #expect(wanted() == ["l"])
        let view = try #require(far.views(of: ada, .video).first)
        far.words.append(.show(far.name, mid: view.mid, .everything))
        call.run(for: .seconds(2))
        #expect(wanted()?.contains("h") == true)
        far.words.append(.leave(far.name))
        call.run(for: .seconds(1))
        #expect(wanted() == ["l"])
    }

    @Test func `hears the same three everywhere`() throws {
        var call = SimulatedCall(shards: 2)
        call.crossing = (words: 1, packets: 1)
        let people = (0..<8).map { _ in call.bring(camera: false) }
        let levels = [75, 30, 76, 35, 40, 77, 78, 79]
        for (peer, level) in zip(people, levels) { peer.tracks[0].level = 0x80 | UInt8(level) }
        call.run(for: .seconds(3))
        func heard() -> [[Int]] {
            people.map { listener in
                people.map { listener.views(of: $0, .audio).first?.packets.count ?? 0 }
            }
        }
        let before = heard()
        call.run(for: .seconds(1))
        let after = heard()
        let loudest: Set = [1, 3, 4]
        for listener in people.indices {
            for speaker in people.indices where speaker != listener {
                let gained = after[listener][speaker] - before[listener][speaker]
                let isLoud = loudest.contains(speaker)
                #expect(isLoud ? gained > 45 : gained == 0, "\(listener) of \(speaker): \(gained)")
            }
        }
        // Who begins to speak is heard from the first packet on, on both boards.
        let first = people[0].tracks[0].layers[0].sequence
        people[1].tracks[0].level = 0x80 | 127
        people[3].tracks[0].level = 0x80 | 127
        people[0].tracks[0].level = 0x80 | 20
        call.run(for: .seconds(1))
        for listener in people.dropFirst() {
            let view = try #require(listener.views(of: people[0], .audio).first)
            let numbers = Set(view.packets.values.compactMap { $0.content?.sequence })
            #expect((first..<first + 45).allSatisfy { numbers.contains($0) })
            #expect(view.holes.isEmpty)
            expectInOrder(view)
        }
        #expect(call.tap.collisions.isEmpty)
    }

    @Test func `says once who speaks`() {
        var call = SimulatedCall(shards: 2)
        let ada = call.bring(camera: false)
        let ben = call.bring(camera: false)
        var random = SeededRandom(seed: 2)
        for _ in 0..<100 {
            ada.tracks[0].level = 0x80 | .random(in: 10...70, using: &random)
            call.run(for: .milliseconds(20))
        }
        #expect(ben.signals.count { $0 == .voice(ada.name, isOn: true) } == 1)
        ada.words.append(.mute(ada.name, true))
        call.run(for: .milliseconds(100))
        #expect(ben.signals.count { $0 == .voice(ada.name, isOn: false) } == 1)
    }

    @Test func `begins muted where its speaker is`() throws {
        var call = SimulatedCall(shards: 2)
        let ada = call.bring(camera: false)
        ada.words.append(.mute(ada.name, true))
        call.run(for: .milliseconds(100))
        let ben = call.bring(camera: false)
        call.run(for: .seconds(1))
        #expect(ben.views(of: ada).allSatisfy { $0.packets.isEmpty })
        ada.words.append(.mute(ada.name, false))
        call.run(for: .seconds(1))
        let view = try #require(ben.views(of: ada).first)
        #expect(view.packets.count > 40)
        #expect(view.holes.isEmpty)
    }

    /// The way between the boards holds no more for a while, in the midst of frames.
    @Test(arguments: [1, 2, 3]) func `loses whole frames when there is no room between them`(
        room: Int
    ) throws {
        var call = SimulatedCall(shards: 2)
        let ada = call.bring()
        ada.tracks[1].layers[0].packetsPerFrame = 4
        let far = call.bring(voice: false, camera: false)
        let near = call.bring(voice: false, camera: false)
        call.run(for: .seconds(1))
        let asked = ada.tracks[1].layers[0].asked.count
        let count = try #require(far.views(of: ada, .video).first).packets.count
        // What is sent in one moment is not taken before the next.
        call.crossing.packets = 1
        call.mailLimit = room
        call.run(for: .milliseconds(300))
        call.mailLimit = 10_000
        call.run(for: .seconds(1))

        #expect(call.board.counts.mirroredDropped > 10)
        let view = try #require(far.views(of: ada, .video).first)
        #expect(view.holes.isEmpty, "its numbers go on")
        #expect(view.packets.count > count + 60)
        let packets = view.ordered
        var breaks = 0
        for (before, next) in zip(packets, packets.dropFirst()) {
            guard let old = before.content, let new = next.content else { continue }
            let isNext = old.place + 1 < old.places ? new.frame == old.frame : new.place == 0
            let isKey = new.isKey && new.place == 0
            #expect(isNext || isKey, "\(old.frame).\(old.place) \(new.frame).\(new.place)")
            guard new.frame > old.frame + 1 || !isNext else { continue }
            breaks += 1
            #expect(isKey, "what follows a loss is a key frame: \(new.frame).\(new.place)")
        }
        #expect(breaks > 0)
        #expect(ada.tracks[1].layers[0].asked.count > asked)
        let whole = try #require(near.views(of: ada, .video).first)
        #expect(whole.holes.isEmpty, "others lose nothing")
        expectWholeFrames(whole)
        let voice = try #require(far.views(of: ada, .audio).first)
        expectInOrder(voice)
        #expect(call.tap.collisions.isEmpty)
    }

    @Test func `takes a key frame of many packets that come at once`() throws {
        var call = SimulatedCall(shards: 2)
        let ada = call.bring(voice: false)
        let ben = call.bring(voice: false, camera: false)
        call.run(for: .seconds(1))
        ada.tracks[0].layers[0].packetsPerFrame = 150
        call.run(for: .seconds(1))
        let view = try #require(ben.views(of: ada, .video).first)
        #expect(view.packets.count > 3_000)
        #expect(call.tap.holes(1, view.ssrc).isEmpty)
        #expect(call.tap.collisions.isEmpty)
    }

    @Test func `keeps a session where it is when ICE begins anew`() throws {
        var call = SimulatedCall(shards: 2)
        let ada = call.bring()
        let ben = call.bring()
        call.run(for: .milliseconds(500))
        let count = try #require(ben.views(of: ada, .video).first).packets.count
        ben.restartICE()
        ben.offer()
        call.run(for: .seconds(2))
        ben.move(to: 5, number: 1)
        ben.check(nominates: true)
        call.run(for: .seconds(1))
        #expect(call.board.peerCount == 1 && call.annex.peerCount == 1)
        let view = try #require(ben.views(of: ada, .video).first)
        #expect(view.packets.count > count + 100)
        #expect(ben.isOver == nil)
    }
}
