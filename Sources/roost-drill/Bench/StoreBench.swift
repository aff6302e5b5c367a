internal import Basics
internal import IO
internal import Store

/// What remembering costs: writes and reads of the embedded store, and opening it.
enum StoreBench: Bench {
    static let name = "store"
    static let summary = "writes, reads and opening of the embedded store"

    static func run(_ terms: BenchTerms, into book: inout FigureBook) async throws {
        let path = try Workbench.path("bench.db")
        let count = terms.isQuick ? 500 : 5_000
        let store = try EmbeddedStore(path: path)
        let alone = try await write(count, together: 1, to: store)
        book.add("store_writes", alone, "/s")
        let together = try await write(count * 4, together: 100, to: store)
        book.add("store_writes_100_at_once", together, "/s")
        let began = Loop.readClock()
        for index in 0..<count { _ = try await store.value(of: "1 \(index)") }
        book.add("store_reads", Double(count) / ((Loop.readClock() - began) / .seconds(1)), "/s")
        await store.close()

        let reopening = Loop.readClock()
        let again = try EmbeddedStore(path: path)
        book.add("store_open", (Loop.readClock() - reopening) / .milliseconds(1), "ms")
        book.remark("the store that was opened had \(again.opening.pageCount) pages")
        await again.close()
    }

    /// Writes values of 200 bytes, so many at a time; answers how many a second.
    private static func write(
        _ count: Int,
        together: Int,
        to store: EmbeddedStore
    ) async throws -> Double {
        let value = [UInt8](repeating: 1, count: 200)
        let began = Loop.readClock()
        for first in stride(from: 0, to: count, by: together) {
            try await withThrowingTaskGroup { group in
                for index in first..<first + together {
                    group.addTask {
                        _ = try await store.write(
                            value,
                            to: "\(together) \(index)",
                            ifVersion: nil
                        )
                    }
                }
                try await group.waitForAll()
            }
        }
        return Double(count) / ((Loop.readClock() - began) / .seconds(1))
    }
}
