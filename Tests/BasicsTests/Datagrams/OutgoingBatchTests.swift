import Basics
import Testing

@Suite struct `An outgoing batch` {
    private let here = path(1)
    private let there = path(2)

    @Test func `joins packets of one path and size into a run`() {
        var batch = OutgoingBatch()
        for _ in 0..<5 { batch.commit(count: 1_200, to: here) }
        check(batch, is: [[1_200, 1_200, 1_200, 1_200, 1_200]])
    }

    @Test func `ends a run with a smaller packet`() {
        var batch = OutgoingBatch()
        for size in [1_200, 1_200, 700, 700, 700, 1_200] { batch.commit(count: size, to: here) }
        check(batch, is: [[1_200, 1_200, 700], [700, 700], [1_200]])
    }

    @Test func `begins a run with a larger packet, which would be cut up`() {
        var batch = OutgoingBatch()
        for size in [1_200, 1_201, 1_201, 1_202] { batch.commit(count: size, to: here) }
        check(batch, is: [[1_200], [1_201, 1_201], [1_202]])
    }

    @Test func `keeps paths apart`() {
        var batch = OutgoingBatch()
        for path in [here, there, there, here] { batch.commit(count: 100, to: path) }
        check(batch, is: [[100], [100, 100], [100]])
        let paths = [batch[0].path, batch[1].path, batch[2].path]
        #expect(paths == [here, there, here])
    }

    @Test func `stops a run at sixteen packets`() {
        var batch = OutgoingBatch()
        for _ in 0..<40 { batch.commit(count: 1_500, to: here) }
        let counts = shape(batch).map(\.count)
        #expect(counts == [16, 16, 8])
    }

    @Test func `lets a packet go alone where it must`() {
        var batch = OutgoingBatch()
        for mayJoin in [true, false, true] {
            batch.commit(count: 100, to: here, mayJoin: mayJoin)
        }
        check(batch, is: [[100], [100, 100]])
    }

    @Test func `has no room when its buffer or its runs are used up`() {
        var small = OutgoingBatch(capacity: 3_000)
        small.commit(count: 1_500, to: here)
        check(small, hasRoom: true)
        small.commit(count: 1, to: here)
        check(small, hasRoom: false)
        small.removeAll()
        check(small, is: [])
        check(small, hasRoom: true)
        let isAtStart = unsafe small.room == small.bytes
        #expect(isAtStart)

        var few = OutgoingBatch(runLimit: 2)
        few.commit(count: 100, to: here)
        few.commit(count: 100, to: there)
        check(few, hasRoom: false)
    }

    /// Whatever is committed comes out again, in order and whole, in runs that keep the rules.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `gives back what was put in`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var batch = OutgoingBatch(capacity: 200_000, runLimit: 100)
        var model: [(path: DatagramPath, bytes: [UInt8])] = []
        while let room = unsafe batch.room {
            let size = [1_200, 1_200, 1_199, 80, 1_500].randomElement(using: &random) ?? 1
            let byte = UInt8(truncatingIfNeeded: model.count)
            unsafe room.initializeMemory(as: UInt8.self, repeating: byte, count: size)
            let path = Bool.random(using: &random) ? here : there
            let mayJoin = Int.random(in: 0..<8, using: &random) > 0
            batch.commit(count: size, to: path, mayJoin: mayJoin)
            model.append((path, [UInt8](repeating: byte, count: size)))
        }
        var seen: [(path: DatagramPath, bytes: [UInt8])] = []
        unsafe batch.forEachPacket { unsafe seen.append(($1, [UInt8]($0))) }
        #expect(seen.map(\.path) == model.map(\.path))
        #expect(seen.map(\.bytes) == model.map(\.bytes))
        for sizes in shape(batch) {
            #expect(sizes.count <= 16)
            #expect(sizes.dropLast().allSatisfy { $0 == sizes[0] })
            #expect((1...sizes[0]).contains(sizes.last ?? 0))
        }
    }

    // An expectation copies what it looks at, which a batch doesn't allow.
    private func check(
        _ batch: borrowing OutgoingBatch,
        hasRoom isExpected: Bool,
        at place: SourceLocation = #_sourceLocation
    ) {
        let hasRoom = unsafe batch.room != nil
        #expect(hasRoom == isExpected, sourceLocation: place)
    }

    private func check(
        _ batch: borrowing OutgoingBatch,
        is sizes: [[Int]],
        at place: SourceLocation = #_sourceLocation
    ) {
        let shape = shape(batch)
        #expect(shape == sizes, sourceLocation: place)
    }

    private func shape(_ batch: borrowing OutgoingBatch) -> [[Int]] {
        (0..<batch.runCount).map { index in
            let run = batch[index]
            return (0..<run.packets).map { min(run.segmentSize, run.count - $0 * run.segmentSize) }
        }
    }
}

private func path(_ port: UInt16) -> DatagramPath {
    DatagramPath(remote: SocketAddress(ip: .loopback, port: port), local: 0)
}
