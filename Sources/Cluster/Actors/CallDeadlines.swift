internal import Basics

/// When calls that nobody has answered are given up: a line for each time that callers wait, which is in order
/// by itself. A timer for each call would cost more than the call.
struct CallDeadlines {
    private struct Line {
        var calls: [(number: UInt64, deadline: Instant)] = []
        var first = 0
    }

    private var lines: [Duration: Line] = [:]

    /// The first of them.
    var next: Instant? {
        lines.values.compactMap { $0.calls[$0.first].deadline }.min()
    }

    /// Instants never go back from one call to the next.
    mutating func add(_ number: UInt64, at now: Instant, patience: Duration) {
        lines[patience, default: Line()].calls.append((number, now + patience))
    }

    /// Those that are due, answered or not, each once.
    mutating func takeDue(at now: Instant) -> [UInt64] {
        var due: [UInt64] = []
        for patience in Array(lines.keys) {
            guard var line = lines.removeValue(forKey: patience) else { continue }
            while line.first < line.calls.count, line.calls[line.first].deadline <= now {
                due.append(line.calls[line.first].number)
                line.first += 1
            }
            guard line.first < line.calls.count else { continue }
            if line.first > line.calls.count / 2 {
                line.calls.removeFirst(line.first)
                line.first = 0
            }
            lines[patience] = line
        }
        return due
    }
}
