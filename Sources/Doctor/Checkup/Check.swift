/// One thing that may be wrong with a machine or its settings.
package protocol Check: Sendable {
    /// What is looked at, as it stands in the table: `udp port 8443`.
    var name: String { get }

    /// Looks, for two seconds at most.
    func look() -> Outcome
}

/// What a check saw. What is not well can't be said without a remedy.
package enum Outcome: Hashable, Sendable {
    case ok(String)
    /// Could not be looked at, or has nothing to look at.
    case skipped(String)
    /// Works, but not for everybody or not for long.
    case warn(String, remedy: String)
    case fail(String, remedy: String)

    package var verdict: String {
        switch self {
        case .ok: "ok"
        case .skipped: "skipped"
        case .warn: "warn"
        case .fail: "fail"
        }
    }

    package var seen: String {
        switch self {
        case .ok(let seen), .skipped(let seen), .warn(let seen, _), .fail(let seen, _): seen
        }
    }

    /// Lines to paste, or a sentence that says what to do.
    package var remedy: String? {
        switch self {
        case .ok, .skipped: nil
        case .warn(_, let remedy), .fail(_, let remedy): remedy
        }
    }

    package var isFailure: Bool { verdict == "fail" }
}
