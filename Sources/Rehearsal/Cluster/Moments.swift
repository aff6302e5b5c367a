internal import Basics
internal import Coordination

/// What a scenario says, in nanoseconds from its beginning, so that nobody converts it at every step.
struct Moments: Sendable {
    let healed: Int64
    let end: Int64
    let requestTimeout: Int64
    let confirmation: Int64
    /// When Redis comes back for the last time with what it had before; -1 if it never does.
    let lastLookBack: Int64
    /// A node that is left with a deposed master may overlap with who took over, for a bounded time.
    let mayOverlap: Bool

    init(_ scenario: Scenario) {
        healed = Self.nanoseconds(scenario.healed)
        end = Self.nanoseconds(scenario.end)
        requestTimeout = Self.nanoseconds(scenario.pace.requestTimeout)
        confirmation = Self.nanoseconds(scenario.pace.confirmation)
        lastLookBack = scenario.mishaps.reduce(-1) { last, mishap in
            switch mishap.kind {
            case .restartRedis(let lost), .failOver(let lost, _):
                lost > .zero ? max(last, Self.nanoseconds(mishap.begin)) : last
            default: last
            }
        }
        mayOverlap = scenario.mishaps.contains {
            if case .failOver(_, let left) = $0.kind { !left.isEmpty } else { false }
        }
    }

    static func nanoseconds(_ duration: Duration) -> Int64 {
        (Instant(nanoseconds: 0) + duration).nanoseconds
    }
}
