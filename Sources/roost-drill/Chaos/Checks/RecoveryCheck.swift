internal import Basics

/// How long it took, after each blow to a host, until those in its calls were told that they go on; and how
/// long until those whose websocket it had were back.
package struct RecoveryCheck {
    package private(set) var violations: [Violation] = []
    /// Milliseconds from the blow to `call_rehost`, of those whose websocket was on another node.
    package private(set) var rehostedElsewhere: [Double] = []
    /// The same of those whose websocket was there.
    package private(set) var rehostedThere: [Double] = []
    /// Milliseconds from the blow to the call's state on a websocket to another node.
    package private(set) var back: [Double] = []
    /// Blows to a node by which nobody was hit who was in a call there.
    package private(set) var misses = 0

    package init(_ history: DrillHistory, patience: Duration) {
        var people = history.cast.map { _ in Person() }
        for entry in history.entries {
            switch entry.what {
            case .opened(let person, _, let node, _): people[person].node = node
            case .joined(let person, _): people[person].isIn = true
            case .asked(let person, .leave, _), .thrownOut(let person, _):
                people[person].isIn = false
                people[person].waits = nil
                people[person].returns = nil
            case .struck(let blow, let node?, let channels):
                strike(blow, node, channels, &people, history, at: entry.at)
            case .heard(let person, _, let event):
                if event.name == "call_rehost", let wait = people[person].waits {
                    let took = (entry.at - wait.began) / .milliseconds(1)
                    if wait.wasThere {
                        rehostedThere.append(took)
                    } else {
                        rehostedElsewhere.append(took)
                    }
                    people[person].waits = nil
                }
                if event.picture != nil, let (began, node) = people[person].returns,
                    people[person].node != node
                {
                    back.append((entry.at - began) / .milliseconds(1))
                    people[person].returns = nil
                }
            default: break
            }
            for person in people.indices {
                guard let wait = people[person].waits, entry.at - wait.began > patience else {
                    continue
                }
                people[person].waits = nil
                violations.append(
                    Violation(
                        .told,
                        at: wait.began,
                        "person \(person) was not told of the new host within \(patience)"
                    )
                )
            }
        }
        for person in people.indices {
            guard let wait = people[person].waits else { continue }
            violations.append(
                Violation(
                    .told,
                    at: wait.began,
                    "person \(person) was never told of the new host"
                )
            )
        }
    }

    private struct Person {
        var node: Int?
        var isIn = false
        var waits: (began: Instant, wasThere: Bool)?
        var returns: (began: Instant, from: Int)?
    }

    private mutating func strike(
        _ blow: Blow,
        _ node: Int,
        _ channels: [String],
        _ people: inout [Person],
        _ history: DrillHistory,
        at now: Instant
    ) {
        var isHit = false
        for person in people.indices where people[person].isIn {
            let isHostedThere = channels.contains(history.cast[person].channel)
            let isThere = people[person].node == node
            if isHostedThere {
                people[person].waits = people[person].waits ?? (now, isThere)
            }
            // One whose node froze may well keep its websocket until that wakes.
            if isThere, blow.endsSockets { people[person].returns = (now, node) }
            isHit = isHit || isHostedThere || isThere
        }
        if !isHit { misses += 1 }
    }
}
