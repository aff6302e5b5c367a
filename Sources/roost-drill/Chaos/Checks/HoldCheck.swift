internal import Basics
internal import Coordination
internal import Rehearsal

/// What claimants had of mutexes and places can have been one thing each: there is an order of all grabs and
/// releases, each at a moment between its call and its return, in which nobody has what another has not let
/// go, under fences that grow. Judged by ``MutexHistory``, name by name.
///
/// Who has something and is not heard of may be passed over, but not before it has used it for the last time.
/// Alone where Redis' primary was cut off and went on may that be a little earlier, as long as it may count
/// what a majority of the sentinels have said.
package struct HoldCheck {
    package private(set) var violations: [Violation] = []
    package private(set) var holds = 0

    /// Of one fence.
    private struct Holding {
        var claimant: Int
        var since: Instant?
        var first: Instant
        var last: Instant
    }

    package init(_ history: DrillHistory, mayOverlap overlap: Duration) {
        var names: [String: [Token: Holding]] = [:]
        var splits: [ClosedRange<Instant>] = []
        var splitSince: Instant?
        for entry in history.entries {
            switch entry.what {
            case .struck(.redisSplit, _, _): splitSince = entry.at
            case .mended(.redisSplit, _):
                splits.append((splitSince ?? entry.at)...entry.at)
                splitSince = nil
            case .held(let claimant, let hold):
                guard let fence = Token(hold.fence) else { continue }
                note(hold.kind, of: claimant, fence, at: entry.at, &names[hold.name, default: [:]])
                if let holding = names[hold.name]?[fence], holding.claimant != claimant {
                    violations.append(
                        Violation(
                            Self.rule(of: hold.name),
                            at: entry.at,
                            "\(hold.name) was had under \(fence) by claimants "
                                + "\(holding.claimant) and \(claimant)"
                        )
                    )
                }
            default: break
            }
        }
        if let splitSince { splits.append(splitSince...Instant(nanoseconds: .max)) }
        for (name, holdings) in names.sorted(by: { $0.key < $1.key }) {
            holds += holdings.count
            judge(name, holdings, splits, overlap)
        }
    }

    private func note(
        _ kind: DrillHistory.Hold.Kind,
        of claimant: Int,
        _ fence: Token,
        at now: Instant,
        _ holdings: inout [Token: Holding]
    ) {
        var holding = holdings[fence] ?? Holding(claimant: claimant, first: now, last: now)
        holding.first = min(holding.first, now)
        switch kind {
        case .has(let since): holding.since = min(holding.since ?? since, since)
        case .uses: holding.last = max(holding.last, now)
        case .frees, .misses: break
        }
        holdings[fence] = holding
    }

    private mutating func judge(
        _ name: String,
        _ holdings: [Token: Holding],
        _ splits: [ClosedRange<Instant>],
        _ overlap: Duration
    ) {
        var operations: [MutexHistory.Operation] = []
        for (fence, holding) in holdings {
            // A place that was taken over was asked for by nobody here.
            let called = holding.since ?? Instant(nanoseconds: 0)
            operations.append(.init(.grab, fence, from: called, to: holding.first))
            var end = holding.last
            if splits.contains(where: { $0.contains(end) }) {
                end = Instant(
                    nanoseconds: max(
                        called.nanoseconds,
                        end.nanoseconds - Int64(overlap / .nanoseconds(1))
                    )
                )
            }
            operations.append(.init(.lapse, fence, from: end, to: Instant(nanoseconds: .max)))
        }
        guard !MutexHistory(operations).isLinearizable else { return }
        violations.append(
            Violation(
                Self.rule(of: name),
                at: culprit(holdings)?.at ?? Instant(nanoseconds: 0),
                culprit(holdings)?.text ?? "what was had of \(name) can't be put into any order"
            )
        )
    }

    /// The first two that can't both be right, in the order of fences, for whoever looks for the reason.
    private func culprit(_ holdings: [Token: Holding]) -> (at: Instant, text: String)? {
        let ordered = holdings.sorted { $0.key < $1.key }
        for (one, two) in zip(ordered, ordered.dropFirst()) where two.value.first < one.value.last {
            return (
                two.value.first,
                "claimant \(one.value.claimant) used it under \(one.key) until "
                    + "\((one.value.last - two.value.first) / .milliseconds(1)) ms after claimant "
                    + "\(two.value.claimant) had it under \(two.key)"
            )
        }
        return nil
    }

    private static func rule(of name: String) -> Violation.Rule {
        name.hasPrefix("place") ? .places : .mutexes
    }
}
