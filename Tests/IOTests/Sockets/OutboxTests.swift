import Basics
import IO
import Testing

@Suite struct `An outbox` {
    @Test func `spares a slow reader the frames not yet begun`() {
        var outbox = Outbox()
        for byte in UInt8(0)..<4 { outbox.append([byte, byte]) }
        outbox.consume(3)
        #expect(outbox.dropUnbegun() == 2)
        #expect(outbox.byteCount == 1)
        #expect(outbox.frameCount == 1)
    }

    @Test func `drops everything when nothing has begun`() {
        var outbox = Outbox()
        outbox.append([1, 2])
        outbox.append([3])
        #expect(outbox.dropUnbegun() == 2)
        #expect(outbox.isEmpty)
        #expect(outbox.byteCount == 0)
    }

    @Test(arguments: UInt64(0)..<200)
    func `sends the bytes that a plain queue would`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var outbox = Outbox()
        var queue: [UInt8] = []
        var next: UInt8 = 0
        for _ in 0..<500 {
            if Bool.random(using: &random) {
                let count = Int.random(in: 0...9, using: &random)
                let frame = (0..<count).map { _ in
                    next &+= 1
                    return next
                }
                outbox.append(frame)
                queue += frame
            } else if !queue.isEmpty {
                let count = Int.random(in: 0...queue.count, using: &random)
                outbox.consume(count)
                queue.removeFirst(count)
            }
            var unsent: [UInt8] = []
            unsafe outbox.forEachUnsent(upTo: .max / 2) { unsafe unsent += $0 }
            #expect(unsent == queue, "seed \(seed)")
            let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 1)
            let copied = unsafe outbox.copyUnsent(into: room)
            #expect(unsafe Array(room[..<copied]) == Array(queue.prefix(64)), "seed \(seed)")
            unsafe room.deallocate()
            #expect(outbox.firstByteCount <= queue.count, "seed \(seed)")
            #expect(outbox.byteCount == queue.count, "seed \(seed)")
            #expect(outbox.isEmpty == queue.isEmpty, "seed \(seed)")
        }
    }
}
