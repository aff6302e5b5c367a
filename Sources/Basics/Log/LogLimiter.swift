/// Lets a few lines a second of each kind through, and counts the rest.
///
/// A second begins with the first line of its kind. When it is over, whoever asks next learns how
/// many lines were held back in it; when nobody asks, ``close(at:)`` tells at the ``deadline``. The
/// number of kinds is bounded: those beyond it share one.
package struct LogLimiter: Sendable {
    package enum Verdict: Hashable, Sendable {
        /// Write this line, and before it that so many like it were held back.
        case write(held: Int)
        case hold
    }

    private struct Second {
        var end: Instant
        var written: Int
        var held: Int
    }

    private let linesPerSecond: Int
    private let kindLimit: Int
    private var seconds: [String: Second] = [:]
    /// No second that holds lines back ends before this.
    private var earliestEnd: Instant?

    /// The kind that all kinds beyond the limit are.
    package static let overflow = "lines of other kinds"

    package init(linesPerSecond: Int, kindLimit: Int = 64) {
        precondition(linesPerSecond > 0 && kindLimit > 0, "a limiter lets something through")
        self.linesPerSecond = linesPerSecond
        self.kindLimit = kindLimit
    }

    package mutating func admit(_ kind: String, at now: Instant) -> Verdict {
        var kind = kind
        if seconds[kind] == nil && seconds.count >= kindLimit {
            seconds = seconds.filter { now < $0.value.end || $0.value.held > 0 }
            if seconds.count >= kindLimit { kind = Self.overflow }
        }
        guard var second = seconds[kind], now < second.end else {
            let held = seconds[kind]?.held ?? 0
            seconds[kind] = Second(end: now + .seconds(1), written: 1, held: 0)
            return .write(held: held)
        }
        defer { seconds[kind] = second }
        guard second.written < linesPerSecond else {
            second.held += 1
            earliestEnd = min(earliestEnd ?? second.end, second.end)
            return .hold
        }
        second.written += 1
        return .write(held: 0)
    }

    /// When to call ``close(at:)`` next, or nil while nothing is held back.
    package var deadline: Instant? { earliestEnd }

    /// What was held back in the seconds that are over and that nobody has been told of, by kind.
    package mutating func close(at now: Instant) -> [(kind: String, held: Int)] {
        guard let earliestEnd, now >= earliestEnd else { return [] }
        var told: [(kind: String, held: Int)] = []
        for (kind, second) in seconds where second.held > 0 && now >= second.end {
            told.append((kind, second.held))
            seconds[kind] = nil
        }
        self.earliestEnd = seconds.values.lazy.filter { $0.held > 0 }.map(\.end).min()
        return told.sorted { $0.kind < $1.kind }
    }
}
