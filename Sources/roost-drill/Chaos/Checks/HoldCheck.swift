internal import Basics
internal import Coordination
internal import Rehearsal

/// What claimants had of mutexes and places can have been one thing each: there is an order of all grabs and
/// releases, each at a moment between its call and its return, in which nobody has what another has not let
/// go, under fences that grow. Judged by ``MutexHistory``, name by name.
///
/// Who has something and is not heard of may be passed over, but not before it has used it for the last time.
/// Alone where Redis' primary was cut off and went on, who follows it may go on under an older generation, and
/// for no longer than it may count what a majority of the sentinels have said; what is had in that time under
/// the older generation is left out of the order.
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
        var mayBeOld = false
        var generations: [Generation: Instant] = [:]
        for entry in history.entries {
            switch entry.what {
            case .struck(.redisSplit, _, _): mayBeOld = true
            case .held(let claimant, let hold):
                guard let fence = Token(hold.fence) else { continue }
                generations[fence.generation] = generations[fence.generation] ?? entry.at
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
        for (name, holdings) in names.sorted(by: { $0.key < $1.key }) {
            holds += holdings.count
            judge(name, mayBeOld ? forgive(holdings, generations, overlap) : holdings)
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

    /// What remains to be judged when each use under an older generation that came soon enough after the first
    /// under a newer one is taken to have come before that.
    private func forgive(
        _ holdings: [Token: Holding],
        _ generations: [Generation: Instant],
        _ overlap: Duration
    ) -> [Token: Holding] {
        var left: [Token: Holding] = [:]
        for (fence, holding) in holdings {
            var holding = holding
            let newer = generations.filter { $0.key > fence.generation }.map(\.value).min()
            if let newer, holding.last > newer, holding.last - newer <= overlap {
                guard holding.first < newer else { continue }
                holding.last = newer
            }
            left[fence] = holding
        }
        return left
    }

    private mutating func judge(_ name: String, _ holdings: [Token: Holding]) {
        var operations: [MutexHistory.Operation] = []
        for (fence, holding) in holdings {
            // A place that was taken over was asked for by nobody here, or only afterwards.
            let asked = holding.since.flatMap { $0 <= holding.first ? $0 : nil }
            let called = asked ?? Instant(nanoseconds: 0)
            operations.append(.init(.grab, fence, from: called, to: holding.first))
            operations.append(
                .init(.lapse, fence, from: holding.last, to: Instant(nanoseconds: .max))
            )
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
