internal import Basics

/// How long a call is looked for that has lost its node, and how often.
///
///     looking ──found────────────────────────────────▶ found
///        ╰─────no hope since a while, or too long────▶ given up
///
/// There is hope as long as the call may go on somewhere without this node having heard of it: it was known at a node
/// that is gone and nobody has said that it is over; or this node is cut off, and hears of nothing. Who takes the
/// call over may be cut off, too, so what counts is not how long the first search took.
struct CallSearch {
    /// For who only wants to know: in this time a frozen node's calls, too, go on elsewhere.
    static let brief = Duration.seconds(2)

    private let began: Instant
    private let most: Duration
    private let grace: Duration
    private var lastHope: Instant?

    /// `grace`: how long to go on when there is no hope any more, and if there never was.
    init(atMost most: Duration, grace: Duration, at now: Instant) {
        self.most = most
        self.grace = grace
        began = now
        lastHope = now
    }

    /// `grace`: the same, but only after there was hope; if there never is, one look is enough.
    init(atMost most: Duration, afterHope grace: Duration, at now: Instant) {
        self.most = most
        self.grace = grace
        began = now
    }

    /// Whether to look once more, after ``pause(at:)``.
    mutating func goesOn(_ hasHope: Bool, at now: Instant) -> Bool {
        if hasHope { lastHope = now }
        guard now - began < most, let lastHope else { return false }
        return hasHope || now - lastHope < grace
    }

    /// Short at first, when most are found; then not so short that a thousand who wait are a load.
    func pause(at now: Instant) -> Duration {
        now - began < Self.brief ? .milliseconds(10) : .milliseconds(100)
    }
}
