import Basics
import Testing

@testable import Media

@Suite struct `A slot table` {
    @Test(arguments: 0..<50 as Range<UInt64>)
    func `finds what a plain dictionary finds, whatever was taken out`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var table = SlotTable()
        var model: [UInt64: Set<UInt32>] = [:]
        for step in 0..<2_000 as Range<UInt32> {
            // Few fingerprints, all near each other, so that runs are long and holes matter.
            let fingerprint = UInt64.random(in: 0..<150, using: &random)
            if Bool.random(using: &random) || model[fingerprint, default: []].isEmpty {
                table.insert(fingerprint, step)
                model[fingerprint, default: []].insert(step)
            } else if let slot = model[fingerprint]?.randomElement(using: &random) {
                table.remove(fingerprint, slot)
                model[fingerprint]?.remove(slot)
            }
            let asked = UInt64.random(in: 0..<150, using: &random)
            for slot in model[asked, default: []] {
                #expect(table.find(asked) { $0 == slot } == slot)
            }
            #expect(table.find(asked) { !model[asked, default: []].contains($0) } == nil)
        }
        #expect(table.count == model.values.reduce(0) { $0 + $1.count })
    }

    @Test func `forgets nothing when it is asked to forget what it never knew`() {
        var table = SlotTable()
        table.insert(7, 1)
        table.remove(7, 2)
        table.remove(8, 1)
        #expect(table.find(7) { _ in true } == 1)
    }
}
