import Foundation
import Store
import Testing

@Suite struct `A migration` {
    private let first = Migration("CREATE TABLE a (x INTEGER) STRICT")
    private let second = Migration("CREATE TABLE b (x INTEGER) STRICT")

    @Test func `runs once, in order`() async throws {
        let scratch = try Scratch()
        #expect(try await versions(scratch, [first]) == [0, 1])
        #expect(try await versions(scratch, [first]) == [1, 1])
        #expect(try await versions(scratch, [first, second]) == [1, 2])
        #expect(try await versions(scratch, [first, second]) == [2, 2])
    }

    @Test func `is all undone when a part of it fails`() async throws {
        let scratch = try Scratch()
        _ = try await versions(scratch, [first])
        let broken = Migration("CREATE TABLE b (x INTEGER) STRICT; CREATE TABLE a (x INTEGER)")
        await #expect(throws: StoreFault.self) { try await versions(scratch, [first, broken]) }
        #expect(try await versions(scratch, [first, second]) == [1, 2])
    }

    @Test func `leaves the version before it when the process dies in its middle`() async throws {
        let scratch = try Scratch()
        _ = try await versions(scratch, [first])
        let path = scratch.store
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            Thread.detachNewThread {
                usleep(300_000)
                kill(getpid(), SIGKILL)
            }
            let endless = Migration(
                """
                CREATE TABLE b (x INTEGER) STRICT;
                INSERT INTO b WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)
                SELECT x FROM n;
                """
            )
            let first = Migration("CREATE TABLE a (x INTEGER) STRICT")
            _ = try EmbeddedStore(path: path, steps: [first, endless])
        }
        #expect(try await versions(scratch, [first, second]) == [1, 2])
    }

    @Test func `to an older version is refused, with what to do`() async throws {
        let scratch = try Scratch()
        _ = try await versions(scratch, [first, second])
        let fault = try #require(
            await #expect(throws: StoreFault.self) { try await versions(scratch, [first]) }
        )
        #expect(fault.reason == .newer)
        #expect(
            fault.description == "\(scratch.store) was written by a newer roost (its schema is 2, "
                + "this one knows 1); start that version, or restore a backup from before it"
        )
        #expect(try await versions(scratch, [first, second]) == [2, 2])
    }

    private func versions(_ scratch: Scratch, _ steps: [Migration]) async throws -> [Int] {
        let store = try EmbeddedStore(path: scratch.store, steps: steps)
        await store.close()
        return [store.opening.version.was, store.opening.version.now]
    }
}
