package import Basics

/// When to ask the publisher of one layer for a key frame, whoever and however many want one.
///
///               request                                       key frame
///     content ───────────▶ wanted: ask at once, or 500 ms ───────────────▶ content
///        ▲                 after the last time                      ▲
///        │                     │ asked                              │
///        │                     ▼                                    │
///        └── ten times ──── waiting: ask again each second ─────────┘
///             in vain
///
/// Two a second at most reach the publisher, though a viewer should send a thousand. A publisher that
/// was asked ten times in vain is left alone until somebody asks anew.
package struct KeyFrameRequests: Sendable {
    package struct Rules: Sendable {
        package var leastInterval: Duration = .milliseconds(500)
        package var repetition: Duration = .seconds(1)
        package var attempts = 10

        package init() {}
    }

    private enum State: Sendable {
        case content
        /// Somebody wants one that was not asked for yet.
        case wanted(at: Instant)
        case waiting(until: Instant, attempts: Int)
    }

    private let rules: Rules
    private var state = State.content
    private var lastAsked: Instant?

    /// What viewers asked, what the publisher was asked, and what was saved.
    package private(set) var requested: UInt64 = 0
    package private(set) var asked: UInt64 = 0
    package var merged: UInt64 { requested >= asked ? requested - asked : 0 }

    package init(_ rules: Rules = Rules()) {
        self.rules = rules
    }

    /// Somebody needs a key frame. True if the publisher is to be asked now.
    package mutating func request(at now: Instant) -> Bool {
        requested &+= 1
        switch state {
        case .content:
            guard let lastAsked, now < lastAsked + rules.leastInterval else {
                ask(1, at: now)
                return true
            }
            state = .wanted(at: lastAsked + rules.leastInterval)
            return false
        case .wanted, .waiting:
            return advance(to: now)
        }
    }

    /// A key frame may be on its way unasked: until then nobody need ask for one.
    package mutating func expect(until moment: Instant) {
        lastAsked = moment.advanced(by: .zero - rules.leastInterval)
    }

    /// The first packet of a key frame came.
    package mutating func keyFrameCame() {
        state = .content
    }

    /// When to call ``advance(to:)``.
    package var deadline: Instant? {
        switch state {
        case .content: nil
        case .wanted(let moment): moment
        case .waiting(let moment, _): moment
        }
    }

    /// True if the publisher is to be asked now.
    package mutating func advance(to now: Instant) -> Bool {
        switch state {
        case .content:
            return false
        case .wanted(let moment):
            guard now >= moment else { return false }
            ask(1, at: now)
            return true
        case .waiting(let moment, let attempts):
            guard now >= moment else { return false }
            guard attempts < rules.attempts else {
                state = .content
                return false
            }
            ask(attempts + 1, at: now)
            return true
        }
    }

    private mutating func ask(_ attempts: Int, at now: Instant) {
        asked &+= 1
        lastAsked = now
        state = .waiting(until: now + rules.repetition, attempts: attempts)
    }
}
