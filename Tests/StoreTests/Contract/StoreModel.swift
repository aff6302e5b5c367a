import Basics
import Store
import Testing

/// Plain dictionaries, which are told the same as a store and must answer the same.
struct StoreModel {
    private var channels: [String: ChannelRecord] = [:]
    private var calls: [String: CallRecord] = [:]
    private var attendance: [[String]: AttendanceRecord] = [:]
    private var clients: [String: ClientRecord] = [:]
    private var jobs: [String: JobRecord] = [:]
    private var sessions: [String: SessionRecord] = [:]
    private var pairs: [String: VersionedValue] = [:]

    /// Asks something of the store and of itself, and compares.
    mutating func play(
        on store: any DurableStore,
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
            self.channels[id] = channel
        case 1:
            #expect(try await store.channel(id) == self.channels[id], place)
        case 2:
            let page = try await store.channels(after: other, limit: limit)
            let expected = self.channels.values.filter { isBelow(other, $0.id) }
                .sorted { isBelow($0.id, $1.id) }.prefix(limit)
            #expect(page == Array(expected), place)
        case 3, 4:
            var call = CallRecord(id: id, channel: other, started: now, title: "\(now)", owner: id)
            if Bool.random(using: &random) { call.ended = WallTime(milliseconds: 15) }
            try await store.save(call)
            if let known = self.calls[id] {
                call.channel = known.channel
                call.started = known.started
            }
            self.calls[id] = call
        case 5:
            let channel = Bool.random(using: &random) ? other : nil
            var (pages, last): ([CallRecord], CallRecord.Place?) = ([], nil)
            while true {
                let page = try await store.calls(in: channel, before: last, limit: limit + 1)
                pages += page
                last = page.last?.place
                if page.isEmpty { break }
            }
            let expected = self.calls.values.filter { channel == nil || $0.channel == channel }
                .sorted { isBelow($1.place, $0.place) }
            #expect(pages == expected, place)
        case 6:
            let expected = self.calls.values.filter { $0.ended == nil }
                .sorted { isBelow($0.id, $1.id) }
            #expect(try await store.unendedCalls(limit: 100) == expected, place)
            #expect(try await store.call(id) == self.calls[id], place)
        case 7:
            let old = self.calls.values.filter { ($0.ended ?? now) < now }
            for call in old { self.forget(call.id) }
            #expect(try await store.forgetCalls(endedBefore: now) == old.count, place)
        case 8, 9:
            guard self.calls[id] != nil else { break }
            var guest = AttendanceRecord(call: id, session: other, user: other, joined: now)
            if Bool.random(using: &random) { guest.left = now }
            try await store.save(guest)
            self.attendance[[id, other, "\(now.milliseconds)"]] = guest
        case 10:
            let after = self.attendance.values.filter { $0.call == id }.randomElement(
                using: &random
            )?.place
            let found = try await store.attendance(of: id, after: after, limit: limit)
            let expected = self.attendance.values.filter { $0.call == id }
                .sorted { isBelow($0.place, $1.place) }
                .filter { guest in
                    guard let after else { return true }
                    return isBelow(after, guest.place)
                }
            #expect(found == Array(expected.prefix(limit)), place)
        case 11:
            let isNew = try await store.register(ClientRecord(id: id, keyHash: other.bytes))
            #expect(isNew == (self.clients[id] == nil), place)
            if isNew { self.clients[id] = ClientRecord(id: id, keyHash: other.bytes) }
            #expect(try await store.client(id) == self.clients[id], place)
        case 12:
            let isGone = try await store.unregister(id)
            #expect(isGone == (self.clients.removeValue(forKey: id) != nil), place)
        case 13:
            var job = JobRecord(id: id, type: other, state: "\(now)", created: now, updated: now)
            try await store.save(job)
            if let known = self.jobs[id] {
                job.type = known.type
                job.created = known.created
            }
            self.jobs[id] = job
            #expect(try await store.job(id) == job, place)
        case 14:
            let page = try await store.jobs(after: other, limit: limit)
            let expected = self.jobs.values.filter { isBelow(other, $0.id) }
                .sorted { isBelow($0.id, $1.id) }.prefix(limit)
            #expect(page == Array(expected), place)
            let old = self.jobs.values.filter { $0.updated < now }
            for job in old { self.jobs[job.id] = nil }
            #expect(try await store.forgetJobs(updatedBefore: now) == old.count, place)
        case 15:
            let session = SessionRecord(tokenHash: id.bytes, principal: other, expires: now)
            try await store.save(session)
            self.sessions[id] = session
            let later = WallTime(milliseconds: now.milliseconds + Int64(limit) - 2)
            let found = try await store.session(tokenHash: id.bytes, at: later)
            #expect(found == (now > later ? session : nil), place)
            let old = self.sessions.values.filter { $0.expires <= later }
            self.sessions = self.sessions.filter { $0.value.expires > later }
            #expect(try await store.forgetSessions(expiredAt: later) == old.count, place)
        default:
            let known = self.pairs[id]
            #expect(try await store.value(of: id) == known, place)
            let version = Bool.random(using: &random) ? known?.version : Int64(limit)
            let isCurrent = version == known?.version
            if let version, Int.random(in: 0..<4, using: &random) == 0 {
                #expect(try await store.remove(key: id, ifVersion: version) == isCurrent, place)
                if isCurrent { self.pairs[id] = nil }
                break
            }
            let next = try await store.write(other.bytes, to: id, ifVersion: version)
            #expect(next == (isCurrent ? (version ?? 0) + 1 : nil), place)
            guard let next else { break }
            self.pairs[id] = VersionedValue(bytes: other.bytes, version: next)
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

    private mutating func forget(_ call: String) {
        calls[call] = nil
        attendance = attendance.filter { $0.value.call != call }
    }
}

extension String {
    fileprivate var bytes: [UInt8] { Array(utf8) }
}
