import Basics
import Media
import Testing

@Suite struct `Wanted layers` {
    @Test func `begin with the first who wants them`() {
        var wanted = WantedLayers()
        #expect(wanted.layers.isEmpty)
        #expect(wanted.want([.init(spatial: 0)], by: 1, at: .ms(0)) == true)
        #expect(wanted.want([.init(spatial: 0)], by: 2, at: .ms(0)) == false)
        #expect(wanted.want([.init(spatial: 0), .init(spatial: 2)], by: 2, at: .ms(1)) == true)
        #expect(wanted.layers == [.init(spatial: 0), .init(spatial: 2)])
        #expect(wanted.deadline == nil)
    }

    @Test func `end three seconds after the last`() {
        var wanted = WantedLayers()
        _ = wanted.want([.init(spatial: 1)], by: 1, at: .ms(0))
        #expect(wanted.want([], by: 1, at: .ms(1_000)) == false)
        #expect(wanted.deadline == .ms(4_000))
        #expect(wanted.advance(to: .ms(3_999)) == false)
        #expect(wanted.advance(to: .ms(4_000)) == true)
        #expect(wanted.layers.isEmpty)
        #expect(wanted.deadline == nil)
    }

    @Test func `go on for whoever comes back in time`() {
        var wanted = WantedLayers(hold: .seconds(2))
        _ = wanted.want([.init(spatial: 1)], by: 1, at: .ms(0))
        _ = wanted.want([], by: 1, at: .ms(1_000))
        #expect(wanted.want([.init(spatial: 1)], by: 7, at: .ms(2_000)) == false)
        #expect(wanted.advance(to: .ms(9_000)) == false)
        #expect(wanted.layers == [.init(spatial: 1)])
    }

    /// Against the definition: wanted now, or by somebody within the last three seconds.
    @Test(arguments: UInt64(0)..<20)
    func `are what anybody wants, or has just wanted`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var wanted = WantedLayers()
        var viewers = [LayerSet](repeating: [], count: 5)
        var last = [Int64](repeating: -10_000, count: 8)
        var now: Int64 = 0
        for _ in 0..<300 {
            now += .random(in: 0...900, using: &random)
            for spatial in 0..<8 where viewers.contains(where: { $0.contains(spatial: spatial) }) {
                last[spatial] = now
            }
            _ = wanted.advance(to: .ms(now))
            let viewer = Int.random(in: 0..<5, using: &random)
            let layers = LayerSet(rawValue: UInt8.random(in: 0...255, using: &random) & 0x0F)
            viewers[viewer] = Bool.random(using: &random) ? layers : []
            _ = wanted.want(viewers[viewer], by: viewer, at: .ms(now))
            for spatial in 0..<8 {
                let isWanted = viewers.contains { $0.contains(spatial: spatial) }
                let expected = isWanted || now - last[spatial] < 3_000
                #expect(wanted.layers.contains(spatial: spatial) == expected)
            }
        }
    }
}
