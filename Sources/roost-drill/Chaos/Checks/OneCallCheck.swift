internal import Basics

/// A channel has one call at a time, and a person who has not left stays in the same.
package enum OneCallCheck {
    package static func violations(in history: DrillHistory) -> [Violation] {
        var found: [Violation] = []
        var isIn = [Bool](repeating: false, count: history.cast.count)
        var calls = [String?](repeating: nil, count: history.cast.count)
        var spans: [String: [String: Span]] = [:]
        for entry in history.entries {
            switch entry.what {
            case .joined(let person, _): (isIn[person], calls[person]) = (true, nil)
            case .asked(let person, .leave, _), .thrownOut(let person, _): isIn[person] = false
            case .heard(let person, _, let event):
                guard let picture = event.picture, isIn[person] else { continue }
                let channel = history.cast[person].channel
                spans[channel, default: [:]][picture.id, default: Span(entry.at)].end = entry.at
                if let before = calls[person], before != picture.id {
                    found.append(
                        Violation(
                            .oneCall,
                            at: entry.at,
                            "person \(person) was in call \(before), did not leave, and is now "
                                + "in \(picture.id)"
                        )
                    )
                }
                calls[person] = picture.id
            default: break
            }
        }
        for (channel, calls) in spans.sorted(by: { $0.key < $1.key }) {
            let ordered = calls.sorted { $0.value.start < $1.value.start }
            for (one, two) in zip(ordered, ordered.dropFirst())
            where two.value.start < one.value.end {
                found.append(
                    Violation(
                        .oneCall,
                        at: two.value.start,
                        "channel \(channel) had the calls \(one.key) and \(two.key) at a time"
                    )
                )
            }
        }
        return found
    }

    private struct Span {
        var start: Instant
        var end: Instant

        init(_ at: Instant) { (start, end) = (at, at) }
    }
}
