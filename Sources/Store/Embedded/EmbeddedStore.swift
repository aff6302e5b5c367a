import Basics

/// The store of a node that stands alone: one SQLite file and one thread that writes it.
///
/// Each method hands the thread an errand and waits for its answer without blocking anything.
/// Errands that wait together are committed together (`GroupCommit`). No more than `queueLimit` may
/// wait; beyond that the caller is refused at once, so a slow disk can't fill the memory.
///
/// The tables are described at ``StoreSchema``. An answered write survives the end of the process,
/// however it ends; a power failure may take the last moments with it and leaves the file sound.
package final class EmbeddedStore: DurableStore {
    /// What was found when the store was opened.
    package let opening: StoreOpening
    package let path: String
    private let thread: WorkThread<any Errand>
    private let metrics: StoreMetrics?

    /// Opens the store at a path, or one that ends with the process at `:memory:`.
    ///
    /// Blocks while the file is checked and its schema brought up to date: call it at start, off the
    /// loops.
    package init(
        path: String,
        metrics: StoreMetrics? = nil,
        queueLimit: Int = 1_024,
        steps: [Migration] = StoreSchema.steps
    ) throws(StoreFault) {
        guard !path.isEmpty else {
            throw StoreFault("store.path is empty; name a file, such as data/roost.db")
        }
        self.path = path
        self.metrics = metrics
        var lock: StoreLock?
        if path != ":memory:" {
            try makeFolder(of: path)
            lock = try StoreLock(store: path)
        }
        let (database, opening) = try Database.open(path, through: steps)
        self.opening = opening
        let desk = Desk(database: database, lock: lock)
        thread = try WorkThread(name: "store", queueLimit: queueLimit, batchLimit: 256) { errands in
            desk.commit.perform(errands)
        }
    }

    package func close() async {
        await thread.close()
    }

    /// How many errands wait for the thread.
    package var waitingCount: Int { thread.waitingCount }

    /// Has the thread look something up.
    func ask<Value: Sendable>(
        _ method: StoreMetrics.Method,
        _ body: @escaping @Sendable (Database) throws(StoreFault) -> Value
    ) async throws(StoreFault) -> Value {
        try await send(method, isWrite: false, body)
    }

    /// Has the thread change something.
    @discardableResult
    func tell<Value: Sendable>(
        _ method: StoreMetrics.Method,
        _ body: @escaping @Sendable (Database) throws(StoreFault) -> Value
    ) async throws(StoreFault) -> Value {
        try await send(method, isWrite: true, body)
    }

    private func send<Value: Sendable>(
        _ method: StoreMetrics.Method,
        isWrite: Bool,
        _ body: @escaping @Sendable (Database) throws(StoreFault) -> Value
    ) async throws(StoreFault) -> Value {
        let clock = ContinuousClock()
        let start = clock.now
        let result: Result<Value, StoreFault> = await withCheckedContinuation { waiter in
            let errand = ErrandFor(isWrite: isWrite, body: body) { waiter.resume(returning: $0) }
            switch thread.submit(errand) {
            case .accepted:
                break
            case .full:
                errand.finish(
                    StoreFault(
                        "more waits for \(path) than may wait; its disk is slow, try again later",
                        reason: .overloaded
                    )
                )
            case .closed:
                errand.finish(StoreFault("\(path) has been closed", reason: .closed))
            }
        }
        let isFault = if case .failure = result { true } else { false }
        metrics?.note(method, took: clock.now - start, isFault: isFault)
        return try result.get()
    }
}

/// What the store's thread holds, in the order it is to be let go of: the file before the lock.
private final class Desk {
    let commit: GroupCommit
    private var lock: StoreLock?

    init(database: Database, lock: StoreLock?) {
        commit = GroupCommit(database: database)
        self.lock = lock
    }
}

/// As many rows as were asked for, within reason.
func pageSize(_ limit: Int) -> SQLValue {
    .integer(Int64(StoreLimits.rows(limit)))
}
