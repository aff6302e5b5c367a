import Basics
import Media
import Testing

@Suite struct `A batch that is soon full` {
    /// Room for so many packets only.
    private func call(_ room: Int, seed: UInt64) -> SimulatedCall {
        SimulatedCall(
            seed: seed,
            batch: OutgoingBatch(capacity: room * OutgoingBatch.packetLimit, runLimit: room)
        )
    }

    @Test(arguments: [3, 5, 17, 64], UInt64(1)...2)
    func `loses nothing and sends nothing twice`(room: Int, seed: UInt64) throws {
        var call = call(room, seed: seed)
        let ada = call.bring()
        let ben = call.bring()
        let cyd = call.bring()
        let dan = call.bring(voice: false, camera: false)
        ada.tracks[1].layers[0].packetsPerFrame = 25
        ben.tracks[1].layers[0].packetsPerFrame = 7
        // In one burst each, so that several tracks wait side by side.
        call.up[0].delay = 5...20
        call.run(for: .seconds(2))
        for viewer in [ada, ben, cyd, dan] {
            for sender in [ada, ben, cyd] where sender !== viewer {
                for view in viewer.views(of: sender) {
                    #expect(view.packets.count > 25)
                    #expect(view.holes.isEmpty, "\(viewer.name) of \(sender.name): \(view.holes)")
                    #expect(call.tap.repeated(call.index(of: viewer), view.ssrc) == 0)
                    #expect(view.packets.values.allSatisfy { $0.content != nil })
                }
            }
            // A batch that holds less than what one peer is told at a time loses of that.
            #expect(viewer.receiverReports > 0 || viewer === dan || room < 17)
        }
        #expect(call.longestTurn > 1)
        #expect(call.tap.collisions.count == 0)
    }
}
