package import Basics

/// Something that a history shows and that must not be.
package struct Violation: Hashable, Sendable {
    /// What it breaks.
    package enum Rule: String, CaseIterable, Sendable {
        case lines
        case beginnings
        case acknowledged
        case pictures
        case oneCall = "one-call"
        case nobodyLost = "nobody-lost"
        case told
        case answered
        case tokens
        case mutexes
        case places
        case sound
        case even
        case standing

        /// What it says, as a sentence.
        package var sentence: String {
            switch self {
            case .lines: "events of a line come under consecutive numbers, none twice"
            case .beginnings: "whoever joins is shown the call before anything that happens in it"
            case .acknowledged: "what was acknowledged is in every later picture"
            case .pictures: "after some quiet everybody's picture is the call's, on all nodes"
            case .oneCall: "a channel has one call at a time, and keeps it"
            case .nobodyLost: "whoever was in a call and did not leave is in it"
            case .told: "everybody in a call whose host is gone is told that it goes on"
            case .answered: "whoever comes or comes back on a websocket that lasts gets an answer"
            case .tokens: "a channel's tokens grow whenever its call moves"
            case .mutexes: "a mutex has one holder at a time, each under a higher fence"
            case .places: "a place has one host at a time, each under a higher token"
            case .sound: "after some quiet whoever speaks is heard by everybody in their call"
            case .even: "calls that are all on one node are spread, and none goes to and fro"
            case .standing:
                "no node ends but by what is done to it, and in time when it is asked to"
            }
        }
    }

    package var rule: Rule
    package var at: Instant
    package var text: String

    package init(_ rule: Rule, at: Instant, _ text: String) {
        self.rule = rule
        self.at = at
        self.text = text
    }
}
