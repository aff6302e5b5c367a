import Basics
import Testing

@Suite struct `A timer heap` {
    @Test func `has nothing due before its time`() {
        var heap = TimerHeap()
        heap.insert(.init(instant: Instant(nanoseconds: 10), token: 1))
        #expect(heap.popDue(at: Instant(nanoseconds: 9)) == nil)
        #expect(heap.deadline == Instant(nanoseconds: 10))
        #expect(heap.popDue(at: Instant(nanoseconds: 10))?.token == 1)
        #expect(heap.deadline == nil)
    }

    @Test(arguments: UInt64(0)..<200)
    func `gives back what a sorted list would`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var heap = TimerHeap()
        var list: [Int64] = []
        for token in 0..<UInt64(300) {
            if Bool.random(using: &random) || list.isEmpty {
                let instant = Int64.random(in: 0..<100, using: &random)
                heap.insert(.init(instant: Instant(nanoseconds: instant), token: token))
                list.append(instant)
                list.sort()
            } else {
                let now = Int64.random(in: 0..<100, using: &random)
                let popped = heap.popDue(at: Instant(nanoseconds: now))
                let expected = list.first.flatMap { $0 <= now ? $0 : nil }
                #expect(popped?.instant.nanoseconds == expected, "seed \(seed)")
                if expected != nil { list.removeFirst() }
            }
            #expect(heap.deadline?.nanoseconds == list.first, "seed \(seed)")
            #expect(heap.count == list.count, "seed \(seed)")
        }
    }
}
