import Basics
import Store
import Testing

@Suite struct `An embedded store against dictionaries` {
    @Test(arguments: UInt64(0)..<40)
    func `gives the same answers`(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let scratch = try Scratch()
        var store = try EmbeddedStore(path: scratch.store)
        var model = StoreModel()
        for step in 0..<300 {
            if Int.random(in: 0..<100, using: &random) == 0 {
                await store.close()
                store = try EmbeddedStore(path: scratch.store)
            }
            try await model.play(on: store, using: &random, "seed \(seed), step \(step)")
        }
        await store.close()
    }
}
