/// Each line's events come under the numbers 0, 1, 2 …, whatever sockets brought them, and a new line in the
/// middle of a call begins with the call's state.
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
            if event.needsPicture, !line.hasPicture {
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
        var hasPicture = false
    }
}
