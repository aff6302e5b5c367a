import Basics
import Media
import Testing

@Suite struct `Packets lost around a board` {
    @Test(arguments: [false, true], UInt64(1)...4)
    func `are repeated to the viewer`(onOwnStream: Bool, seed: UInt64) throws {
        var habits = TestPeer.Habits()
        habits.repairs = onOwnStream
        var call = SimulatedCall(seed: seed, shards: seed % 2 == 0 ? 2 : 1)
        let ada = call.bring(habits)
        let ben = call.bring(habits)
        call.run(for: .milliseconds(500))
        call.down[1].lossPercent = 8
        call.run(for: .seconds(2))
        call.down[1].lossPercent = 0
        call.run(for: .seconds(1))
        let view = try #require(ben.views(of: ada, .video).first)
        #expect(call.lostDownward > 5)
        #expect(view.holes.isEmpty, "\(view.holes)")
        #expect(view.packets.values.allSatisfy { $0.content != nil })
        #expect(view.packets.values.contains(where: \.isRepaired) == onOwnStream)
        #expect(call.counts.resent > 0)
        // Without a stream of their own, packets come again as they were, to the last bit.
        #expect(call.tap.repeated(1, view.ssrc) > 0 || onOwnStream)
        #expect(call.tap.collisions.isEmpty, "\(call.tap.collisions)")
        expectWholeFrames(view)
    }

    @Test(arguments: [false, true], UInt64(1)...4)
    func `are asked of the publisher`(onOwnStream: Bool, seed: UInt64) throws {
        var habits = TestPeer.Habits()
        habits.repairs = onOwnStream
        var call = SimulatedCall(seed: seed, shards: seed % 2 == 0 ? 2 : 1)
        let ada = call.bring(habits)
        let ben = call.bring(habits)
        call.run(for: .milliseconds(500))
        call.up[0].lossPercent = 8
        call.run(for: .seconds(2))
        call.up[0].lossPercent = 0
        call.run(for: .seconds(1))
        let view = try #require(ben.views(of: ada, .video).first)
        #expect(call.lostUpward > 5)
        #expect(view.holes.isEmpty, "\(view.holes)")
        #expect(view.packets.values.allSatisfy { $0.content != nil })
        #expect(call.tap.collisions.isEmpty, "\(call.tap.collisions)")
        expectWholeFrames(view)
    }

    @Test(arguments: [[1, 2, 3, 0], [3, 2, 1, 0], [2, 0, 3, 1], [1, 0, 2, 3]], [0, 5])
    func `are not those that overtook the first of a key frame`(order: [Int], pause: Int) throws {
        var call = SimulatedCall()
        let ada = call.bring(camera: false)
        ada.publish(.vp8, stream: "cam")
        ada.tracks[1].isOn = false
        ada.offer()
        let ben = call.bring(voice: false, camera: false)
        call.run(for: .milliseconds(300))
        // The first frame that ben is shown, made here and brought by hand.
        ada.tracks[1].isOn = true
        ada.tracks[1].layers[0].packetsPerFrame = order.count
        ada.tracks[1].nextFrame = call.now
        ada.datagrams.removeAll()
        ada.sendFrames(of: 1, at: ada.tracks[1].nextFrame)
        let packets = ada.datagrams.map(\.bytes)
        ada.datagrams.removeAll()
        ada.tracks[1].isOn = false
        #expect(packets.count == order.count)
        #expect(ben.views(of: ada, .video).first?.packets.isEmpty == true)
        for place in order {
            call.give(packets[place], from: ada.path)
            call.run(for: .milliseconds(pause))
        }
        call.run(for: .milliseconds(100))
        let view = try #require(ben.views(of: ada, .video).first)
        #expect(view.packets.count == order.count)
        #expect(view.holes.isEmpty)
        expectWholeFrames(view)
        #expect(call.tap.collisions.isEmpty)
    }

    @Test(arguments: UInt64(1)...4, 1...2)
    func `that are repeated, late or early do no harm`(seed: UInt64, shards: Int) throws {
        var call = SimulatedCall(seed: seed, shards: shards)
        let ada = call.bring()
        let ben = call.bring()
        call.up[0] = .init(lossPercent: 3, duplicatePercent: 10, delay: 5...40)
        call.down[1] = .init(lossPercent: 3, duplicatePercent: 10, delay: 5...40)
        call.run(for: .seconds(3))
        call.up[0] = .init()
        call.down[1] = .init()
        call.run(for: .seconds(1))
        let view = try #require(ben.views(of: ada, .video).first)
        let voice = try #require(ben.views(of: ada, .audio).first)
        #expect(voice.packets.count > 120)
        #expect(view.packets.values.allSatisfy { $0.content != nil })
        #expect(voice.packets.values.allSatisfy { $0.content != nil })
        #expect(call.tap.collisions.isEmpty, "\(call.tap.collisions)")
        expectWholeFrames(view)
        expectInOrder(voice)
    }
}

/// Frames are whole, each of its own timestamp, and picture numbers count them.
func expectWholeFrames(
    _ view: ViewedStream,
    _ condition: SourceLocation = #_sourceLocation
) {
    let packets = view.ordered
    var last: ViewedStream.Packet?
    for packet in packets {
        guard let before = last, let content = packet.content, let old = before.content else {
            last = packet
            continue
        }
        last = packet
        guard packet.sequence == before.sequence + 1 else { continue }
        if content.place > 0 {
            #expect(old.place + 1 == content.place, sourceLocation: condition)
            #expect(packet.timestamp == before.timestamp, sourceLocation: condition)
            #expect(packet.head?.picture == before.head?.picture, sourceLocation: condition)
        } else {
            #expect(old.place + 1 == old.places, sourceLocation: condition)
            #expect(before.isMarked, sourceLocation: condition)
            #expect(
                Int32(bitPattern: packet.timestamp &- before.timestamp) > 0,
                sourceLocation: condition
            )
            if let head = packet.head, let other = before.head {
                #expect(head.picture == (other.picture + 1) & 0x7FFF, sourceLocation: condition)
                #expect(head.baseLayer == other.baseLayer &+ 1, sourceLocation: condition)
            }
        }
    }
}

/// Of sound: what was said later comes later.
func expectInOrder(_ view: ViewedStream, _ condition: SourceLocation = #_sourceLocation) {
    var last: ViewedStream.Packet?
    for packet in view.ordered {
        if let last, let old = last.content, let new = packet.content {
            #expect(new.sequence > old.sequence, sourceLocation: condition)
            #expect(
                Int32(bitPattern: packet.timestamp &- last.timestamp) > 0,
                sourceLocation: condition
            )
        }
        last = packet
    }
}
