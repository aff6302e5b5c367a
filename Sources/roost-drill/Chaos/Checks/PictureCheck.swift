internal import Basics

/// After some quiet, the picture that each client made for itself of a state and the events after it is the
/// one that it is shown when it asks, and all who are in one call are shown the same.
package struct PictureCheck {
    package private(set) var violations: [Violation] = []
    /// How many clients were held against what they were shown.
    package private(set) var comparisons = 0

    package init(_ history: DrillHistory) {
        var people = history.cast.map { _ in Person() }
        var shown: [String: (person: Int, picture: CallPicture)] = [:]
        var end: Instant?
        for entry in history.entries {
            switch entry.what {
            case .quiet:
                end = entry.at
                shown = [:]
                for person in people.indices { people[person].isDone = false }
            case .stirred:
                if let end { missAny(of: people, since: end) }
                end = nil
            case .joined(let person, _): people[person].isIn = true
            case .asked(let person, .leave, _), .thrownOut(let person, _):
                people[person].isIn = false
            case .opened(let person, _, _, let isResumed):
                if !isResumed { people[person].picture = nil }
            case .heard(let person, _, let event):
                if let picture = event.picture {
                    if end != nil, people[person].isIn, !people[person].isDone {
                        people[person].isDone = true
                        comparisons += 1
                        judge(person, people[person].picture, picture, at: entry.at)
                        let channel = history.cast[person].channel
                        if let (other, first) = shown[channel],
                            let difference = picture.difference(from: first)
                        {
                            violations.append(
                                Violation(
                                    .pictures,
                                    at: entry.at,
                                    "persons \(other) and \(person) are shown different states: "
                                        + difference
                                )
                            )
                        }
                        shown[channel] = shown[channel] ?? (person, picture)
                    }
                    people[person].picture = picture
                } else {
                    people[person].picture?.follow(event)
                }
            default: break
            }
        }
        if let end { missAny(of: people, since: end) }
    }

    private mutating func missAny(of people: [Person], since end: Instant) {
        for (person, state) in people.enumerated() where state.isIn && !state.isDone {
            violations.append(
                Violation(
                    .pictures,
                    at: end,
                    "person \(person) asked in the quiet, and got no state"
                )
            )
        }
    }

    private struct Person {
        var isIn = false
        var isDone = false
        var picture: CallPicture?
    }

    private mutating func judge(
        _ person: Int,
        _ own: CallPicture?,
        _ shown: CallPicture,
        at now: Instant
    ) {
        guard let own else {
            violations.append(
                Violation(.pictures, at: now, "person \(person) had no state in the quiet")
            )
            return
        }
        guard let difference = own.difference(from: shown) else { return }
        violations.append(
            Violation(.pictures, at: now, "person \(person) has an own picture: \(difference)")
        )
    }
}
