import Synchronization

/// Where log lines go: a terminal, a file, a test's memory.
///
/// The sink also tells the time, for it stands where the clock is. Both are called from any thread,
/// and neither may wait for long.
package protocol LogSink: Sendable {
    func now() -> WallTime
    func write(_ record: LogRecord)
}

/// Keeps the latest lines for a test to read.
package final class MemoryLogSink: LogSink {
    private let state: Mutex<State>
    private let limit: Int

    private struct State {
        var time: WallTime
        var records: [LogRecord] = []
    }

    /// Creates an empty sink whose clock stands still. Beyond the limit the oldest line is dropped.
    package init(at time: WallTime = WallTime(seconds: 0), limit: Int = 10_000) {
        state = Mutex(State(time: time))
        self.limit = limit
    }

    package func now() -> WallTime {
        state.withLock { $0.time }
    }

    package func setTime(_ time: WallTime) {
        state.withLock { $0.time = time }
    }

    package func write(_ record: LogRecord) {
        state.withLock { state in
            state.records.append(record)
            if state.records.count > limit { state.records.removeFirst() }
        }
    }

    package var records: [LogRecord] { state.withLock { $0.records } }
    package var messages: [String] { records.map(\.message) }
}

/// Takes every line and keeps none.
package struct SilentLogSink: LogSink {
    package init() {}
    package func now() -> WallTime { WallTime(seconds: 0) }
    package func write(_ record: LogRecord) {}
}
