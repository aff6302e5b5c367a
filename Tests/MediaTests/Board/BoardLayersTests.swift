import Basics
import Media
import Testing

@Suite struct `A picture in several sizes` {
    private func place(_ call: inout SimulatedCall) -> (ada: TestPeer, ben: TestPeer) {
        let ada = call.add()
        ada.publish(.vp8, stream: "cam", rids: [("l", 320, 180), ("h", 1280, 720)])
        ada.join()
        let ben = call.bring(voice: false, camera: false)
        return (ada, ben)
    }

    private func show(_ showing: Showing, _ ben: TestPeer, _ view: ViewedStream) {
        ben.words.append(.show(ben.name, mid: view.mid, showing))
    }

    @Test(arguments: UInt64(1)...3, 1...2)
    func `goes up and down at key frames and stays one stream`(seed: UInt64, shards: Int) throws {
        var call = SimulatedCall(seed: seed, shards: shards)
        let (ada, ben) = place(&call)
        call.run(for: .seconds(4))
        var view = try #require(ben.views(of: ada, .video).first)
        #expect(view.ordered.last?.content?.width == 1_280)
        show(.upTo(pixels: 320 * 180), ben, view)
        call.run(for: .seconds(3))
        view = try #require(ben.views[view.ssrc])
        #expect(view.ordered.last?.content?.width == 320)
        show(.everything, ben, view)
        call.run(for: .seconds(8))
        view = try #require(ben.views[view.ssrc])
        #expect(view.ordered.last?.content?.width == 1_280)

        #expect(ben.viewOrder.count == 1)
        #expect(view.holes.isEmpty)
        expectWholeFrames(view)
        var changes = 0
        var last: UInt16?
        for packet in view.ordered {
            let content = try #require(packet.content)
            if content.width != last {
                changes += 1
                #expect(content.isKey && content.place == 0)
            }
            last = content.width
        }
        #expect(3...5 ~= changes, "\(changes)")
        #expect(call.tap.collisions.isEmpty)
    }

    @Test(arguments: 1...2) func `is not sent while nobody looks, and begins anew after`(
        shards: Int
    ) throws {
        var call = SimulatedCall(shards: shards)
        let (ada, ben) = place(&call)
        call.run(for: .seconds(2))
        var view = try #require(ben.views(of: ada, .video).first)
        show(.nothing, ben, view)
        call.run(for: .milliseconds(100))
        let count = try #require(ben.views[view.ssrc]).packets.count
        call.run(for: .seconds(2))
        #expect(try #require(ben.views[view.ssrc]).packets.count == count)
        show(.everything, ben, view)
        call.run(for: .seconds(2))
        view = try #require(ben.views[view.ssrc])
        #expect(view.packets.count > count + 20)
        #expect(view.holes.isEmpty)
        let next = view.ordered[count]
        #expect(next.content?.isKey == true && next.content?.place == 0)
        expectWholeFrames(view)
    }

    @Test(arguments: 1...2) func `shrinks to what the viewer can take`(shards: Int) throws {
        var call = SimulatedCall(shards: shards)
        let (ada, ben) = place(&call)
        // The larger encoding takes some 130 kilobits a second here.
        ada.tracks[0].layers[1].packetsPerFrame = 10
        call.run(for: .seconds(3))
        let view = try #require(ben.views(of: ada, .video).first)
        #expect(view.ordered.last?.content?.width == 1_280)
        ben.habits.limit = 150_000
        call.run(for: .seconds(4))
        #expect(try #require(ben.views[view.ssrc]).ordered.last?.content?.width == 320)
        #expect(try #require(ben.views[view.ssrc]).holes.isEmpty)
    }

    @Test(arguments: 1...2) func `tells its sender which sizes anybody wants`(shards: Int) throws {
        var call = SimulatedCall(shards: shards)
        let (ada, ben) = place(&call)
        call.run(for: .seconds(2))
        let view = try #require(ben.views(of: ada, .video).first)
        func wanted() -> [String]? {
            for case .wanted(_, let rids) in ada.signals.reversed() { return rids }
            return nil
        }
        #expect(wanted()?.contains("h") == true)
        show(.upTo(pixels: 320 * 180), ben, view)
        call.run(for: .seconds(6))
        #expect(wanted() == ["l"])
    }

    @Test(arguments: 1...2) func `survives its sender's beginning anew with other numbers`(
        shards: Int
    ) throws {
        var call = SimulatedCall(shards: shards)
        let (ada, ben) = place(&call)
        call.run(for: .seconds(2))
        let count = try #require(ben.views(of: ada, .video).first).packets.count
        var random = SeededRandom(seed: 77)
        ada.tracks[0].layers = [
            SentLayer("l", 320, 180, using: &random), SentLayer("h", 1_280, 720, using: &random),
        ]
        call.run(for: .seconds(3))
        let view = try #require(ben.views(of: ada, .video).first)
        #expect(view.packets.count > count + 60)
        #expect(view.holes.isEmpty)
        #expect(view.packets.values.allSatisfy { $0.content != nil })
        expectWholeFrames(view)
        #expect(call.tap.collisions.isEmpty)
    }
}
