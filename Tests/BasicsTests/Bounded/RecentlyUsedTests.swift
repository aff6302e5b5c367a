import Basics
import Testing

@Suite struct `A dictionary of what was used recently` {
    @Test func `forgets what was used longest ago`() {
        var kept = RecentlyUsed<String, Int>(capacity: 2)
        #expect(kept.set("a", to: 1) == nil)
        #expect(kept.set("b", to: 2) == nil)
        #expect(kept.use("a") == 1)
        let gone = kept.set("c", to: 3)
        #expect(gone?.key == "b")
        #expect(kept.peek("b") == nil)
        #expect(kept.all.map(\.key) == ["a", "c"])
    }

    @Test(arguments: UInt64(0)..<50)
    func `agrees with an array that is searched from end to end`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let capacity = Int.random(in: 1...8, using: &random)
        var kept = RecentlyUsed<Int, Int>(capacity: capacity)
        var model: [(key: Int, value: Int)] = []
        for step in 0..<1_000 {
            let key = Int.random(in: 0..<12, using: &random)
            let place = model.firstIndex { $0.key == key }
            switch Int.random(in: 0..<5, using: &random) {
            case 0:
                #expect(kept.remove(key) == place.map { model.remove(at: $0).value })
            case 1:
                #expect(kept.use(key) == place.map { model[$0].value })
                if let place { model.append(model.remove(at: place)) }
            case 2:
                #expect(kept.peek(key) == place.map { model[$0].value })
            case 3 where Int.random(in: 0..<4, using: &random) == 0:
                #expect(kept.removeOldest()?.key == model.first?.key)
                if !model.isEmpty { model.removeFirst() }
            default:
                let gone = kept.set(key, to: step)
                if let place {
                    model.remove(at: place)
                } else if model.count == capacity {
                    #expect(gone?.key == model.removeFirst().key)
                }
                model.append((key, step))
            }
            #expect(kept.all.map(\.key) == model.map(\.key), "seed \(seed), step \(step)")
            #expect(kept.count == model.count)
            #expect(kept.oldest?.value == model.first?.value)
        }
    }
}
