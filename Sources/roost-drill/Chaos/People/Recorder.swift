internal import Basics
internal import IO
internal import Synchronization

/// Where everybody writes down what happens, in one order.
final class Recorder: Sendable {
    /// More than hours of the largest drill; a run that comes here has not recorded all, and is void.
    static let most = 20_000_000

    private let history: Mutex<DrillHistory>

    init(cast: [DrillHistory.Person]) {
        history = Mutex(DrillHistory(cast: cast))
    }

    func note(_ what: DrillHistory.Happening) {
        history.withLock { history in
            guard history.entries.count < Self.most else { return }
            // Read within the lock, so that moments never go back.
            history.entries.append(DrillHistory.Entry(at: Loop.readClock(), what))
        }
    }

    var current: DrillHistory { history.withLock { $0 } }
}
