/// A room's pen: what it writes goes to the sink if the room's level admits it.
///
///     let log = Log("http", levels: levels, sink: sink)
///     log.info("listening", ["address": .string(address), "took": .duration(took)])
///
/// Copies are cheap. A line that isn't admitted costs one relaxed atomic load: its message and
/// fields are not even built.
package struct Log: Sendable {
    package let room: String
    @usableFromInline let threshold: LogLevels.Threshold
    @usableFromInline let sink: any LogSink

    package init(_ room: String, levels: LogLevels, sink: any LogSink) {
        self.room = room
        threshold = levels.threshold(of: room)
        self.sink = sink
    }

    /// A log that nobody reads, whose lines cost next to nothing.
    package static let silent = Log("silent", levels: LogLevels(.error), sink: SilentLogSink())

    /// The same pen for another room.
    package func inRoom(_ room: String, levels: LogLevels) -> Log {
        Log(room, levels: levels, sink: sink)
    }

    @inlinable
    package func admits(_ level: LogLevel) -> Bool {
        threshold.admits(level)
    }

    @inlinable
    package func trace(
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> LogFields = [:]
    ) {
        if threshold.admits(.trace) { write(.trace, message(), fields()) }
    }

    @inlinable
    package func debug(
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> LogFields = [:]
    ) {
        if threshold.admits(.debug) { write(.debug, message(), fields()) }
    }

    @inlinable
    package func info(
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> LogFields = [:]
    ) {
        if threshold.admits(.info) { write(.info, message(), fields()) }
    }

    @inlinable
    package func warning(
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> LogFields = [:]
    ) {
        if threshold.admits(.warning) { write(.warning, message(), fields()) }
    }

    @inlinable
    package func error(
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> LogFields = [:]
    ) {
        if threshold.admits(.error) { write(.error, message(), fields()) }
    }

    /// A line of which there may be very many: those that the limiter holds back are counted, and
    /// the next one that it lets through says how many there were.
    package func limited(
        _ level: LogLevel,
        by limiter: inout LogLimiter,
        at now: Instant,
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> LogFields = [:]
    ) {
        guard threshold.admits(level) else { return }
        let message = message()
        guard case .write(let held) = limiter.admit(message, at: now) else { return }
        if held > 0 { write(level, "\(message): and \(held) more", [:]) }
        write(level, message, fields())
    }

    /// Says how many lines the limiter has held back and that nobody has been told of yet. Call when
    /// its deadline has come.
    package func closeLimits(_ level: LogLevel, of limiter: inout LogLimiter, at now: Instant) {
        for (message, held) in limiter.close(at: now) where threshold.admits(level) {
            write(level, "\(message): and \(held) more", [:])
        }
    }

    @usableFromInline
    func write(_ level: LogLevel, _ message: String, _ fields: LogFields) {
        sink.write(
            LogRecord(
                time: sink.now(),
                level: level,
                room: room,
                message: message,
                fields: fields
            )
        )
    }
}
