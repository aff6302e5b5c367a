internal import Basics
internal import Crypto
package import IO
package import Store
internal import Synchronization

/// The store of nodes that are one backend: a Redis that all of them ask.
///
/// Each method is one step in Redis (``StoreScript``), so that others see all of it or nothing, and may be
/// done twice without harm. So what got no answer is asked again until there is one or patience ends: a
/// Redis that changes hands costs a moment, not a fault. A fault after that may have had an effect all the
/// same, and says so.
///
/// Redis keeps what it has answered once it is on its disk, with `appendfsync everysec` a second later.
/// Names are in ``StoreKeys``.
package final class RedisStore: DurableStore {
    private struct State: ~Copyable {
        var isClosed = false
        var asked = 0
        var leaving: [CheckedContinuation<Void, Never>] = []
    }

    let keys: StoreKeys
    private let client: RedisClient
    private let metrics: StoreMetrics?
    private let patience: Duration
    private let limit: Int
    private let state = Mutex(State())

    /// `cluster` is what keys are named for. The client is somebody else's, and stays open.
    package init(
        _ client: RedisClient,
        cluster: String,
        metrics: StoreMetrics? = nil,
        patience: Duration = .seconds(2),
        limit: Int = 4_096
    ) {
        keys = StoreKeys(cluster: cluster)
        self.client = client
        self.metrics = metrics
        self.patience = patience
        self.limit = limit
    }

    package func close() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                state.isClosed = true
                if state.asked > 0 { state.leaving.append(continuation) }
                return state.asked == 0
            }
            if isIdle { continuation.resume() }
        }
    }

    // MARK: - For the methods

    /// Does what a method is for: refuses it if too much is asked or all is over, and counts it.
    @discardableResult
    func perform<Value: Sendable>(
        _ method: StoreMetrics.Method,
        _ body: () async throws(StoreFault) -> Value
    ) async throws(StoreFault) -> Value {
        let start = Loop.readClock()
        do throws(StoreFault) {
            try enter()
            defer { leave() }
            let value = try await body()
            metrics?.note(method, took: Loop.readClock() - start, isFault: false)
            return value
        } catch {
            metrics?.note(method, took: Loop.readClock() - start, isFault: true)
            throw error
        }
    }

    private func enter() throws(StoreFault) {
        let fault = state.withLock { state -> StoreFault? in
            if state.isClosed { return StoreFault("the store has been closed", reason: .closed) }
            guard state.asked < limit else {
                return StoreFault(
                    "\(limit) wait for Redis already; it is slow or away, try again later",
                    reason: .overloaded
                )
            }
            state.asked += 1
            return nil
        }
        if let fault { throw fault }
    }

    private func leave() {
        let leaving = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.asked -= 1
            guard state.asked == 0 else { return [] }
            defer { state.leaving = [] }
            return state.leaving
        }
        for continuation in leaving { continuation.resume() }
    }

    /// What a script or command came to.
    struct Answer {
        var value: RedisValue
        /// Whether an earlier attempt got no answer, and may have had its effect.
        var isRepeated: Bool
    }

    @discardableResult
    func run(
        _ script: StoreScript,
        _ keys: [String],
        _ arguments: [[UInt8]]
    ) async throws(StoreFault) -> Answer {
        let text = script.script
        return try await insist { [client] () async throws(RedisFault) in
            try await client.run(text, keys: keys, arguments: arguments)
        }
    }

    func ask(_ command: RedisCommand) async throws(StoreFault) -> RedisValue {
        try await insist { [client] () async throws(RedisFault) in
            try await client.ask(command)
        }.value
    }

    private func insist(
        _ attempt: () async throws(RedisFault) -> RedisValue
    ) async throws(StoreFault) -> Answer {
        let end = Loop.readClock() + patience
        var pause = Duration.milliseconds(20)
        var mayHaveRun = false
        while true {
            let fault: RedisFault
            do throws(RedisFault) {
                return Answer(value: try await attempt(), isRepeated: mayHaveRun)
            } catch {
                fault = error
            }
            mayHaveRun = mayHaveRun || fault.mayHaveRun
            guard fault.mayPass, Loop.readClock() + pause < end else {
                throw StoreFault(fault, mayHaveRun: mayHaveRun)
            }
            await client.loop.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(300))
        }
    }

    /// Says of what Redis holds that it can't be.
    func damaged(_ key: String) -> StoreFault {
        StoreFault(
            "Redis holds under \(key) what no version of Roost writes; look at it with redis-cli, "
                + "and remove it if another program shares the database",
            reason: .damaged
        )
    }

    /// Sixteen digits that no other asker has.
    static func mark() -> [UInt8] {
        Array(Hex.encode(SecureRandom.bytes(8).span).utf8)
    }
}

extension RedisFault {
    /// Whether asking again in a moment may help, and can do no harm.
    fileprivate var mayPass: Bool {
        switch self {
        case .unreachable, .timedOut, .cutOff: true
        case .refused(let code, _):
            ["LOADING", "READONLY", "NOREPLICAS", "MASTERDOWN", "BUSY", "TRYAGAIN"].contains(code)
        case .overloaded, .malformed, .cancelled, .closed: false
        }
    }
}

extension StoreFault {
    /// What the operator reads, and what code may choose by.
    fileprivate init(_ fault: RedisFault, mayHaveRun: Bool) {
        let reason: StoreFault.Reason =
            switch fault {
            case .refused(code: "OOM", _): .full
            case .refused(code: "READONLY", _), .refused(code: "MISCONF", _): .readOnly
            case .refused(code: "WRONGTYPE", _): .foreign
            case .refused(code: "ERR", _): .refused
            case .refused, .unreachable, .timedOut, .cutOff, .malformed: .unreachable
            case .overloaded: .overloaded
            case .closed: .closed
            case .cancelled: .other
            }
        let isKnown = if case .refused = fault { !mayHaveRun } else { !fault.mayHaveRun }
        let doubt = mayHaveRun && isKnown ? "; an earlier attempt may have done it" : ""
        let hope = reason == .full ? "; storing resumes by itself" : ""
        self.init("\(fault)\(doubt)\(hope)", reason: reason)
    }
}
