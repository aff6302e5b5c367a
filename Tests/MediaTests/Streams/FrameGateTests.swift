import Basics
import Media
import Testing

@Suite struct `A frame gate` {
    @Test func `is shut until a key frame starts`() {
        var gate = FrameGate()
        #expect(gate.wantsKeyFrame)
        #expect(gate.admit(.frame(0), hasRoom: true) == .drop)
        #expect(gate.admit(.key(1), hasRoom: false) == .drop)
        #expect(gate.admit(.key(2), hasRoom: true) == .begin)
        #expect(!gate.wantsKeyFrame)
        #expect(gate.admit(.frame(2), hasRoom: true) == .send)
        #expect(gate.admit(.frame(3), hasRoom: true) == .send)
    }

    @Test func `drops the rest of a frame and what depends on it`() {
        var gate = FrameGate.open()
        #expect(gate.admit(.frame(5), hasRoom: true) == .send)
        #expect(gate.admit(.frame(5), hasRoom: false) == .drop)
        #expect(gate.admit(.frame(5), hasRoom: true) == .drop)
        #expect(gate.wantsKeyFrame && gate.timesShut == 1)
        #expect(gate.admit(.frame(6), hasRoom: true) == .drop)
        #expect(gate.admit(.frame(6, layer: 1), hasRoom: true) == .drop)
        #expect(gate.admit(.key(7), hasRoom: true) == .begin)
        #expect(!gate.wantsKeyFrame)
        #expect(gate.admit(.frame(7), hasRoom: true) == .send)
    }

    @Test func `judges a late packet as its frame was judged`() {
        var gate = FrameGate.open()
        _ = gate.admit(.frame(5), hasRoom: false)
        #expect(gate.admit(.frame(4), hasRoom: true) == .send)
        _ = gate.admit(.key(7), hasRoom: true)
        #expect(gate.admit(.frame(6), hasRoom: true) == .drop)
        #expect(gate.admit(.frame(5), hasRoom: true) == .drop)
        #expect(gate.admit(.frame(4), hasRoom: true) == .send)
        #expect(gate.admit(.frame(8), hasRoom: true) == .send)
    }

    @Test func `goes on without a higher layer until that may be begun with`() {
        var gate = FrameGate.open()
        #expect(gate.admit(.frame(5, layer: 1), hasRoom: false) == .drop)
        #expect(!gate.wantsKeyFrame)
        #expect(gate.admit(.frame(5, layer: 1), hasRoom: true) == .drop)
        #expect(gate.admit(.frame(6, layer: 2), hasRoom: true) == .drop)
        #expect(gate.admit(.frame(7), hasRoom: true) == .send)
        #expect(gate.admit(.frame(8, layer: 1), hasRoom: true) == .drop)
        #expect(gate.admit(.frame(9, layer: 2, isSwitchUp: true), hasRoom: true) == .drop)
        #expect(gate.admit(.frame(10, layer: 1, isSwitchUp: true), hasRoom: true) == .send)
        #expect(gate.admit(.frame(11, layer: 1), hasRoom: true) == .send)
        #expect(gate.admit(.frame(12, layer: 2), hasRoom: true) == .drop)
        #expect(gate.admit(.frame(13, layer: 2, isSwitchUp: true), hasRoom: true) == .send)
        #expect(gate.admit(.frame(14, layer: 2), hasRoom: true) == .send)
    }

    @Test func `begins no layer in the middle of a frame that it dropped`() {
        var gate = FrameGate.open()
        _ = gate.admit(.frame(5, layer: 1, isSwitchUp: true), hasRoom: false)
        #expect(gate.admit(.frame(5, layer: 1, isSwitchUp: true), hasRoom: true) == .drop)
        #expect(gate.admit(.frame(6, layer: 1, isSwitchUp: true), hasRoom: false) == .drop)
        #expect(gate.admit(.frame(6, layer: 1, isSwitchUp: true), hasRoom: true) == .drop)
        #expect(gate.admit(.frame(7, layer: 1, isSwitchUp: true), hasRoom: true) == .send)
    }

    @Test func `has all layers again from a key frame on`() {
        var gate = FrameGate.open()
        _ = gate.admit(.frame(5, layer: 1), hasRoom: false)
        #expect(gate.admit(.key(6), hasRoom: true) == .send)
        #expect(gate.admit(.frame(7, layer: 2), hasRoom: true) == .send)
        #expect(gate.admit(.frame(8, layer: 1), hasRoom: true) == .send)
    }

    @Test func `forgets what it dropped before timestamps come round`() {
        var gate = FrameGate.open()
        _ = gate.admit(.frame(5), hasRoom: false)
        _ = gate.admit(.key(100), hasRoom: true)
        var timestamp: UInt32 = 100 * 3_000
        for _ in 0..<10_000 {
            timestamp &+= 450_000
            let frame = FrameGate.Frame(timestamp: timestamp, startsKeyFrame: false)
            if gate.admit(frame, hasRoom: true) != .send {
                Issue.record("a frame is dropped at \(timestamp)")
                return
            }
        }
    }

    @Test func `is shut again for another source`() {
        var gate = FrameGate.open()
        gate.close()
        #expect(gate.wantsKeyFrame && gate.admit(.frame(9), hasRoom: true) == .drop)
        #expect(gate.admit(.key(1), hasRoom: true) == .begin)
    }

    /// Frames of three temporal layers in order, each of a few packets, and a queue that is full at
    /// times: what gets through whole is what the viewer can show.
    @Test(arguments: UInt64(0)..<500)
    func `sends nothing that depends on what it dropped`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var gate = FrameGate()
        let fullness = Int.random(in: 0...20, using: &random)
        // Whether the last frame of each layer got through whole since the last key frame.
        var isWhole = [false, false, false]
        for index in 0..<80 {
            let isKey = index % 30 == 0
            let layer = isKey ? 0 : [0, 2, 1, 2][index % 4]
            let isSwitchUp = layer > 0 && index % 8 < 3
            var sent = 0
            let count = Int.random(in: 1...4, using: &random)
            for packet in 0..<count {
                let frame = FrameGate.Frame(
                    timestamp: UInt32(index) &* 3_000 &- 90_000,
                    startsKeyFrame: isKey && packet == 0,
                    temporalLayer: UInt8(layer),
                    isSwitchUp: isSwitchUp
                )
                let answer = gate.admit(frame, hasRoom: !random.happens(fullness))
                if answer == .drop { continue }
                if sent < packet { Issue.record("seed \(seed): a frame has a hole") }
                sent += 1
            }
            if sent > 0 {
                let needed = isKey ? 0 : isSwitchUp ? 1 : layer + 1
                if !isWhole[..<needed].allSatisfy(\.self) {
                    Issue.record("seed \(seed): frame \(index) needs what was dropped")
                }
            }
            if sent > 0 && sent < count || sent == 0 {
                for above in layer...2 { isWhole[above] = false }
            } else if isKey {
                isWhole = [true, true, true]
            } else {
                isWhole[layer] = isWhole[layer] || isSwitchUp
            }
        }
    }
}

extension FrameGate {
    fileprivate static func open() -> FrameGate {
        var gate = FrameGate()
        _ = gate.admit(.key(0), hasRoom: true)
        return gate
    }
}

extension FrameGate.Frame {
    fileprivate static func frame(
        _ number: UInt32,
        layer: UInt8 = 0,
        isSwitchUp: Bool = false
    ) -> FrameGate.Frame {
        FrameGate.Frame(
            timestamp: number * 3_000,
            startsKeyFrame: false,
            temporalLayer: layer,
            isSwitchUp: isSwitchUp
        )
    }

    fileprivate static func key(_ number: UInt32) -> FrameGate.Frame {
        FrameGate.Frame(timestamp: number * 3_000, startsKeyFrame: true)
    }
}
