import Basics
import Media
import Testing

@Suite struct `A replay window` {
    @Test func `refuses what it has seen`() {
        var window = ReplayWindow()
        #expect(window.admits(0))
        window.mark(0)
        window.mark(7)
        #expect(!window.admits(0) && !window.admits(7))
        #expect(window.admits(1) && window.admits(8))
    }

    @Test func `admits a late packet until it falls out of the window`() {
        var window = ReplayWindow()
        window.mark(10_000)
        #expect(window.admits(10_000 - 1_023))
        #expect(!window.admits(10_000 - 1_024))
        window.mark(10_000 - 1_024)
        #expect(window.newest == 10_000)
        #expect(window.admits(10_000 - 1_023))
    }

    @Test func `moves nothing by being asked`() {
        var window = ReplayWindow()
        window.mark(5)
        #expect(window.admits(1 << 47))
        #expect(window.newest == 5 && window.admits(4))
    }

    @Test func `stays right to the last number there is`() {
        var window = ReplayWindow()
        window.mark(.max - 1)
        #expect(window.admits(.max) && window.admits(.max - 2))
        window.mark(.max)
        #expect(!window.admits(.max) && !window.admits(.max - 1) && window.admits(.max - 2))
    }

    /// Plays the same walk to the window and to a plain set that can't be wrong. Steps of every length:
    /// within a word of bits, across some, the whole ring, and far beyond.
    @Test(arguments: UInt64(0)..<50)
    func `agrees with a set that remembers everything`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var window = ReplayWindow()
        var accepted: Set<UInt64> = []
        var newest: UInt64 = 0
        let reach = [3, 70, 1_100, 3_000][Int(seed % 4)] as UInt64
        for _ in 0..<1_500 {
            let back = UInt64.random(in: 0...1_100, using: &random)
            let base = newest > back ? newest - back : 0
            let index = base + UInt64.random(in: 0...(back + reach), using: &random)
            let expected =
                index > newest || (newest - index < 1_024 && !accepted.contains(index))
            #expect(window.admits(index) == expected, "seed \(seed), index \(index)")
            guard expected else { continue }
            window.mark(index)
            accepted.insert(index)
            newest = max(newest, index)
        }
        for index in (newest > 1_100 ? newest - 1_100 : 0)...newest {
            let expected = newest - index < 1_024 && !accepted.contains(index)
            #expect(window.admits(index) == expected, "seed \(seed), index \(index) in the end")
        }
    }
}
