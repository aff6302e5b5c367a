internal import Basics

/// One command from the asking to the answer. Belongs to the client's loop.
///
///     waiting ──▶ sent ──▶ answered
///        ╰─────────┴─────▶ given up: an answer that still comes is for nobody
final class RedisErrand: @unchecked Sendable {
    typealias Answer = @Sendable (Result<RedisValue, RedisFault>, _ sentAt: Instant) -> Void

    let command: RedisCommand
    let timeout: Duration
    /// Rather than to wait for a connection, it fails.
    let mustBeAtOnce: Bool
    let askedAt: Instant
    /// When its bytes were given to the kernel, or just before.
    var sentAt: Instant?
    private var answer: Answer?

    init(
        _ command: RedisCommand,
        timeout: Duration,
        atOnce: Bool = false,
        _ answer: @escaping Answer
    ) {
        self.command = command
        self.timeout = timeout
        mustBeAtOnce = atOnce
        askedAt = Loop.readClock()
        self.answer = answer
    }

    var deadline: Instant { askedAt + timeout }
    var isSettled: Bool { answer == nil }

    /// Tells what came of it. The first time counts.
    func settle(_ result: Result<RedisValue, RedisFault>) {
        guard let answer else { return }
        self.answer = nil
        answer(result, sentAt ?? askedAt)
    }
}
