internal import Wire

/// A call as a `call_state` shows it, or as a client knows it from one and the events that followed.
package struct CallPicture: Hashable, Sendable {
    package struct Session: Hashable, Sendable {
        package var user: String
        package var isUnmuted: Bool
        package var isHandUp: Bool

        package init(user: String, isUnmuted: Bool = false, isHandUp: Bool = false) {
            self.user = user
            self.isUnmuted = isUnmuted
            self.isHandUp = isHandUp
        }
    }

    package var id: String
    package var host: String
    package var sessions: [String: Session]
    /// The session that shares a screen; empty if none does.
    package var sharer = ""
    package var beginning = Beginning()

    /// What a call has from its first moment to its last.
    package struct Beginning: Hashable, Sendable {
        package var startedAt: Int64 = 0
        package var owner = ""
        package var thread = ""

        package init() {}
    }

    package init(id: String, host: String = "", sessions: [String: Session] = [:]) {
        self.id = id
        self.host = host
        self.sessions = sessions
    }

    /// Reads the member `call` of a `call_state`; nil if it is none, which ``HeardEvent`` makes a finding of.
    init?(_ text: String) {
        guard let state = try? JSONValue(parsing: [UInt8](text.utf8).span),
            let id = state["id"]?.string, let sessions = state["sessions"]?.array
        else { return nil }
        self.init(id: id, host: state["host_id"]?.string ?? "")
        sharer = state["screen_sharing_session_id"]?.string ?? ""
        beginning.startedAt = state["start_at"]?.integer ?? 0
        beginning.owner = state["owner_id"]?.string ?? ""
        beginning.thread = state["thread_id"]?.string ?? ""
        for session in sessions {
            guard let name = session["session_id"]?.string,
                let user = session["user_id"]?.string
            else { return nil }
            self.sessions[name] = Session(
                user: user,
                isUnmuted: session["unmuted"]?.boolean ?? false,
                isHandUp: (session["raised_hand"]?.integer ?? 0) > 0
            )
        }
    }

    /// Follows an event that came after the picture.
    package mutating func follow(_ event: HeardEvent) {
        guard let name = event.session else {
            if event.name == "call_host_changed" { host = event.host ?? "" }
            // Whose it was has left.
            if event.name == "user_screen_off" { sharer = "" }
            return
        }
        switch event.name {
        case "user_joined": sessions[name] = Session(user: event.user ?? "")
        case "user_left":
            sessions[name] = nil
            if sharer == name { sharer = "" }
        case "user_muted": sessions[name]?.isUnmuted = false
        case "user_unmuted": sessions[name]?.isUnmuted = true
        case "user_raise_hand": sessions[name]?.isHandUp = true
        case "user_unraise_hand": sessions[name]?.isHandUp = false
        case "user_screen_on": sharer = name
        case "user_screen_off": if sharer == name { sharer = "" }
        default: break
        }
    }

    /// How another picture differs from it, in words; nil if it doesn't.
    package func difference(from other: CallPicture) -> String? {
        if id != other.id { return "call \(id), not \(other.id)" }
        let (mine, theirs) = (Set(sessions.keys), Set(other.sessions.keys))
        if let more = mine.subtracting(theirs).min() { return "\(more) is in it" }
        if let less = theirs.subtracting(mine).min() { return "\(less) is not in it" }
        for name in mine.sorted() where sessions[name] != other.sessions[name] {
            guard let one = sessions[name], let two = other.sessions[name] else { continue }
            return "\(name) is \(one.words), not \(two.words)"
        }
        if host != other.host { return "\(host) is its host, not \(other.host)" }
        if sharer != other.sharer {
            return "'\(sharer)' shares a screen, not '\(other.sharer)'"
        }
        guard beginning != other.beginning else { return nil }
        return "it began otherwise: \(beginning), not \(other.beginning)"
    }
}

extension CallPicture.Session {
    fileprivate var words: String {
        "\(user), \(isUnmuted ? "unmuted" : "muted"), hand \(isHandUp ? "up" : "down")"
    }
}
