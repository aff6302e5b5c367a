internal import Coordination

/// What Redis says of a channel's place: whenever another member has it, it is under a token that is greater
/// than all before. A Redis that has lost its latest writes may say again what it said before, but nothing else.
package enum TokenCheck {
    package static func violations(in history: DrillHistory) -> [Violation] {
        var found: [Violation] = []
        var last: [String: (token: Token, node: String)] = [:]
        var said: Set<[String]> = []
        var mayForget = false
        for entry in history.entries {
            if case .struck(let blow, _, _) = entry.what, blow.losesData { mayForget = true }
            guard case .placed(let channel, let text, let node) = entry.what else { continue }
            guard let token = Token(text) else {
                found.append(
                    Violation(.tokens, at: entry.at, "channel \(channel) has no token: \(text)")
                )
                continue
            }
            let isNew = said.insert([channel, text, node]).inserted
            if !isNew, mayForget { continue }
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
            if last[channel].map({ $0.token <= token }) ?? true { last[channel] = (token, node) }
        }
        return found
    }
}
