import Dispatch
import Store
import Synchronization
import Testing

@Suite struct `A work thread` {
    @Test func `does what waits together, in order and in bounded batches`() async throws {
        let gate = DispatchSemaphore(value: 0)
        let batches = Mutex<[[Int]]>([])
        try await withThread(queueLimit: 100, batchLimit: 3) { batch in
            if batch == [0] { gate.wait() }
            batches.withLock { $0.append(batch) }
        } body: { thread in
            #expect(thread.submit(0) == .accepted)
            while thread.waitingCount > 0 { await Task.yield() }  // it has begun
            for job in 1...7 { #expect(thread.submit(job) == .accepted) }
            gate.signal()
        }
        #expect(batches.withLock { $0 } == [[0], [1, 2, 3], [4, 5, 6], [7]])
    }

    @Test func `refuses what is beyond its limit, and takes more later`() async throws {
        let gate = DispatchSemaphore(value: 0)
        let done = Atomic(0)
        try await withThread(queueLimit: 2, batchLimit: 10) { batch in
            if batch == [0] { gate.wait() }
            done.add(batch.count, ordering: .relaxed)
        } body: { thread in
            #expect(thread.submit(0) == .accepted)
            while thread.waitingCount > 0 { await Task.yield() }
            #expect(thread.submit(1) == .accepted)
            #expect(thread.submit(2) == .accepted)
            #expect(thread.submit(3) == .full)
            gate.signal()
            while done.load(ordering: .relaxed) < 3 { await Task.yield() }
            #expect(thread.submit(4) == .accepted)
        }
        #expect(done.load(ordering: .relaxed) == 4)
    }

    @Test func `finishes what waits when it is closed, and takes no more`() async throws {
        let done = Atomic(0)
        try await withThread(queueLimit: 1_000, batchLimit: 7) { batch in
            done.add(batch.count, ordering: .relaxed)
        } body: { thread in
            for job in 0..<500 { #expect(thread.submit(job) == .accepted) }
            await thread.close()
            #expect(done.load(ordering: .relaxed) == 500)
            #expect(thread.submit(1) == .closed)
        }
    }

    private func withThread(
        queueLimit: Int,
        batchLimit: Int,
        work: @escaping @Sendable ([Int]) -> Void,
        body: (WorkThread<Int>) async throws -> Void
    ) async throws {
        let thread = try WorkThread(
            name: "test",
            queueLimit: queueLimit,
            batchLimit: batchLimit,
            work: work
        )
        try await body(thread)
        await thread.close()
    }
}
