import Basics
import Media
import Testing

@Suite struct `The index of a packet` {
    @Test(arguments: [0, 1, 32_767, 32_768, 65_535] as [UInt16])
    func `is the number itself at first`(number: UInt16) {
        #expect(PacketIndex().index(of: SequenceNumber(number)) == UInt64(number))
    }

    @Test func `counts on where the number wraps`() {
        var stream = PacketIndex()
        stream.mark(65_534)
        #expect(stream.index(of: SequenceNumber(65_535)) == 65_535)
        #expect(stream.index(of: SequenceNumber(0)) == 65_536)
        stream.mark(65_537)
        #expect(stream.index(of: SequenceNumber(65_535)) == 65_535)
        #expect(stream.index(of: SequenceNumber(2)) == 65_538)
    }

    @Test func `moves nothing until its packet was proved`() {
        var stream = PacketIndex()
        stream.mark(30_000)
        #expect(stream.index(of: SequenceNumber(60_000)) == 60_000)
        #expect(stream.newest == 30_000)
    }

    @Test func `is refused when seen, and when too old to say`() {
        var stream = PacketIndex()
        stream.mark(70_000)
        #expect(stream.index(of: SequenceNumber(UInt16(70_000 - 65_536))) == nil)
        #expect(stream.index(of: SequenceNumber(UInt16(70_000 - 1_023 - 65_536))) == 68_977)
        #expect(stream.index(of: SequenceNumber(UInt16(70_000 - 1_024 - 65_536))) == nil)
    }

    @Test func `ends where the keys are used up`() {
        var stream = PacketIndex()
        stream.mark(PacketIndex.last)
        #expect(stream.index(of: SequenceNumber(0)) == nil)
        #expect(stream.index(of: SequenceNumber(65_534)) == PacketIndex.last - 1)
    }

    /// A stream loses packets, repeats some and mixes up their order, over many wraps.
    @Test(arguments: UInt64(0)..<20)
    func `is found for every packet of a path that loses and reorders`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var stream = PacketIndex()
        var accepted: Set<UInt64> = []
        var sent = UInt64.random(in: 0...30_000, using: &random)
        stream.mark(sent)
        accepted.insert(sent)
        for _ in 0..<2_000 {
            sent += UInt64.random(in: 1...600, using: &random)
            for _ in 0..<2 {
                let late = UInt64.random(in: 0...400, using: &random)
                let actual = sent - min(late, sent)
                let found = stream.index(of: SequenceNumber(UInt16(truncatingIfNeeded: actual)))
                #expect(found == (accepted.contains(actual) ? nil : actual), "seed \(seed)")
                guard let found else { continue }
                stream.mark(found)
                accepted.insert(found)
            }
        }
    }
}
