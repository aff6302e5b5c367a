internal import Coordination

/// What Redis says of a channel's place: whenever another member has it, it is under a token that is greater
/// than all before.
package enum TokenCheck {
    package static func violations(in history: DrillHistory) -> [Violation] {
        var found: [Violation] = []
        var last: [String: (token: Token, node: String)] = [:]
        for entry in history.entries {
            guard case .placed(let channel, let text, let node) = entry.what else { continue }
            guard let token = Token(text) else {
                found.append(
                    Violation(.tokens, at: entry.at, "channel \(channel) has no token: \(text)")
                )
                continue
            }
            if let (before, holder) = last[channel] {
                if token < before {
                    found.append(
                        Violation(
                            .tokens,
                            at: entry.at,
                            "channel \(channel) went back from \(before) to \(token)"
                        )
                    )
                } else if token == before, node != holder {
                    found.append(
                        Violation(
                            .tokens,
                            at: entry.at,
                            "channel \(channel) is at \(node) under \(token), as it was at \(holder)"
                        )
                    )
                }
            }
            last[channel] = (token, node)
        }
        return found
    }
}
