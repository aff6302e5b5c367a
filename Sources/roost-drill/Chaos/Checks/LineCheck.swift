/// Each line's events come under the numbers 0, 1, 2 …, whatever sockets brought them, and whoever has joined
/// is shown the call before anything that happens in it.
///
/// On a line by which somebody comes back, words to all of the call may well precede the state that answers
/// the reconnect: they are told to a person, by whatever connection.
package enum LineCheck {
    package static func violations(in history: DrillHistory) -> [Violation] {
        var found: [Violation] = []
        var lines: [String: Line] = [:]
        for entry in history.entries {
            guard case .heard(let person, let name, let event) = entry.what else { continue }
            var line = lines[name] ?? Line(person: person)
            if line.person != person {
                found.append(
                    Violation(
                        .lines,
                        at: entry.at,
                        "line \(name) of person \(line.person) was given to person \(person)"
                    )
                )
            }
            if event.number != line.expected {
                let what = event.number < line.expected ? "came again" : "came too soon"
                found.append(
                    Violation(
                        .lines,
                        at: entry.at,
                        "person \(person) line \(name): \(event.name) numbered \(event.number) "
                            + "\(what), \(line.expected) was due"
                    )
                )
            }
            if event.name == "join" { line.hasJoined = true }
            if event.needsPicture, line.hasJoined, !line.hasPicture {
                found.append(
                    Violation(
                        .beginnings,
                        at: entry.at,
                        "person \(person) line \(name): \(event.name) numbered \(event.number) "
                            + "came before any state"
                    )
                )
            }
            line.expected = event.number + 1
            line.hasPicture = line.hasPicture || event.picture != nil
            lines[name] = line
        }
        return found
    }

    private struct Line {
        var person: Int
        var expected = 0
        var hasJoined = false
        var hasPicture = false
    }
}
