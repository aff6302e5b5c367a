internal import Basics

/// How soon a loop's next turn may come: at once, unless turns come by the thousand.
///
/// A datagram that comes alone costs its own share of a turn (to be woken, to look for more, to see
/// whose time has come), which is more than the datagram does. A thread that is woken more than five
/// hundred times a second is not waiting for any one of them, so it rests a little between two turns, and
/// what comes meanwhile shares the next. It wakes 1 / rest times a second at most, however many datagrams
/// come, and a datagram waits for `rest` at most.
///
///     hurried  ── 5 turns or more in 10 ms ──▶  paced
///        ▲                                         │
///        ╰──────────  fewer than 3  ───────────────╯
struct TurnPace {
    /// Zero: never.
    let rest: Duration
    private(set) var isPaced = false
    private var turns = 0
    private var begin = Instant(nanoseconds: 0)
    private var latest = Instant(nanoseconds: 0)

    init(rest: Duration) {
        self.rest = rest
    }

    /// A turn has begun for which something had come.
    mutating func began(at now: Instant) {
        guard rest > .zero else { return }
        latest = now
        turns += 1
        let elapsed = now - begin
        guard elapsed >= Self.window else { return }
        let limit = isPaced ? Self.fewest : Self.most
        isPaced = Double(turns) >= limit * (elapsed / Self.window)
        turns = 0
        begin = now
    }

    /// How long the thread shall rest before it looks for more.
    func pause(at now: Instant) -> Duration? {
        guard isPaced, now - begin < Self.window * 2 else { return nil }
        let left = rest - (now - latest)
        return left >= Self.least ? left : nil
    }

    private static let window = Duration.milliseconds(10)
    private static let most = 5.0
    private static let fewest = 3.0
    /// Below this, to sleep and wake costs more than it saves.
    private static let least = Duration.microseconds(50)
}
