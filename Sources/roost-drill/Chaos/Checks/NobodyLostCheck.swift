internal import Basics

/// Whoever was in a call and did not leave is in it, as everybody there sees, without having joined again.
package enum NobodyLostCheck {
    /// After this time without media a node sends somebody away; nobody here has any.
    package static let mediaPatience = Duration.seconds(28)

    package static func violations(in history: DrillHistory) -> [Violation] {
        var found: [Violation] = []
        var people = history.cast.map { _ in Person() }
        var owners: [String: Int] = [:]
        for entry in history.entries {
            switch entry.what {
            case .joined(let person, let session):
                people[person].session = session
                owners[session] = person
            case .offered(let person): people[person].offered = entry.at
            case .asked(let person, .leave, _): people[person].session = nil
            case .thrownOut(let person, let why):
                if people[person].isMissedRightly(at: entry.at) { continue }
                found.append(
                    Violation(.nobodyLost, at: entry.at, "person \(person) was sent away: \(why)")
                )
                people[person].session = nil
            case .heard(let hearer, _, let event):
                if event.name == "user_left", let session = event.session,
                    let person = owners[session], people[person].session == session,
                    !people[person].isMissedRightly(at: entry.at)
                {
                    found.append(
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
                        !people[person].isMissedRightly(at: entry.at)
                    else { continue }
                    found.append(
                        Violation(
                            .nobodyLost,
                            at: entry.at,
                            "person \(person) did not leave, and is not in the last picture of "
                                + "person \(hearer)"
                        )
                    )
                }
            case .quiet: for index in people.indices { people[index].isQuiet = true }
            default: break
            }
        }
        return found
    }

    private struct Person {
        var session: String?
        var offered: Instant?
        /// Their next picture is the last.
        var isQuiet = false

        func isMissedRightly(at now: Instant) -> Bool {
            guard let offered else { return false }
            return now - offered >= mediaPatience
        }
    }
}
