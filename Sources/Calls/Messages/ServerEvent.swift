/// What the server tells clients, each with the name and members of the protocol.
package enum ServerEvent: Hashable, Sendable {
    /// The join is accepted: the participant's id is the connection's.
    case join(ConnectionID)
    /// Something was not done, and why. Clients of the protocol leave the call when the connection named
    /// is theirs, so one is named only where they are not in the call (any more); who is told of a lesser
    /// failure reads it without a name.
    case error(text: String, ConnectionID?)
    /// A description of media for a participant, who is known by its first connection.
    case signal(MediaDescription, ParticipantID)
    case callStart(CallBeginning, host: PersonID)
    case callEnd(ChannelID)
    /// How the call stands, as this person may see it.
    case callState(ChannelID, CallPicture)
    case userJoined(PersonID, ParticipantID, ChannelID)
    case userLeft(PersonID, ParticipantID, ChannelID)
    case muted(PersonID, ParticipantID, ChannelID, isMuted: Bool)
    case voice(PersonID, ParticipantID, ChannelID, isOn: Bool)
    case screen(PersonID, ParticipantID, ChannelID, isOn: Bool)
    case video(PersonID, ParticipantID, ChannelID, isOn: Bool)
    /// Milliseconds since 1970 at which the hand went up, 0 when it is down.
    case hand(PersonID, ParticipantID, ChannelID, raisedAt: Int64)
    case reacted(PersonID, ParticipantID, ChannelID, Reaction, at: Int64)
    case hostChanged(PersonID?, CallID, ChannelID)
    case jobState(ChannelID, JobPicture)
    case jobStop(JobID, PersonID)
    case caption(PersonID, ParticipantID, ChannelID, text: String)
    case hostMute(ParticipantID, ChannelID, PersonID)
    case hostScreenOff(ParticipantID, ChannelID, PersonID)
    case hostLowerHand(ParticipantID, CallID, ChannelID, host: PersonID, PersonID)
    case hostRemoved(ParticipantID, PersonID, CallID, ChannelID)
    case dismissed(PersonID, CallID)
    case channelEnabled(ChannelID, Bool)
    /// The chat server's own event; clients leave the call on it.
    case userRemoved(PersonID, ChannelID, by: PersonID)
    /// Ours: the call has moved to another node. The participant is in it as before, and begins media anew: a
    /// new peer connection, and an offer as after joining. May be told more than once, with one name of the move.
    case rehost(ParticipantID, ChannelID, move: String)
    /// Ours: how well a participant is connected, from 1 (bad) to 4.5.
    case quality(ParticipantID, ChannelID, mos: Double)
}

extension ServerEvent {
    /// Whether it may come a moment later to a large audience, so that several can be sent at once: of a
    /// thousand who join within seconds, everybody is told of each of the others.
    package var mayWait: Bool {
        switch self {
        case .userJoined, .userLeft: true
        default: false
        }
    }
}
