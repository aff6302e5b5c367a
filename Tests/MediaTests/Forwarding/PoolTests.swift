import Media
import Testing

@Suite struct `A pool` {
    private final class Witness {
        var ended = 0
    }

    private struct Guest: ~Copyable {
        let witness: Witness
        var number: Int

        deinit { witness.ended += 1 }
    }

    @Test func `keeps values where they are, whatever comes and goes`() {
        let witness = Witness()
        var pool = Pool<Guest>(capacity: 300)
        var slots: [UInt32] = []
        for number in 0..<200 {
            let slot = pool.insert(Guest(witness: witness, number: number))
            slots.append(slot ?? .max)
        }
        let place = unsafe pool[slots[7]]
        for slot in slots where slot % 2 == 0 { pool.remove(slot) }
        for number in 0..<100 { _ = pool.insert(Guest(witness: witness, number: 1_000 + number)) }
        let (number, count) = unsafe (place.pointee.number, pool.count)
        #expect(number == 7)
        #expect(witness.ended == 100)
        #expect(count == 200)
    }

    @Test func `refuses one more than it holds, and takes another when one has gone`() {
        let witness = Witness()
        var pool = Pool<Guest>(capacity: 2)
        let first = pool.insert(Guest(witness: witness, number: 1))
        _ = pool.insert(Guest(witness: witness, number: 2))
        let third = pool.insert(Guest(witness: witness, number: 3))
        #expect(third == nil)
        #expect(witness.ended == 1)
        if let first { pool.remove(first) }
        let fourth = pool.insert(Guest(witness: witness, number: 4))
        #expect(fourth == first)
    }

    @Test func `ends every value when it ends, and none twice`() {
        let witness = Witness()
        do {
            var pool = Pool<Guest>(capacity: 100)
            for number in 0..<70 { _ = pool.insert(Guest(witness: witness, number: number)) }
            pool.remove(5)
            pool.remove(5)
            #expect(witness.ended == 1)
        }
        #expect(witness.ended == 70)
    }
}
