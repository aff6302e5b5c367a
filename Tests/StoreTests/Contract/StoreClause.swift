import Basics
import Store
import Testing

/// What every store promises, in sentences that are checked on each.
struct StoreClause: Sendable, CustomTestStringConvertible {
    let sentence: String
    let check: @Sendable (any DurableStore) async throws -> Void

    init(_ sentence: String, _ check: @escaping @Sendable (any DurableStore) async throws -> Void) {
        self.sentence = sentence
        self.check = check
    }

    var testDescription: String { sentence }

    static let all: [StoreClause] = [
        StoreClause("remembers what is set for a channel") { store in
            #expect(try await store.channel("c") == nil)
            for isEnabled in [true, false, nil] {
                let channel = ChannelRecord(
                    id: "c",
                    isEnabled: isEnabled,
                    props: #"{"a":"é\u0000"}"#
                )
                try await store.save(channel)
                #expect(try await store.channel("c") == channel)
            }
        },
        StoreClause("keeps a call's start when its end is written") { store in
            let call = CallRecord(id: "1", channel: "c", started: at(1), title: "Owls", owner: "u")
            try await store.save(call)
            #expect(try await store.unendedCalls(limit: 10) == [call])
            var ended = call
            ended.ended = at(9)
            ended.title = "Night owls"
            var late = ended
            late.started = at(5)
            try await store.save(late)
            #expect(try await store.call("1") == ended)
            #expect(try await store.unendedCalls(limit: 10) == [])
        },
        StoreClause("counts calls, people, cameras and screens") { store in
            let day: Int64 = 86_400
            let now = WallTime(seconds: 1_800_000_000)
            #expect(try await store.statistics(at: now).calls == 0)
            for (index, age) in [1, 2, 2, 40, 400].enumerated() {
                let start = WallTime(seconds: now.seconds - Int64(age) * day)
                var call = CallRecord(id: "\(index)", channel: "c", started: start, owner: "u")
                call.ended = WallTime(seconds: start.seconds + 60)
                call.videoSeconds = index == 0 ? 30 : nil
                call.screenSeconds = index < 2 ? 0 : nil
                try await store.save(call)
                for session in 0...index {
                    try await store.save(
                        AttendanceRecord(
                            call: "\(index)",
                            session: "\(session)",
                            user: "\(session / 2)",
                            joined: start
                        )
                    )
                }
            }
            let statistics = try await store.statistics(at: now)
            #expect(statistics.calls == 5)
            #expect(statistics.meanSeconds == 60)
            #expect(statistics.meanPeople == 1.8)  // 1, 1, 2, 2 and 3 different people
            #expect(statistics.videoCalls == 1)
            #expect(statistics.videoSeconds == 30)
            #expect(statistics.screenCalls == 2)
            #expect(statistics.callsByDay.map(\.0) == ["2027-01-13", "2027-01-14"])
            #expect(statistics.callsByDay.map(\.1) == [2, 1])
            #expect(statistics.callsByMonth.map(\.0) == ["2026-12", "2027-01"])
            #expect(statistics.recordingsByDay.isEmpty)
        },
        StoreClause("forgets attendance with its call") { store in
            let call = CallRecord(id: "1", channel: "c", started: at(1), ended: at(5), owner: "u")
            let guest = AttendanceRecord(call: "1", session: "s", user: "u", joined: at(2))
            try await store.save(call)
            try await store.save(guest)
            #expect(try await store.forgetCalls(endedBefore: at(5)) == 0)
            #expect(try await store.attendance(of: "1", after: nil, limit: 10) == [guest])
            #expect(try await store.forgetCalls(endedBefore: at(6)) == 1)
            #expect(try await store.attendance(of: "1", after: nil, limit: 10) == [])
        },
        StoreClause("refuses attendance of a call that it does not know") { store in
            let fault = await #expect(throws: StoreFault.self) {
                try await store.save(
                    AttendanceRecord(call: "nil", session: "s", user: "u", joined: at(2))
                )
            }
            #expect(fault?.reason == .refused)
        },
        StoreClause("registers one of many who want the same name") { store in
            let winners = try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
                for number in UInt8(0)..<50 {
                    group.addTask {
                        let client = ClientRecord(id: "client", keyHash: [number])
                        return try await store.register(client) ? client.keyHash : nil
                    }
                }
                return try await group.reduce(into: []) { $0 += [$1].compactMap(\.self) }
            }
            #expect(winners.count == 1)
            #expect(try await store.client("client")?.keyHash == winners.first)
            #expect(try await store.unregister("client"))
            #expect(try await !store.unregister("client"))
        },
        StoreClause("does not know a login that has expired") { store in
            let session = SessionRecord(tokenHash: [1, 2], principal: "{}", expires: at(10))
            try await store.save(session)
            #expect(try await store.session(tokenHash: [1, 2], at: at(9)) == session)
            #expect(try await store.session(tokenHash: [1, 2], at: at(10)) == nil)
            #expect(try await store.forgetSessions(expiredAt: at(9)) == 0)
            #expect(try await store.forgetSessions(expiredAt: at(10)) == 1)
            #expect(try await !store.endSession(tokenHash: [1, 2]))
        },
        StoreClause("lets one of many who read the same version write") { store in
            #expect(try await store.write([0], to: "k", ifVersion: nil) == 1)
            let versions = try await withThrowingTaskGroup(of: Int64?.self) { group in
                for number in UInt8(0)..<20 {
                    group.addTask { try await store.write([number], to: "k", ifVersion: 1) }
                }
                return try await group.reduce(into: []) { $0 += [$1].compactMap(\.self) }
            }
            #expect(versions == [2])
            #expect(try await store.write([], to: "k", ifVersion: nil) == nil)
            #expect(try await !store.remove(key: "k", ifVersion: 1))
            #expect(try await store.remove(key: "k", ifVersion: 2))
            #expect(try await store.write([], to: "k", ifVersion: 2) == nil)
            #expect(try await store.write([], to: "k", ifVersion: nil) == 1)
            #expect(try await store.value(of: "k") == VersionedValue(bytes: [], version: 1))
        },
        StoreClause("takes what is as large as its limits and nothing larger") { store in
            let name = String(repeating: "n", count: StoreLimits.identifier)
            let text = String(repeating: "t", count: StoreLimits.document)
            try await store.save(ChannelRecord(id: name, props: text))
            #expect(try await store.channel(name)?.props == text)
            for (id, props) in [(name + "n", text), (name, text + "t"), ("", text)] {
                let fault = await #expect(throws: StoreFault.self) {
                    try await store.save(ChannelRecord(id: id, props: props))
                }
                #expect(fault?.reason == .outOfBounds)
            }
        },
        StoreClause("answers at most a page, whatever is asked") { store in
            for index in 0...StoreLimits.page {
                try await store.save(
                    CallRecord(
                        id: "\(index)",
                        channel: "c",
                        started: at(0),
                        ended: at(1),
                        owner: "u"
                    )
                )
            }
            let calls = try await store.calls(in: nil, before: nil, limit: .max)
            #expect(calls.count == StoreLimits.page)
            #expect(
                try await store.calls(in: nil, before: calls.last?.place, limit: .max).count == 1
            )
            #expect(try await store.calls(in: nil, before: nil, limit: -1) == [])
            #expect(try await store.forgetCalls(endedBefore: at(2)) == StoreLimits.page)
            #expect(try await store.forgetCalls(endedBefore: at(2)) == 1)
        },
        StoreClause("does nothing after it is closed") { store in
            await store.close()
            let fault = await #expect(throws: StoreFault.self) { try await store.channel("c") }
            #expect(fault?.reason == .closed)
            await store.close()
        },
        StoreClause("answers each in a shared transaction by itself") { store in
            let call = CallRecord(id: "1", channel: "c", started: at(1), owner: "u")
            try await store.save(call)
            let outcomes = await withTaskGroup(of: (Int, Bool).self) { group in
                for index in 0..<200 {
                    group.addTask {
                        let guest = AttendanceRecord(
                            call: index % 3 == 2 ? "unknown" : "1",
                            session: "\(index)",
                            user: "u",
                            joined: at(2)
                        )
                        do {
                            try await store.save(guest)
                            return (index, true)
                        } catch {
                            return (index, false)
                        }
                    }
                }
                return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            #expect(outcomes.allSatisfy { index, isStored in isStored == (index % 3 != 2) })
            let stored = try await store.attendance(of: "1", after: nil, limit: 1_000)
            #expect(
                Set(stored.map(\.session)) == Set(outcomes.filter(\.value).keys.map { "\($0)" })
            )
        },
    ]
}

private func at(_ seconds: Int64) -> WallTime {
    WallTime(seconds: seconds)
}
