import Basics
import CSRTP
import Media
import Testing

@Suite struct `People who come to a board and go` {
    @Test func `see the last key frame at once`() throws {
        var call = SimulatedCall()
        let ada = call.bring()
        call.run(for: .seconds(1))
        ada.tracks[1].layers[0].wantsKey = true
        call.run(for: .milliseconds(400))
        let asked = ada.tracks[1].layers[0].asked.count
        // From here on she makes no picture at all.
        ada.tracks[1].isOn = false
        call.run(for: .milliseconds(50))
        let ben = call.bring(voice: false, camera: false)
        call.run(for: .milliseconds(300))
        let view = try #require(ben.views(of: ada, .video).first)
        #expect(view.packets.count > 15)
        let first = try #require(view.ordered.first?.content)
        #expect(first.isKey && first.place == 0)
        #expect(view.holes.isEmpty)
        #expect(ada.tracks[1].layers[0].asked.count == asked)
        ada.tracks[1].isOn = true
        call.run(for: .milliseconds(300))
        let after = try #require(ben.views(of: ada, .video).first)
        #expect(after.packets.count > view.packets.count + 8)
        #expect(after.holes.isEmpty)
        expectWholeFrames(after)
        #expect(call.tap.collisions.isEmpty)
    }

    @Test func `ask for key frames without end, and are heard twice a second`() throws {
        var call = SimulatedCall()
        let ada = call.bring()
        let ben = call.bring(voice: false, camera: false)
        call.run(for: .seconds(2))
        let view = try #require(ben.views(of: ada, .video).first)
        let before = ada.tracks[1].layers[0].asked.count
        for turn in 0..<300 {
            for _ in 0..<5 { ben.askForPicture(view.ssrc) }
            for _ in 0..<5 { ben.askForIntra(view.ssrc, number: UInt8(turn & 0xFF)) }
            call.run(for: .milliseconds(10))
        }
        let asked = ada.tracks[1].layers[0].asked.count - before
        #expect(4...7 ~= asked, "\(asked)")
    }

    @Test func `and never say a word harm nobody`() throws {
        var call = SimulatedCall()
        let ada = call.bring()
        let ben = call.bring()
        var habits = TestPeer.Habits()
        habits.sendsReports = false
        habits.asks = false
        habits.limit = nil
        let cyd = call.bring(habits)
        cyd.habits.answers = false
        let dan = call.bring()
        dan.habits.consents = false
        call.down[2].lossPercent = 100
        call.down[3].lossPercent = 100
        call.run(for: .seconds(12))
        let count = ben.views(of: ada).map(\.packets.count)
        #expect(count.count == 2)
        call.run(for: .seconds(1))
        let after = ben.views(of: ada).map(\.packets.count)
        #expect(zip(count, after).allSatisfy { $1 > $0 + 20 })
        #expect(ben.views(of: ada).allSatisfy { $0.holes.isEmpty })
        #expect(ben.refusals.isEmpty)
    }

    @Test func `are not shown any more when they are gone`() throws {
        var call = SimulatedCall()
        let ada = call.bring()
        let ben = call.bring()
        let cyd = call.bring()
        call.run(for: .seconds(1))
        #expect(ada.views(of: cyd).count == 2)
        cyd.words.append(.leave(cyd.name))
        call.run(for: .milliseconds(200))
        #expect(ada.views(of: cyd).isEmpty)
        #expect(ben.views(of: cyd).isEmpty)
        #expect(ada.views(of: ben).count == 2)
        #expect(call.board.peerCount == 2)
        #expect(call.board.trackCount == 4)
        #expect(call.board.viewCount == 4)
        // Who comes next gets their places in the description.
        let sections = ada.lines.count
        let dan = call.bring()
        call.run(for: .milliseconds(500))
        #expect(ada.views(of: dan).count == 2)
        #expect(ada.lines.count == sections)
        #expect(ada.views(of: dan).allSatisfy { $0.packets.count > 5 })
        #expect(ada.strange == 0)
    }

    /// In a process of its own, where no other test takes or returns memory.
    @Test func `leave nothing behind, a thousand times`() async {
        await #expect(processExitsWith: .success) {
            var call = SimulatedCall()
            let ada = call.bring()
            call.run(for: .milliseconds(500))
            for round in 0..<200 { Self.pass(&call, UInt64(round)) }
            let counts = (
                call.board.peerCount, call.board.trackCount, call.board.viewCount,
                call.board.nameCount, call.board.pathCount
            )
            #expect(counts == (1, 2, 0, 1, 1))
            let before = mallinfo2().uordblks
            for round in 200..<1_000 { Self.pass(&call, UInt64(round)) }
            let grown = mallinfo2().uordblks.subtractingReportingOverflow(before)
            // A byte of each round would be 800.
            #expect(grown.overflow || grown.partialValue < 800, "\(grown.partialValue)")
            #expect(call.board.trackCount == 2 && call.board.viewCount == 0)
            #expect(ada.isOver == nil)
        }
    }

    /// Somebody comes, sends what is not media, is shown to and shows, and goes.
    private static func pass(_ call: inout SimulatedCall, _ round: UInt64) {
        let peer = PeerID(1 << 40 | round)
        let uplink = UplinkID(1 << 40 | round)
        let name = "user\(1_000_000 + round)"
        guard let credentials = ICECredentials(ufrag: name, password: "password+of+this+round")
        else {
            Issue.record("\(name) is a name")
            return
        }
        var random = SeededRandom(seed: round)
        let shape = PeerShape(credentials: credentials, context: BoardRoom.server, call: 99)
        call.board.perform(.addPeer(peer, shape), at: call.now, into: &call.out)
        let path = TestPeer.path(100, Int(round % 1_000))
        let check = TestPeer.check(
            "\(credentials.ufrag):them",
            password: credentials.password,
            nominates: true,
            using: &random
        )
        call.give(check, from: path)
        let ssrc = SSRC(UInt32(truncatingIfNeeded: round) | 0x8000_0000)
        var sound = UplinkShape(
            mid: "0",
            kind: .audio,
            formats: [.init(payloadType: SentTrack.opus, codec: .opus)],
            layers: [.init(ssrc: ssrc)],
            extensions: ExtensionIDs(),
            repeatsLost: false,
            reportsArrival: false
        )
        sound.isVoice = true
        call.board.perform(.addUplink(uplink, from: peer, sound), at: call.now, into: &call.out)
        for id in [uplink, UplinkID(0)] {
            let view = DownlinkShape(
                kind: .audio,
                codec: .opus,
                ssrc: ssrc,
                payloadType: SentTrack.opus,
                extensions: ExtensionIDs(),
                cname: "x"
            )
            let downlink = DownlinkID(round << 8 | id.rawValue & 1 | 1 << 50)
            call.board.perform(
                .addDownlink(downlink, to: peer, of: id, view),
                at: call.now,
                into: &call.out
            )
        }
        if round % 2 == 0 {
            call.board.perform(.removeUplink(uplink), at: call.now, into: &call.out)
        }
        call.board.perform(.removePeer(peer), at: call.now, into: &call.out)
        call.out.removeAll()
        _ = call.board.advance(to: call.now, into: &call.out)
        _ = call.board.takeEvents()
        call.out.removeAll()
        call.forgetStrays()
    }

    @Test func `open a channel, and messages pass`() throws {
        var habits = TestPeer.Habits()
        habits.hasChannel = true
        var call = SimulatedCall()
        let ada = call.bring(habits)
        let ben = call.bring(habits)
        call.run(for: .seconds(1))
        #expect(ben.views(of: ada).count == 2)
        let channel = try #require(ada.channel)
        let words = Array("hello, Ada".utf8)
        ada.words.append(
            .send(ada.name, channel: channel, isText: true, words, asksForReceipt: true)
        )
        call.run(for: .milliseconds(200))
        #expect(ada.messages == [words])
        try ada.channels?.send(words.span, isText: true, on: channel, at: call.now)
        call.run(for: .milliseconds(200))
        #expect(ada.signals.contains(.channelMessage(channel: channel, isText: true, words)))
        // Within a round trip, though others acknowledge late.
        #expect(ada.signals.count { $0 == .delivered } == 1)
    }

    @Test func `may open their first channel when media flows already`() throws {
        var call = SimulatedCall()
        let ada = call.bring()
        let ben = call.bring()
        call.run(for: .milliseconds(500))
        ada.habits.hasChannel = true
        ada.offer()
        call.run(for: .milliseconds(100))
        #expect(ada.refusals.isEmpty)
        ada.beginChannels(at: call.now)
        call.run(for: .milliseconds(500))
        let channel = try #require(ada.channel)
        try ada.channels?.send([1, 2, 3].span, isText: false, on: channel, at: call.now)
        call.run(for: .milliseconds(300))
        #expect(ada.signals.contains(.channelMessage(channel: channel, isText: false, [1, 2, 3])))
        #expect(ben.views(of: ada).count == 2)
    }

    @Test func `are told when their packets arrive`() throws {
        var habits = TestPeer.Habits()
        habits.countsArrival = true
        var call = SimulatedCall()
        let ada = call.bring(habits)
        _ = call.bring()
        call.run(for: .seconds(2))
        #expect(ada.arrivalReports > 10)
        #expect(ada.receiverReports > 0)
    }
}
