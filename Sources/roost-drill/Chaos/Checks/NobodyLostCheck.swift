internal import Basics

/// Whoever was in a call and did not leave is in it, as everybody there sees, without having joined again.
///
/// A join that was acknowledged right before its host was struck may be forgotten like any other word, see
/// ``AcknowledgedCheck``. Who is at a node that was cut off hears late that somebody left, maybe when they have come
/// again: each leaving may be heard of once, whenever.
package struct NobodyLostCheck {
    package private(set) var violations: [Violation] = []
    /// How many were sent away who had joined right before a blow.
    package private(set) var forgotten = 0

    package init(
        _ history: DrillHistory,
        mayForget moment: Duration,
        mayGoOn goingOn: Duration = .zero
    ) {
        var people = history.cast.map { _ in Person() }
        // Until when the host of a channel may go on that was cut off.
        var ends: [String: Instant] = [:]
        var owners: [String: Int] = [:]
        var leavings: [String: Int] = [:]
        var heardLeaving: [Int: [String: Int]] = [:]
        var unsaved = UnsavedTime(moment)
        for entry in history.entries {
            unsaved.take(entry.what, at: entry.at)
            switch entry.what {
            case .joined(let person, let session):
                people[person].session = session
                people[person].joined = entry.at
                people[person].mayBeForgotten =
                    ends[history.cast[person].channel].map { entry.at <= $0 } ?? false
                owners[session] = person
            case .asked(let person, .leave, _):
                if let session = people[person].session { leavings[session, default: 0] += 1 }
                people[person].session = nil
            case .thrownOut(let person, let why):
                if people[person].mayBeForgotten { forgotten += 1 }
                if let session = people[person].session { leavings[session, default: 0] += 1 }
                if people[person].mayBeForgotten {
                    people[person].session = nil
                    continue
                }
                violations.append(
                    Violation(.nobodyLost, at: entry.at, "person \(person) was sent away: \(why)")
                )
                people[person].session = nil
            case .heard(let hearer, _, let event):
                if event.name == "user_left", let session = event.session {
                    heardLeaving[hearer, default: [:]][session, default: 0] += 1
                }
                if event.name == "user_left", let session = event.session,
                    let person = owners[session], people[person].session == session,
                    heardLeaving[hearer]?[session] ?? 0 > leavings[session] ?? 0,
                    !people[person].mayBeForgotten
                {
                    violations.append(
                        Violation(
                            .nobodyLost,
                            at: entry.at,
                            "person \(hearer) heard that person \(person) left, who did not"
                        )
                    )
                }
                guard let picture = event.picture, people[hearer].isQuiet else { continue }
                people[hearer].isQuiet = false
                for person in people.indices
                where history.cast[person].channel == history.cast[hearer].channel {
                    guard let session = people[person].session,
                        picture.sessions[session] == nil,
                        !people[person].mayBeForgotten
                    else { continue }
                    violations.append(
                        Violation(
                            .nobodyLost,
                            at: entry.at,
                            "person \(person) did not leave, and is not in the last picture of "
                                + "person \(hearer)"
                        )
                    )
                }
            case .struck(let blow, let node, let channels):
                let begin = unsaved.begin(of: node, at: entry.at)
                if blow == .isolate {
                    for channel in channels { ends[channel] = entry.at + goingOn }
                }
                for person in people.indices
                where channels.contains(history.cast[person].channel) {
                    guard let joined = people[person].joined, joined >= begin else {
                        continue
                    }
                    people[person].mayBeForgotten = true
                }
            case .quiet: for index in people.indices { people[index].isQuiet = true }
            // Whoever saw nothing in the quiet sees others come and go from now on.
            case .stirred: for index in people.indices { people[index].isQuiet = false }
            default: break
            }
        }
    }

    private struct Person {
        var session: String?
        var joined: Instant?
        var mayBeForgotten = false
        /// Their next picture is the last.
        var isQuiet = false
    }
}
