import Basics
import Media
import Testing

/// What a track is to others, by the rules of the calls protocol.
@Suite struct `The role of a track` {
    private func room() -> (stage: PlanStage, ada: TestPeer, ben: TestPeer) {
        var stage = PlanStage()
        let ada = stage.add(0) { $0.announcesTracks = true }
        let ben = stage.add(1) { $0.announcesTracks = true }
        stage.bring(ada)
        stage.bring(ben)
        return (stage, ada, ben)
    }

    @Test func `of sound is a voice`() {
        var (stage, ada, ben) = room()
        ada.publish(.opus, stream: "mic")
        ada.offer()
        stage.settle()
        #expect(stage.map(of: ben) == [.voice: 1])
        #expect(stage.voices == 1)
    }

    @Test func `of a picture waits until somebody says it`() {
        var (stage, ada, ben) = room()
        ada.publish(.vp8, stream: "cam")
        ada.offer()
        stage.settle()
        #expect(ben.offersSeen == 0)
        stage.say(.cameraOn(ada.name, stream: "another"))
        #expect(ben.offersSeen == 0)
        stage.say(.cameraOn(ada.name, stream: "cam"))
        #expect(stage.map(of: ben) == [.camera: 1])
        // Off and on again with the same sender and another stream.
        stage.say(.cameraOff(ada.name))
        ada.tracks[0].stream = "cam2"
        stage.say(.cameraOn(ada.name, stream: "cam3"))
        #expect(stage.downlinks(of: ben).count == 1)
    }

    @Test(arguments: [false, true])
    func `of a screen and its sound is known by the stream`(isWordFirst: Bool) {
        var (stage, ada, ben) = room()
        ada.publish(.opus, stream: "mic")
        ada.offer()
        stage.settle()
        // The description may overtake the word.
        if isWordFirst { stage.say(.screenOn(ada.name, stream: "screen")) }
        ada.publish(.vp8, stream: "screen")
        ada.publish(.opus, stream: "screen")
        ada.offer()
        stage.settle()
        if !isWordFirst { stage.say(.screenOn(ada.name, stream: "screen")) }
        #expect(stage.map(of: ben) == [.voice: 1, .screen: 1, .screenAudio: 1])
        #expect(stage.downlinks(of: ben).count == 3)
        #expect(stage.voices == 1)
        let priorities = stage.downlinks(of: ben).values.map(\.priority)
        #expect(priorities.contains(.screen))

        stage.say(.screenOff(ada.name))
        #expect(stage.map(of: ben) == [.voice: 1])
        #expect(stage.downlinks(of: ben).count == 1)
        #expect(stage.voices == 1)
        // Shared again, under the name it had or another.
        for name in ["screen", "screen2"] {
            for track in [1, 2] { ada.tracks[track].stream = name }
            ada.offer()
            stage.settle()
            stage.say(.screenOn(ada.name, stream: name))
            #expect(stage.map(of: ben) == [.voice: 1, .screen: 1, .screenAudio: 1])
            stage.say(.screenOff(ada.name))
            #expect(stage.downlinks(of: ben).count == 1)
        }
    }

    @Test func `of a screen is one person's at a time`() {
        var (stage, ada, ben) = room()
        stage.say(.screenOn(ada.name, stream: "a"))
        stage.say(.screenOn(ben.name, stream: "b"))
        #expect(ben.refusals == ["screen: somebody else is sharing a screen"])
        stage.say(.screenOff(ben.name))
        stage.say(.screenOn(ben.name, stream: "b"))
        #expect(ben.refusals.count == 2)
        stage.say(.screenOff(ada.name))
        stage.say(.screenOn(ben.name, stream: "b"))
        #expect(ben.refusals.count == 2)
        stage.say(.leave(ben.name))
        stage.say(.screenOn(ada.name, stream: "a"))
        #expect(ada.refusals.isEmpty)
        ada.publish(.vp8, stream: "a")
        ada.offer()
        stage.settle()
        #expect(stage.plan.trackCount == 1)
    }

    @Test func `does not change with a mute of the voice beside it`() {
        var (stage, ada, ben) = room()
        stage.say(.mute(ada.name, true))
        ada.publish(.opus, stream: "screen")
        ada.offer()
        stage.settle()
        // Taken for a voice, and muted as one, until the word comes.
        stage.say(.screenOn(ada.name, stream: "screen"))
        #expect(stage.map(of: ben) == [.screenAudio: 1])
        var isMuted = false
        for case .mute(_, let muted) in stage.commands { isMuted = muted }
        #expect(!isMuted)
    }

    @Test(arguments: [true, false], [true, false])
    func `of AV1 beside VP8 goes to who can show it`(decodes: Bool, isLater: Bool) {
        var stage = PlanStage()
        let ada = stage.add(0) { $0.announcesTracks = true }
        let ben = stage.add(1) { $0.decodesAV1 = decodes }
        stage.bring(ada)
        stage.bring(ben)
        stage.say(.screenOn(ada.name, stream: "screen"))
        ada.publish(.vp8, stream: "screen")
        if isLater {
            ada.offer()
            stage.settle()
            #expect(stage.downlinks(of: ben).values.map(\.codec) == [.vp8])
        }
        ada.publish(.av1, stream: "screen")
        ada.offer()
        stage.settle()
        #expect(stage.map(of: ben) == [.screen: 1])
        #expect(stage.downlinks(of: ben).values.map(\.codec) == [decodes ? .av1 : .vp8])
    }
}

extension PlanStage {
    /// How many tracks count among the voices.
    fileprivate var voices: Int {
        var shapes: [UplinkID: Bool] = [:]
        for command in commands {
            switch command {
            case .addUplink(let id, _, let shape), .changeUplink(let id, let shape):
                shapes[id] = shape.isVoice
            case .removeUplink(let id): shapes[id] = nil
            default: break
            }
        }
        return shapes.values.count { $0 }
    }
}
