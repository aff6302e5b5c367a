import Basics
import Media
import Testing

@Suite struct `A viewer who comes late` {
    @Test(arguments: 1...2) func `is shown the last key frame, and nobody is asked for another`(
        shards: Int
    ) throws {
        var call = SimulatedCall(shards: shards)
        let sender = call.bring(voice: false)
        let first = call.bring(voice: false, camera: false)
        call.run(for: .milliseconds(500))
        #expect(first.views(of: sender, .video).count == 1)
        let asked = sender.tracks[0].layers[0].asked.count
        let late = call.bring(voice: false, camera: false)
        call.run(for: .milliseconds(200))
        let view = try #require(late.views(of: sender, .video).first)
        #expect(!view.packets.isEmpty)
        #expect(view.packets.values.contains { $0.content?.isKey == true })
        #expect(view.holes.isEmpty)
        #expect(sender.tracks[0].layers[0].asked.count == asked)
    }

    @Test(arguments: 1...2) func `is shown a new key frame if the last is long past`(
        shards: Int
    ) throws {
        var call = SimulatedCall(shards: shards)
        let sender = call.bring(voice: false)
        _ = call.bring(voice: false, camera: false)
        call.run(for: .seconds(5))
        let asked = sender.tracks[0].layers[0].asked.count
        let late = call.bring(voice: false, camera: false)
        call.run(for: .milliseconds(500))
        let view = try #require(late.views(of: sender, .video).first)
        #expect(view.packets.values.contains { $0.content?.isKey == true })
        #expect(sender.tracks[0].layers[0].asked.count == asked + 1)
    }
}
