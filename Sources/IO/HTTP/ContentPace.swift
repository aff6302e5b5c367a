internal import Basics

/// Whether content moves at the least pace allowed, in either direction, judged from one window of
/// time to the next.
///
/// An average from the beginning would let whoever was fast at first rest for hours.
struct ContentPace {
    private let bytes: UInt64
    private let began: Instant

    /// Begins a window in which `bytes` have moved before.
    init(from bytes: UInt64, at now: Instant) {
        self.bytes = bytes
        began = now
    }

    /// When to judge.
    func deadline(rules: HTTPRules.Values) -> Instant { began + rules.bodyTimeout }

    /// Whether enough has moved within the window, if `bytes` have moved in all.
    func isKept(by bytes: UInt64, rules: HTTPRules.Values) -> Bool {
        let (seconds, attoseconds) = rules.bodyTimeout.components
        let milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
        let least = UInt64(clamping: Int64(max(rules.minimumBodyRate, 1)) * milliseconds / 1_000)
        return bytes >= self.bytes + max(least, 1)
    }
}
