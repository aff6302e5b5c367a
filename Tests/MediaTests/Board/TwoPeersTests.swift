import Basics
import Crypto
import Media
import Testing

@Suite struct `Two people on a board` {
    @Test(arguments: 1...2) func `hear and see each other`(shards: Int) throws {
        var call = SimulatedCall(shards: shards)
        let ada = call.bring()
        let ben = call.bring()
        call.run(for: .seconds(3))
        for (viewer, sender) in [(ada, ben), (ben, ada)] {
            for kind in [MediaKind.audio, .video] {
                let view = try #require(viewer.views(of: sender, kind).first)
                #expect(view.packets.count > 100, "\(kind) \(view.packets.count)")
                #expect(view.holes.isEmpty)
                #expect(view.packets.values.allSatisfy { $0.content != nil })
                let track = try #require(sender.tracks.first { $0.kind == kind })
                #expect(
                    view.packets.values.allSatisfy {
                        $0.content?.ssrc == track.layers[0].ssrc.rawValue
                    }
                )
            }
            #expect(viewer.viewOrder.count == 2)
            #expect(viewer.strange == 0)
            #expect(viewer.refusals.isEmpty, "\(viewer.refusals)")
        }
        #expect(call.tap.collisions.isEmpty)
        #expect(call.early == 0)
    }
}
