package import Basics
internal import CLinux
internal import Glibc
internal import Synchronization

/// Where log lines go: the terminal or a file, written by a thread of their own, so that a full disk
/// or a terminal that has been stopped never holds up a loop.
///
/// What waits to be written is bounded; lines beyond that are dropped, and counted in the next line
/// that is written.
package final class LogWriter: LogSink {
    package enum Target: Sendable {
        case descriptor(Int32)
        case file(path: String, limit: Int, keep: Int)
    }

    private struct Waiting {
        var lines: [UInt8] = []
        var dropped = 0
        var isScheduled = false
    }

    private let format: LogFormat
    private let waiting = Mutex(Waiting())
    private let thread: Loop
    private let output: Output

    package init(_ target: Target, format: LogFormat) throws(SystemFault) {
        self.format = format
        output = try Output(target)
        thread = try Loop(name: "log")
    }

    deinit {
        thread.stop()
    }

    package func now() -> WallTime {
        let (seconds, nanoseconds) = Loop.readWallClock()
        return WallTime(seconds: seconds, nanoseconds: Int32(nanoseconds))
    }

    package func write(_ record: LogRecord) {
        let mustSchedule = waiting.withLock { waiting in
            guard waiting.lines.count < Self.waitingLimit else {
                waiting.dropped += 1
                return false
            }
            if waiting.dropped > 0 {
                let note = LogRecord(
                    time: record.time,
                    level: .warning,
                    room: "log",
                    message: "lines were dropped, since they came faster than they can be written",
                    fields: ["lines": .int(waiting.dropped)]
                )
                waiting.dropped = 0
                format.append(note, to: &waiting.lines)
            }
            format.append(record, to: &waiting.lines)
            defer { waiting.isScheduled = true }
            return !waiting.isScheduled
        }
        if mustSchedule { thread.execute { [self] in drain() } }
    }

    /// Waits until everything written so far is out.
    package func flush() async {
        await withCheckedContinuation { done in
            thread.execute { [self] in
                drain()
                done.resume()
            }
        }
    }

    /// Opens the file again if it has been put aside by somebody else.
    package func reopen() async throws(SystemFault) {
        let fault: SystemFault? = await withCheckedContinuation { done in
            thread.execute { [self] in
                do throws(SystemFault) {
                    try output.reopen()
                    done.resume(returning: nil)
                } catch {
                    done.resume(returning: error)
                }
            }
        }
        if let fault { throw fault }
    }

    private func drain() {
        let lines = waiting.withLock { waiting in
            waiting.isScheduled = false
            defer { waiting.lines = [] }
            return waiting.lines
        }
        if !lines.isEmpty { output.write(lines) }
    }

    private static let waitingLimit = 1 << 20

    /// The thread's own side.
    private final class Output: @unchecked Sendable {
        private let descriptor: Int32
        private var file: LogFile?
        private var isFailing = false

        init(_ target: Target) throws(SystemFault) {
            switch target {
            case .descriptor(let descriptor):
                self.descriptor = descriptor
            case .file(let path, let limit, let keep):
                descriptor = STDERR_FILENO
                file = try LogFile(path: path, limit: limit, keep: keep)
            }
        }

        /// Writes to the file; or, when that fails, says so once on the terminal and goes on there,
        /// trying the file again with every batch.
        func write(_ lines: [UInt8]) {
            if file != nil {
                do {
                    try file?.write(lines)
                    isFailing = false
                    return
                } catch {
                    if !isFailing {
                        writeAll([UInt8]("roost: \(error); log lines go here instead\n".utf8))
                    }
                    isFailing = true
                }
            }
            writeAll(lines)
        }

        func reopen() throws(SystemFault) {
            try file?.reopenIfMoved()
        }

        private func writeAll(_ bytes: [UInt8]) {
            var sent = 0
            while sent < bytes.count {
                let count = unsafe bytes.withUnsafeBytes { bytes in
                    let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[sent...])
                    return unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
                }
                if count > 0 {
                    sent += count
                } else if errno == EAGAIN {
                    // Somebody made the terminal non-blocking; wait for room.
                    var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = unsafe poll(&wait, 1, 1_000)
                } else if errno != EINTR {
                    return  // the terminal is gone, and there is nobody left to tell
                }
            }
        }
    }
}
