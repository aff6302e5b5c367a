internal import Wire

/// Whom an event is meant for, as it says itself: at most one of these is named.
///
/// Clients take an event to be of the channel named here if its data names none, and pass over one
/// whose connection is neither the one they have nor the one they came by.
struct EventBroadcast: Hashable, Sendable {
    var channel: ChannelID?
    var person: PersonID?
    var connection: ConnectionID?

    func write(into json: inout JSONWriter) {
        json.beginObject()
        json.key("omit_users")
        json.null()
        json.member("user_id", person?.description ?? "")
        json.member("channel_id", channel?.description ?? "")
        json.member("team_id", "")
        json.member("connection_id", connection?.description ?? "")
        json.member("omit_connection_id", "")
        json.endObject()
    }
}
