internal import Wire

/// One event that a person's websocket brought, as far as a drill looks at it.
package struct HeardEvent: Hashable, Sendable {
    /// Without the prefix that all events of calls have.
    package var name: String
    package var number: Int
    package var session: String?
    package var user: String?
    /// Of `hello` the connection that was greeted, else whose it is.
    package var connection: String?
    package var host: String?
    package var text: String?
    /// Of `call_rehost` which of the call's moves it was.
    package var move: String?
    package var picture: CallPicture?

    package init(
        _ name: String,
        _ number: Int,
        session: String? = nil,
        user: String? = nil,
        connection: String? = nil,
        text: String? = nil,
        move: String? = nil,
        picture: CallPicture? = nil
    ) {
        self.name = name
        self.number = number
        self.session = session
        self.user = user
        self.connection = connection
        self.text = text
        self.move = move
        self.picture = picture
    }

    /// Whether it is told to those in the call alone, so that nobody can make sense of it without the
    /// call's state.
    package var needsPicture: Bool {
        switch name {
        case "user_muted", "user_unmuted", "user_raise_hand", "user_unraise_hand",
            "user_reacted", "call_host_changed":
            true
        default: false
        }
    }

    static let prefix = "custom_com.mattermost.calls_"
}

/// What a text on a person's websocket is.
enum HeardText {
    case event(HeardEvent)
    /// To the message of that number; with the reason if it was refused.
    case reply(Int, fault: String?)

    init?(_ text: [UInt8]) {
        let limits = JSONLimits(elements: 100_000)
        guard let json = try? JSONValue(parsing: text.span, limits: limits) else { return nil }
        if let reply = json["seq_reply"]?.integer {
            let fault = json["error"].map { $0["message"]?.string ?? "a fault without words" }
            self = .reply(Int(reply), fault: fault)
            return
        }
        guard let name = json["event"]?.string, let number = json["seq"]?.integer,
            let data = json["data"]
        else { return nil }
        let isOfCalls = name.hasPrefix(HeardEvent.prefix)
        var event = HeardEvent(
            isOfCalls ? String(name.dropFirst(HeardEvent.prefix.count)) : name,
            Int(number)
        )
        event.session = data["session_id"]?.string
        event.user = data["user_id"]?.string ?? data["userID"]?.string
        event.connection = data["connection_id"]?.string ?? data["connID"]?.string
        event.host = data["hostID"]?.string
        event.text = data["data"]?.string
        event.move = data["move"]?.string
        if event.name == "call_state" {
            guard let call = data["call"]?.string, let picture = CallPicture(call) else {
                return nil
            }
            event.picture = picture
        }
        self = .event(event)
    }
}
