import Basics
import Media
import Testing

@Suite struct `A ufrag of ours` {
    @Test(arguments: 0..<LocalUfrag.shardLimit)
    func `says by its first letter on which shard its call is`(shard: Int) {
        var random = SeededRandom(seed: UInt64(shard))
        let ufrag = LocalUfrag.make(for: shard, using: &random)
        #expect(ufrag.utf8.count == 16)
        #expect(ufrag.utf8.first.flatMap(LocalUfrag.shard) == shard)
        let credentials = ICECredentials(ufrag: ufrag, using: &random)
        #expect(credentials != nil)
    }

    @Test func `says nothing by a letter that no name has`() {
        #expect(LocalUfrag.shard(UInt8(ascii: ":")) == nil)
        #expect(LocalUfrag.shard(0xFF) == nil)
    }
}
