import Basics
import Cluster
import Foundation
import IO
import Store
import Testing

@Suite(.serialized) struct `A store in Redis` {
    @Test(arguments: StoreClause.all)
    func `keeps what every store promises`(clause: StoreClause) async throws {
        let server = try StoreServer()
        let store = try server.store()
        try await clause.check(store)
        await store.close()
    }

    @Test(arguments: UInt64(0)..<20)
    func `gives the same answers as dictionaries`(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let server = try StoreServer()
        // Two nodes of one cluster, asked in turn by chance.
        let stores = [try server.store(), try server.store()]
        var model = StoreModel()
        for step in 0..<300 {
            if Int.random(in: 0..<100, using: &random) == 0 {
                try await server.ask("SCRIPT", "FLUSH")
            }
            let store = stores[Int.random(in: 0...1, using: &random)]
            try await model.play(on: store, using: &random, "seed \(seed), step \(step)")
        }
    }

    @Test func `needs no more rights than operators are told to give`() async throws {
        let server = try StoreServer()
        try await server.ask(
            "ACL",
            "SETUSER",
            "roost",
            "on",
            ">word",
            "resetkeys",
            "resetchannels",
            "~r1:{test}:*",
            "&r1:{test}:*",
            "-@all",
            "+@read",
            "+@write",
            "+@pubsub",
            "+@scripting",
            "+@connection",
            "+@transaction",
            "-@dangerous",
            "+info",
            "+role",
            "+wait"
        )
        for clause in StoreClause.all {
            try await clause.check(try server.store(user: "roost:word@"))
            try await server.ask("FLUSHALL")
        }
        let other = try server.store(cluster: "other", user: "roost:word@")
        let fault = await #expect(throws: StoreFault.self) { try await other.channel("c") }
        #expect(fault?.reason == .unreachable)
        #expect(fault?.description.contains("NOPERM") == true)
    }

    @Test func `is one for all nodes of a cluster, and none of another's`() async throws {
        let server = try StoreServer()
        let (one, two) = (try server.store(), try server.store())
        let other = try server.store(cluster: "other")
        try await one.save(ChannelRecord(id: "c", isEnabled: true))
        #expect(try await two.channel("c")?.isEnabled == true)
        #expect(try await other.channel("c") == nil)
        #expect(try await other.channels(after: nil, limit: 10) == [])
    }

    @Test func `brings large records in several answers`() async throws {
        let server = try StoreServer()
        let store = try server.store()
        let props = String(repeating: "p", count: StoreLimits.document)
        for number in 100..<150 {
            try await store.save(ChannelRecord(id: "\(number)", props: props))
        }
        let page = try await store.channels(after: "1", limit: 1_000)
        #expect(page.map(\.id) == (100..<150).map { "\($0)" })
        #expect(try await store.channels(after: "120", limit: 20).count == 20)
    }

    @Test func `leaves nothing behind of what it forgets`() async throws {
        let server = try StoreServer()
        let store = try server.store()
        let time = WallTime(seconds: 100)
        for number in 0..<30 {
            let id = "\(number)"
            try await store.save(
                CallRecord(id: id, channel: "c", started: time, ended: time, owner: "u")
            )
            try await store.save(
                AttendanceRecord(call: id, session: "s", user: "u", joined: time, left: time)
            )
            try await store.save(
                JobRecord(id: id, type: "recording", state: "{}", created: time, updated: time)
            )
            try await store.save(
                SessionRecord(tokenHash: [UInt8(number)], principal: "{}", expires: time)
            )
            _ = try await store.register(ClientRecord(id: id, keyHash: [1]))
            _ = try await store.write([1], to: id, ifVersion: nil)
        }
        let later = WallTime(seconds: 200)
        #expect(try await store.forgetCalls(endedBefore: later) == 30)
        #expect(try await store.forgetJobs(updatedBefore: later) == 30)
        #expect(try await store.forgetSessions(expiredAt: later) == 30)
        for number in 0..<30 {
            #expect(try await store.unregister("\(number)"))
            #expect(try await store.remove(key: "\(number)", ifVersion: 1))
        }
        // What all calls came to stays, and has come to nothing.
        #expect(
            try await server.ask("KEYS", "*").elements?.map(\.text) == ["r1:{test}:s:calls:sums"]
        )
        let sums = try await server.ask("HVALS", "r1:{test}:s:calls:sums").elements ?? []
        #expect(sums.allSatisfy { $0.number == 0 })
    }

    @Test func `lets Redis forget a login that nobody else has forgotten`() async throws {
        let server = try StoreServer()
        let store = try server.store()
        let now = Int64(Date().timeIntervalSince1970)
        let session = SessionRecord(
            tokenHash: [0xAB],
            principal: "{}",
            expires: WallTime(seconds: now + 60)
        )
        try await store.save(session)
        let left = try await server.ask("TTL", "r1:{test}:s:login:ab").number ?? 0
        #expect((86_400...86_400 + 61).contains(left))
        // Forgotten by Redis and written anew, the old time counts no more.
        try await server.ask("DEL", "r1:{test}:s:login:ab")
        var longer = session
        longer.expires = WallTime(seconds: now + 600)
        try await store.save(longer)
        #expect(try await store.forgetSessions(expiredAt: WallTime(seconds: now + 60)) == 1)
        let found = try await store.session(tokenHash: [0xAB], at: WallTime(seconds: now))
        #expect(found == longer)
    }

    @Test func `takes a thousand calls with ten people each in three megabytes`() async throws {
        let server = try StoreServer()
        let store = try server.store()
        let before = try await server.usedBytes()
        let start = WallTime(seconds: 1_795_000_000)
        try await withThrowingTaskGroup { group in
            for number in 0..<1_000 {
                group.addTask { try await saveCall(number, start, in: store) }
            }
            try await group.waitForAll()
        }
        let bytes = try await server.usedBytes() - before
        #expect(bytes < 3_000_000, "\(bytes)")
    }
}

/// A call of ten people, all of whom have left, with names as long as real ones.
private func saveCall(_ number: Int, _ start: WallTime, in store: RedisStore) async throws {
    func name(_ kind: String, _ index: Int) -> String {
        let digits = String(index, radix: 36)
        return kind + String(repeating: "a", count: 25 - digits.count) + digits
    }
    let call = CallRecord(
        id: name("c", number),
        channel: name("h", number % 100),
        started: WallTime(seconds: start.seconds + Int64(number)),
        ended: WallTime(seconds: start.seconds + Int64(number) + 600),
        owner: name("u", number),
        videoSeconds: 100
    )
    try await store.save(call)
    for person in 0..<10 {
        try await store.save(
            AttendanceRecord(
                call: call.id,
                session: name("s", number * 10 + person),
                user: name("u", number + person),
                joined: WallTime(seconds: call.started.seconds + Int64(person)),
                left: call.ended
            )
        )
    }
}
