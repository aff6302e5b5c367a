package import Coordination

/// Where an actor is and what it is called there: the identity of every distributed actor.
///
/// Names are made of what the actor is for, never of a number that its node gave out: whoever knows which
/// node a call roosts on can speak to it without asking anybody first.
package struct ActorAddress: Hashable, Sendable, CustomStringConvertible {
    package enum Name: Hashable, Sendable {
        /// The node itself. There is one on each.
        case node
        /// What a channel's call is spoken to by.
        case call(Channel)
        /// What one participant is spoken to by.
        case session(String)
    }

    package var member: MemberID
    package var name: Name

    package init(_ name: Name, at member: MemberID) {
        self.name = name
        self.member = member
    }

    package var description: String { "\(name.text) at \(member)" }
}

extension ActorAddress.Name {
    /// As it goes over a link.
    package var text: String {
        switch self {
        case .node: "node"
        case .call(let channel): "call/\(channel)"
        case .session(let id): "session/\(id)"
        }
    }

    package init?(_ text: String) {
        guard text != "node" else {
            self = .node
            return
        }
        guard let slash = text.firstIndex(of: "/") else { return nil }
        let rest = String(text[text.index(after: slash)...])
        switch text[..<slash] {
        case "call":
            guard let channel = Channel(rest) else { return nil }
            self = .call(channel)
        case "session" where rest.utf8.count <= 64: self = .session(rest)
        default: return nil
        }
    }
}
