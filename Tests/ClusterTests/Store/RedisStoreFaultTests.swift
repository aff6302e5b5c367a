import Basics
import Cluster
import Foundation
import Store
import Testing

@Suite(.serialized) struct `A store in a Redis in trouble` {
    /// Each writer has a key of its own, so a version that is higher than what was acknowledged would have
    /// been written twice, and a lower one lost.
    @Test func `has every acknowledged write once, after Redis was killed and came back`()
        async throws
    {
        let server = try StoreServer("--appendonly yes --appendfsync always")
        let store = try server.store(patience: .seconds(20))
        try await withThrowingTaskGroup { group in
            for writer in 0..<8 {
                group.addTask {
                    var version: Int64?
                    for number in Int64(1)...300 {
                        version = try await store.write([1], to: "\(writer)", ifVersion: version)
                        #expect(version == number)
                    }
                }
            }
            group.addTask {
                for _ in 0..<5 {
                    try await Task.sleep(for: .milliseconds(60))
                    server.kill()
                    try await Task.sleep(for: .milliseconds(40))
                    try server.start()
                }
            }
            try await group.waitForAll()
        }
        for writer in 0..<8 { #expect(try await store.value(of: "\(writer)")?.version == 300) }
    }

    @Test func `says that Redis is full, and goes on once there is room`() async throws {
        let server = try StoreServer("--maxmemory 6mb --maxmemory-policy noeviction")
        let store = try server.store()
        let bytes = [UInt8](repeating: 1, count: 100_000)
        var stored = 0
        var fault: StoreFault?
        while fault == nil, stored < 200 {
            do throws(StoreFault) {
                _ = try await store.write(bytes, to: "\(stored)", ifVersion: nil)
                stored += 1
            } catch {
                fault = error
            }
        }
        #expect(fault?.reason == .full)
        #expect(fault?.description.contains("raise maxmemory") == true)
        #expect(fault?.description.hasSuffix("storing resumes by itself") == true)
        #expect(stored > 5)
        #expect(try await store.value(of: "0")?.bytes == bytes, "it can still be read")
        try await server.ask("CONFIG", "SET", "maxmemory", "100mb")
        #expect(try await store.write(bytes, to: "after", ifVersion: nil) == 1)
    }

    @Test func `says that Redis is away, and had no effect`() async throws {
        let server = try StoreServer()
        let store = try server.store(patience: .milliseconds(200))
        #expect(try await store.channel("c") == nil)
        server.kill()
        let fault = await #expect(throws: StoreFault.self) {
            try await store.save(ChannelRecord(id: "c"))
        }
        #expect(fault?.reason == .unreachable)
        #expect(fault?.description.contains("can't be reached") == true, "\(fault as Any)")
        try server.start()
        try await store.save(ChannelRecord(id: "d"))
        #expect(try await store.channels(after: nil, limit: 9).map(\.id) == ["d"])
    }

    @Test func `says that a replica takes no writes, and waits for a primary`() async throws {
        let server = try StoreServer()
        let store = try server.store(patience: .milliseconds(100))
        try await server.ask("REPLICAOF", "127.0.0.1", "1")
        let fault = await #expect(throws: StoreFault.self) {
            try await store.save(ChannelRecord(id: "c"))
        }
        #expect(fault?.reason == .readOnly)
        #expect(fault?.description.contains("name the primary, or its sentinels") == true)
        let patient = try server.store()
        async let saved: Void = patient.save(ChannelRecord(id: "c"))
        try await Task.sleep(for: .milliseconds(200))
        try await server.ask("REPLICAOF", "NO", "ONE")
        try await saved
        #expect(try await patient.channel("c")?.id == "c")
    }

    @Test func `refuses more than may wait, and forgets nobody at the end`() async throws {
        let server = try StoreServer()
        let store = try server.store(limit: 10)
        try await server.ask("CLIENT", "PAUSE", "300")
        let outcomes = await withTaskGroup(of: StoreFault.Reason?.self) { group in
            for number in 0..<50 {
                group.addTask {
                    do throws(StoreFault) {
                        try await store.save(ChannelRecord(id: "\(number)"))
                        return nil
                    } catch {
                        return error.reason
                    }
                }
            }
            return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        #expect(outcomes == [nil: 10, .overloaded: 40])
        async let late: Void = store.save(ChannelRecord(id: "late"))
        try await Task.sleep(for: .milliseconds(5))
        await store.close()
        try await late
        let fault = await #expect(throws: StoreFault.self) { try await store.channel("late") }
        #expect(fault?.reason == .closed)
    }

    static let strange: [(key: String, words: [String], reason: StoreFault.Reason)] = [
        ("channels", ["HSET", "KEY", "c", "no mark"], .damaged),
        ("channels", ["SET", "KEY", "text"], .foreign),
        ("call:c", ["HSET", "KEY", "started", "yesterday"], .damaged),
        ("call:c", ["SET", "KEY", "text"], .foreign),
        ("clients", ["HSET", "KEY", "c", "short"], .damaged),
        ("job:c", ["HSET", "KEY", "type", "recording"], .damaged),
        ("login:01", ["SET", "KEY", "x"], .damaged),
        ("value:c", ["SET", "KEY", "x"], .damaged),
        ("value:c", ["SET", "KEY", "1 x"], .damaged),
        ("value:c", ["RPUSH", "KEY", "1"], .foreign),
    ]

    @Test(arguments: strange)
    func `says that a value is none of ours, and where it is`(
        key: String,
        words: [String],
        reason: StoreFault.Reason
    ) async throws {
        let server = try StoreServer()
        let store = try server.store()
        let full = "r1:{test}:s:" + key
        let all = words.map { $0 == "KEY" ? full : $0 }
        switch all.count {
        case 3: try await server.ask(all[0], all[1], all[2])
        default: try await server.ask(all[0], all[1], all[2], all[3])
        }
        let fault = await #expect(throws: StoreFault.self) {
            switch key.prefix(while: { $0 != ":" }) {
            case "channels": _ = try await store.channel("c")
            case "call": _ = try await store.call("c")
            case "clients": _ = try await store.client("c")
            case "job": _ = try await store.job("c")
            case "login":
                _ = try await store.session(tokenHash: [1], at: WallTime(seconds: 0))
            default: _ = try await store.value(of: "c")
            }
        }
        #expect(fault?.reason == reason, "\(fault as Any)")
        if reason == .damaged { #expect(fault?.description.contains(full) == true) }
    }

    @Test func `counts what it is asked, how long that took and what failed`() async throws {
        let server = try StoreServer()
        let registry = MetricRegistry()
        let metrics = StoreMetrics(registry: registry, prefix: "roost_")
        let store = try server.store(metrics: metrics)
        try await store.save(ChannelRecord(id: "c"))
        _ = try await store.channel("c")
        await store.close()
        await #expect(throws: StoreFault.self) { try await store.channel("c") }
        let page = String(decoding: registry.render(), as: UTF8.self)
        #expect(page.contains(#"roost_store_ops_total{type="saveChannel"} 1"#))
        #expect(page.contains(#"roost_store_ops_total{type="channel"} 2"#))
        #expect(page.contains(#"roost_store_methods_time_count{method="channel"} 2"#))
        #expect(page.contains("roost_store_faults_total 1"))
    }
}
