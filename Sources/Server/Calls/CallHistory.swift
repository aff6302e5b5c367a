internal import Basics
internal import Calls
internal import IO
internal import Store
internal import Synchronization

/// Writes what calls want remembered into the store, in order, while calls go on.
///
/// A call never waits for a disk. What is remembered within a moment is written together, since a store
/// commits together what waits for it together. What the store refuses is tried again while that may help, then counted
/// and logged; of what waits for a slow disk there is a limit, beyond which the newest is lost first.
final class CallHistory: Sendable {
    private struct Entry: Sendable {
        var memory: CallMemory
        var call: CallID
    }

    private struct State {
        var entries: [Entry] = []
        var isWriting = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let store: any DurableStore
    private let loop: Loop
    private let log: Log
    private let lost: Counter
    private let born = CallHistory.now

    init(store: any DurableStore, loop: Loop, metrics: MetricRegistry, log: Log) {
        self.store = store
        self.loop = loop
        self.log = log
        lost = metrics.counter(
            "roost_call_history_lost_total",
            help: "Beginnings, joins, leaves and ends of calls that could not be stored."
        )
    }

    private static let limit = 20_000
    private static let attempts = 5

    // MARK: - From calls

    func remember(_ memory: CallMemory, of call: CallID) {
        let (isKept, mustBegin) = state.withLock { state in
            guard state.entries.count < Self.limit else { return (false, false) }
            state.entries.append(Entry(memory: memory, call: call))
            defer { state.isWriting = true }
            return (true, !state.isWriting)
        }
        if !isKept { lose("more waits for the store than may wait; its disk is too slow") }
        if mustBegin { loop.begin { [self] in await write() } }
    }

    /// Waits until everything is stored or given up.
    func close() async {
        await withCheckedContinuation { waiter in
            let isDone = state.withLock { state in
                guard state.isWriting else { return true }
                state.waiters.append(waiter)
                return false
            }
            if isDone { waiter.resume() }
        }
    }

    // MARK: - Writing

    private func write() async {
        await loop.sleep(for: Self.gathering)
        while true {
            let batch = state.withLock { state in
                let batch = state.entries
                state.entries = []
                if batch.isEmpty { state.isWriting = false }
                return batch
            }
            guard !batch.isEmpty else { break }
            await write(batch)
        }
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Calls before who was in them, and their ends last; so that each step can be taken at once.
    private func write(_ batch: [Entry]) async {
        var steps: [[Entry]] = [[], [], []]
        var left: Set<ParticipantID> = []
        for entry in batch.reversed() {
            switch entry.memory {
            case .began: steps[0].append(entry)
            // Whoever has left within the moment is written once, with both times.
            case .joined(let participant, _, _) where left.contains(participant): break
            case .joined: steps[1].append(entry)
            case .left(let participant, _, _, _):
                left.insert(participant)
                steps[1].append(entry)
            case .ended: steps[2].append(entry)
            }
        }
        for step in steps {
            var rest = step[...]
            while !rest.isEmpty {
                let some = rest.prefix(Self.together)
                rest = rest.dropFirst(Self.together)
                await withTaskGroup { group in
                    for entry in some { group.addTask { await self.write(entry) } }
                }
            }
        }
    }

    /// A quarter of what the store lets wait.
    private static let together = 256
    private static let gathering = Duration.milliseconds(50)

    private func write(_ entry: Entry) async {
        for attempt in 1...Self.attempts {
            do throws(StoreFault) {
                try await save(entry)
                return
            } catch {
                let mayHelp = error.reason == .overloaded || error.reason == .full
                guard mayHelp, attempt < Self.attempts else {
                    lose(error.description)
                    return
                }
                await loop.sleep(for: .milliseconds(100 << attempt))
            }
        }
    }

    private func save(_ entry: Entry) async throws(StoreFault) {
        let call = entry.call.description
        switch entry.memory {
        case .began(let beginning):
            try await store.save(CallRecord(beginning, ended: nil))
        case .joined(let participant, let person, let joined):
            try await store.save(
                AttendanceRecord(
                    call: call,
                    session: participant.description,
                    user: person.description,
                    joined: joined
                )
            )
        case .left(let participant, let person, let joined, let left):
            try await store.save(
                AttendanceRecord(
                    call: call,
                    session: participant.description,
                    user: person.description,
                    joined: joined,
                    left: left
                )
            )
        case .ended(let summary):
            var record = CallRecord(summary.beginning, ended: summary.ended)
            record.screenSeconds = summary.hasUsedScreen ? summary.screenSeconds : nil
            record.videoSeconds = summary.hasUsedVideo ? summary.videoSeconds : nil
            try await store.save(record)
        }
    }

    private func lose(_ why: String) {
        lost.add()
        log.error("a call's history could not be stored", ["why": .string(why)])
    }

    // MARK: - After a crash

    /// Writes that calls are running now. Said once a minute, it is what is known of the end of those that a
    /// crash ends.
    func beat() async {
        do throws(StoreFault) {
            let version = try await store.value(of: Self.pulse)?.version
            let text = String(Self.now.milliseconds)
            _ = try await store.write([UInt8](text.utf8), to: Self.pulse, ifVersion: version)
        } catch {
            log.warning("it is not stored that calls are running", ["why": .error(error)])
        }
    }

    private static let pulse = "calls/running-at"

    private static var now: WallTime {
        let (seconds, nanoseconds) = Loop.readWallClock()
        return WallTime(seconds: seconds, nanoseconds: Int32(nanoseconds))
    }

    /// Ends what a process before this one has left unended, with the last time that is known of it. In a
    /// cluster others may be running: `runs` knows the channels that have a call.
    func endWhatWasLeft(
        startedBefore limit: WallTime? = nil,
        unless runs: (ChannelID) async -> Bool = { _ in false }
    ) async {
        let limit = limit ?? born
        do throws(StoreFault) {
            let pulse = try await store.value(of: Self.pulse)
            let seen = pulse.flatMap { Int64(String(decoding: $0.bytes, as: UTF8.self)) }
            var count = 0
            while true {
                // Others begin while we look.
                var left: [CallRecord] = []
                for call in try await store.unendedCalls(limit: 100) where call.started < limit {
                    guard let channel = ChannelID(call.channel), await runs(channel) else {
                        left.append(call)
                        continue
                    }
                }
                for call in left { try await end(call, seen.map(WallTime.init(milliseconds:))) }
                count += left.count
                guard !left.isEmpty else { break }
            }
            guard count > 0 else { return }
            log.warning("calls were ended that a crash had left", ["calls": .int(count)])
        } catch {
            log.error("calls that a crash has left are not ended", ["why": .error(error)])
        }
    }

    /// Forgets what is older than anybody wants to know.
    func forget(endedBefore time: WallTime) async {
        do throws(StoreFault) {
            while try await store.forgetCalls(endedBefore: time) > 0 {}
            while try await store.forgetJobs(updatedBefore: time) > 0 {}
        } catch {
            log.warning("old calls could not be forgotten", ["why": .error(error)])
        }
    }

    private func end(_ call: CallRecord, _ seen: WallTime?) async throws(StoreFault) {
        var last = max(call.started, seen ?? call.started)
        var place: AttendanceRecord.Place?
        var open: [AttendanceRecord] = []
        while true {
            let page = try await store.attendance(of: call.id, after: place, limit: 1_000)
            for record in page {
                last = max(last, record.left ?? record.joined)
                if record.left == nil { open.append(record) }
            }
            guard let end = page.last?.place else { break }
            place = end
        }
        for var record in open {
            record.left = last
            try await store.save(record)
        }
        var call = call
        call.ended = last
        try await store.save(call)
    }
}

extension CallRecord {
    fileprivate init(_ beginning: CallBeginning, ended: WallTime?) {
        self.init(
            id: beginning.call.description,
            channel: beginning.channel.description,
            started: beginning.started,
            ended: ended,
            title: beginning.title,
            owner: beginning.owner.description
        )
    }
}
