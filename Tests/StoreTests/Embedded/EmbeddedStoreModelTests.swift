import Basics
import Store
import Testing

/// The store and plain dictionaries are told the same; they must answer the same.
@Suite struct `An embedded store against dictionaries` {
    @Test(arguments: UInt64(0)..<40)
    func `gives the same answers`(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let scratch = try Scratch()
        var store = try EmbeddedStore(path: scratch.store)
        var model = Model()
        for step in 0..<300 {
            if Int.random(in: 0..<100, using: &random) == 0 {
                await store.close()
                store = try EmbeddedStore(path: scratch.store)
            }
            try await play(on: store, &model, using: &random, "seed \(seed), step \(step)")
        }
        await store.close()
    }

    private func play(
        on store: EmbeddedStore,
        _ model: inout Model,
        using random: inout SeededRandom,
        _ place: Comment
    ) async throws {
        let id = Self.names.randomElement(using: &random) ?? "a"
        let other = Self.names.randomElement(using: &random) ?? "a"
        let now = WallTime(milliseconds: Int64.random(in: -5...20, using: &random))
        let limit = Int.random(in: 0...4, using: &random)
        switch Int.random(in: 0..<17, using: &random) {
        case 0:
            let channel = ChannelRecord(
                id: id,
                isEnabled: [true, false, nil].randomElement(using: &random) ?? nil,
                props: other
            )
            try await store.save(channel)
            model.channels[id] = channel
        case 1:
            #expect(try await store.channel(id) == model.channels[id], place)
        case 2:
            let page = try await store.channels(after: other, limit: limit)
            let expected = model.channels.values.filter { isBelow(other, $0.id) }
                .sorted { isBelow($0.id, $1.id) }.prefix(limit)
            #expect(page == Array(expected), place)
        case 3, 4:
            var call = CallRecord(id: id, channel: other, started: now, title: "\(now)", owner: id)
            if Bool.random(using: &random) { call.ended = WallTime(milliseconds: 15) }
            try await store.save(call)
            if let known = model.calls[id] {
                call.channel = known.channel
                call.started = known.started
            }
            model.calls[id] = call
        case 5:
            let channel = Bool.random(using: &random) ? other : nil
            var (pages, last): ([CallRecord], CallRecord.Place?) = ([], nil)
            while true {
                let page = try await store.calls(in: channel, before: last, limit: limit + 1)
                pages += page
                last = page.last?.place
                if page.isEmpty { break }
            }
            let expected = model.calls.values.filter { channel == nil || $0.channel == channel }
                .sorted { isBelow($1.place, $0.place) }
            #expect(pages == expected, place)
        case 6:
            let expected = model.calls.values.filter { $0.ended == nil }
                .sorted { isBelow($0.id, $1.id) }
            #expect(try await store.unendedCalls(limit: 100) == expected, place)
            #expect(try await store.call(id) == model.calls[id], place)
        case 7:
            let old = model.calls.values.filter { ($0.ended ?? now) < now }
            for call in old { model.forget(call.id) }
            #expect(try await store.forgetCalls(endedBefore: now) == old.count, place)
        case 8, 9:
            guard model.calls[id] != nil else { break }
            var guest = AttendanceRecord(call: id, session: other, user: other, joined: now)
            if Bool.random(using: &random) { guest.left = now }
            try await store.save(guest)
            model.attendance[[id, other, "\(now.milliseconds)"]] = guest
        case 10:
            let after = model.attendance.values.filter { $0.call == id }.randomElement(
                using: &random
            )?.place
            let found = try await store.attendance(of: id, after: after, limit: limit)
            let expected = model.attendance.values.filter { $0.call == id }
                .sorted { isBelow($0.place, $1.place) }
                .filter { guest in
                    guard let after else { return true }
                    return isBelow(after, guest.place)
                }
            #expect(found == Array(expected.prefix(limit)), place)
        case 11:
            let isNew = try await store.register(ClientRecord(id: id, keyHash: other.bytes))
            #expect(isNew == (model.clients[id] == nil), place)
            if isNew { model.clients[id] = ClientRecord(id: id, keyHash: other.bytes) }
            #expect(try await store.client(id) == model.clients[id], place)
        case 12:
            let isGone = try await store.unregister(id)
            #expect(isGone == (model.clients.removeValue(forKey: id) != nil), place)
        case 13:
            var job = JobRecord(id: id, type: other, state: "\(now)", created: now, updated: now)
            try await store.save(job)
            if let known = model.jobs[id] {
                job.type = known.type
                job.created = known.created
            }
            model.jobs[id] = job
            #expect(try await store.job(id) == job, place)
        case 14:
            let page = try await store.jobs(after: other, limit: limit)
            let expected = model.jobs.values.filter { isBelow(other, $0.id) }
                .sorted { isBelow($0.id, $1.id) }.prefix(limit)
            #expect(page == Array(expected), place)
            let old = model.jobs.values.filter { $0.updated < now }
            for job in old { model.jobs[job.id] = nil }
            #expect(try await store.forgetJobs(updatedBefore: now) == old.count, place)
        case 15:
            let session = SessionRecord(tokenHash: id.bytes, principal: other, expires: now)
            try await store.save(session)
            model.sessions[id] = session
            let later = WallTime(milliseconds: now.milliseconds + Int64(limit) - 2)
            let found = try await store.session(tokenHash: id.bytes, at: later)
            #expect(found == (now > later ? session : nil), place)
            let old = model.sessions.values.filter { $0.expires <= later }
            model.sessions = model.sessions.filter { $0.value.expires > later }
            #expect(try await store.forgetSessions(expiredAt: later) == old.count, place)
        default:
            let known = model.pairs[id]
            #expect(try await store.value(of: id) == known, place)
            let version = Bool.random(using: &random) ? known?.version : Int64(limit)
            let isCurrent = version == known?.version
            if let version, Int.random(in: 0..<4, using: &random) == 0 {
                #expect(try await store.remove(key: id, ifVersion: version) == isCurrent, place)
                if isCurrent { model.pairs[id] = nil }
                break
            }
            let next = try await store.write(other.bytes, to: id, ifVersion: version)
            #expect(next == (isCurrent ? (version ?? 0) + 1 : nil), place)
            guard let next else { break }
            model.pairs[id] = VersionedValue(bytes: other.bytes, version: next)
        }
    }

    /// Names that sort differently by letter, by byte and by meaning.
    private static let names = ["a", "B", "é", "zz", "\u{0}", "😀", "a'b", "10", "9"]

    private func isBelow(_ one: String, _ other: String) -> Bool {
        one.utf8.lexicographicallyPrecedes(other.utf8)
    }

    private func isBelow(_ one: CallRecord.Place, _ other: CallRecord.Place) -> Bool {
        one.started == other.started ? isBelow(one.id, other.id) : one.started < other.started
    }

    private func isBelow(_ one: AttendanceRecord.Place, _ other: AttendanceRecord.Place) -> Bool {
        one.joined == other.joined ? isBelow(one.session, other.session) : one.joined < other.joined
    }

    private struct Model {
        var channels: [String: ChannelRecord] = [:]
        var calls: [String: CallRecord] = [:]
        var attendance: [[String]: AttendanceRecord] = [:]
        var clients: [String: ClientRecord] = [:]
        var jobs: [String: JobRecord] = [:]
        var sessions: [String: SessionRecord] = [:]
        var pairs: [String: VersionedValue] = [:]

        mutating func forget(_ call: String) {
            calls[call] = nil
            attendance = attendance.filter { $0.value.call != call }
        }
    }
}

extension String {
    fileprivate var bytes: [UInt8] { Array(utf8) }
}
