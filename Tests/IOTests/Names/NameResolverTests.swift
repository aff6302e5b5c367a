import Basics
import IO
import Synchronization
import Testing

@Suite struct `A name resolver` {
    @Test func `keeps written addresses to itself`() async throws {
        let names = try NameResolver(threads: 1) { name throws(NameFault) in
            Issue.record("\(name) left the process")
            throw .cancelled
        }
        #expect(try await names.addresses(of: "192.0.2.1") == [IPAddress("192.0.2.1")])
        #expect(try await names.addresses(of: "2001:db8::1") == [IPAddress("2001:db8::1")])
    }

    @Test func `asks once for what many want to know, and remembers it`() async throws {
        let asked = Mutex(0)
        let names = try NameResolver(threads: 1) { _ in
            asked.withLock { $0 += 1 }
            return [.loopback]
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    let addresses = try await names.addresses(of: "a")
                    #expect(addresses == [.loopback])
                }
            }
            try await group.waitForAll()
        }
        #expect(asked.withLock { $0 } == 1)
    }

    @Test func `forgets what it has known for too long`() async throws {
        let asked = Mutex(0)
        let names = try NameResolver(threads: 1, keeping: .zero) { _ in
            asked.withLock { $0 += 1 }
            return [.loopback]
        }
        for _ in 0..<3 { _ = try await names.addresses(of: "a") }
        #expect(asked.withLock { $0 } == 3)
    }

    @Test func `lets a bounded number wait`() async throws {
        let names = try NameResolver(threads: 1, waitingLimit: 2) { _ in
            _ = Loop.blockBriefly()
            return [.loopback]
        }
        for name in ["a", "b"] { names.resolve(name) { _ in } }
        await #expect(throws: NameFault.tooManyWaiting(limit: 2)) {
            try await names.addresses(of: "c")
        }
    }

    @Test func `knows this machine by the system's files`() async throws {
        let names = try NameResolver()
        #expect(try await names.addresses(of: "localhost").allSatisfy(\.isLoopback))
        await #expect(throws: NameFault.self) { try await names.addresses(of: "a\0b") }
    }
}
