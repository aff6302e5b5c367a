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
        write(person, as: "user_id", into: &json)
        write(channel, as: "channel_id", into: &json)
        json.member("team_id", "")
        write(connection, as: "connection_id", into: &json)
        json.member("omit_connection_id", "")
        json.endObject()
    }

    private func write<Kind>(_ id: ID<Kind>?, as name: String, into json: inout JSONWriter) {
        if let id {
            json.member(name, id)
        } else {
            json.member(name, "")
        }
    }
}
