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
        switch Int.random(in: 0..<18, using: &random) {
        case 0:
            let channel = ChannelRecord(
                id: id,
                isEnabled: [true, false, nil].randomElement(using: &random) ?? nil,
                props: other
            )
            try await store.save(channel)
            channels[id] = channel
        case 1:
            #expect(try await store.channel(id) == channels[id], place)
        case 2:
            let page = try await store.channels(after: other, limit: limit)
            let expected = channels.values.filter { isBelow(other, $0.id) }
                .sorted { isBelow($0.id, $1.id) }.prefix(limit)
            #expect(page == Array(expected), place)
        case 3, 4:
            var call = CallRecord(id: id, channel: other, started: now, title: "\(now)", owner: id)
            if Bool.random(using: &random) { call.ended = WallTime(milliseconds: 15) }
            if Bool.random(using: &random) { call.screenSeconds = limit }
            if Bool.random(using: &random) { call.videoSeconds = 10 * limit }
            try await store.save(call)
            if let known = calls[id] {
                call.channel = known.channel
                call.started = known.started
            }
            calls[id] = call
        case 5:
            let channel = Bool.random(using: &random) ? other : nil
            var (pages, last): ([CallRecord], CallRecord.Place?) = ([], nil)
            while true {
                let page = try await store.calls(in: channel, before: last, limit: limit + 1)
                pages += page
                last = page.last?.place
                if page.isEmpty { break }
            }
            let expected = calls.values.filter { channel == nil || $0.channel == channel }
                .sorted { isBelow($1.place, $0.place) }
            #expect(pages == expected, place)
        case 6:
            let expected = calls.values.filter { $0.ended == nil }
                .sorted { isBelow($0.id, $1.id) }
            #expect(try await store.unendedCalls(limit: 100) == expected, place)
            #expect(try await store.call(id) == calls[id], place)
        case 7:
            let old = calls.values.filter { ($0.ended ?? now) < now }
            for call in old { forget(call.id) }
            #expect(try await store.forgetCalls(endedBefore: now) == old.count, place)
        case 8, 9:
            guard calls[id] != nil else { break }
            var guest = AttendanceRecord(
                call: id,
                session: other,
                user: ["x", "y"].randomElement(using: &random) ?? "x",
                joined: now
            )
            if Bool.random(using: &random) { guest.left = now }
            try await store.save(guest)
            let key = [id, other, "\(now.milliseconds)"]
            if let known = attendance[key] { guest.user = known.user }
            attendance[key] = guest
        case 10:
            let after = attendance.values.filter { $0.call == id }.randomElement(
                using: &random
            )?.place
            let found = try await store.attendance(of: id, after: after, limit: limit)
            let expected = attendance.values.filter { $0.call == id }
                .sorted { isBelow($0.place, $1.place) }
                .filter { guest in
                    guard let after else { return true }
                    return isBelow(after, guest.place)
                }
            #expect(found == Array(expected.prefix(limit)), place)
        case 11:
            let isNew = try await store.register(ClientRecord(id: id, keyHash: other.bytes))
            #expect(isNew == (clients[id] == nil), place)
            if isNew { clients[id] = ClientRecord(id: id, keyHash: other.bytes) }
            #expect(try await store.client(id) == clients[id], place)
        case 12:
            let isGone = try await store.unregister(id)
            #expect(isGone == (clients.removeValue(forKey: id) != nil), place)
        case 13:
            let type = Bool.random(using: &random) ? "recording" : other
            var job = JobRecord(id: id, type: type, state: "\(now)", created: now, updated: now)
            try await store.save(job)
            if let known = jobs[id] {
                job.type = known.type
                job.created = known.created
            }
            jobs[id] = job
            #expect(try await store.job(id) == job, place)
        case 14:
            let page = try await store.jobs(after: other, limit: limit)
            let expected = jobs.values.filter { isBelow(other, $0.id) }
                .sorted { isBelow($0.id, $1.id) }.prefix(limit)
            #expect(page == Array(expected), place)
            let old = jobs.values.filter { $0.updated < now }
            for job in old { jobs[job.id] = nil }
            #expect(try await store.forgetJobs(updatedBefore: now) == old.count, place)
        case 15:
            let session = SessionRecord(tokenHash: id.bytes, principal: other, expires: now)
            try await store.save(session)
            sessions[id] = session
            let later = WallTime(milliseconds: now.milliseconds + Int64(limit) - 2)
            let found = try await store.session(tokenHash: id.bytes, at: later)
            #expect(found == (now > later ? session : nil), place)
            let old = sessions.values.filter { $0.expires <= later }
            sessions = sessions.filter { $0.value.expires > later }
            #expect(try await store.forgetSessions(expiredAt: later) == old.count, place)
        case 16:
            try await compareStatistics(of: store, place)
        default:
            let known = pairs[id]
            #expect(try await store.value(of: id) == known, place)
            let version = Bool.random(using: &random) ? known?.version : Int64(limit)
            let isCurrent = version == known?.version
            if let version, Int.random(in: 0..<4, using: &random) == 0 {
                #expect(try await store.remove(key: id, ifVersion: version) == isCurrent, place)
                if isCurrent { pairs[id] = nil }
                break
            }
            let next = try await store.write(other.bytes, to: id, ifVersion: version)
            #expect(next == (isCurrent ? (version ?? 0) + 1 : nil), place)
            guard let next else { break }
            pairs[id] = VersionedValue(bytes: other.bytes, version: next)
        }
    }

    private func compareStatistics(of store: any DurableStore, _ place: Comment) async throws {
        let found = try await store.statistics(at: WallTime(seconds: 86_400))
        #expect(found.calls == calls.count, place)
        let ended = calls.values.compactMap { call in
            call.ended.map { $0.milliseconds - call.started.milliseconds }
        }
        let meanSeconds = Double(ended.reduce(0, +)) / Double(max(ended.count, 1)) / 1_000
        #expect(abs(found.meanSeconds - meanSeconds) < 0.0011, place)
        let people = Dictionary(grouping: attendance.values, by: \.call).values.map { stays in
            Set(stays.map(\.user)).count
        }
        let meanPeople = Double(people.reduce(0, +)) / Double(max(people.count, 1))
        #expect(abs(found.meanPeople - meanPeople) < 0.0011, place)
        #expect(found.screenCalls == calls.values.count { $0.screenSeconds != nil }, place)
        #expect(found.videoCalls == calls.values.count { $0.videoSeconds != nil }, place)
        let videoSeconds = calls.values.reduce(0) { $0 + ($1.videoSeconds ?? 0) }
        #expect(found.videoSeconds == videoSeconds, place)
        let recordings = jobs.values.filter { $0.type == "recording" }.map(\.created)
        for (spans, times, size) in [
            (found.callsByDay, calls.values.map(\.started), 10),
            (found.callsByMonth, calls.values.map(\.started), 7),
            (found.recordingsByDay, recordings, 10), (found.recordingsByMonth, recordings, 7),
        ] {
            let expected = times.reduce(into: [:]) { counts, time in
                counts[String(time.rfc3339.prefix(size)), default: 0] += 1
            }
            #expect(spans.map(\.0) == expected.keys.sorted(), place)
            #expect(spans.map(\.1) == expected.sorted { $0.key < $1.key }.map(\.value), place)
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
