package import Basics

/// What is to be done, as ``Call`` answers, in this order.
package enum CallAction: Hashable, Sendable {
    case tell(Audience, ServerEvent)
    case media(ParticipantID, MediaOrder)
    /// An order was carried out, or why not. One for each `CallEvent.order`.
    case answer(OrderOutcome)
    /// What history is to remember.
    case remember(CallMemory)
    /// Something that operators count or apps are told of.
    case note(CallNote)
    /// The call is over and will answer nothing more.
    case over(CallEnding)
}

package enum Audience: Hashable, Sendable {
    /// All connections of everybody who may see the channel, and of the bots in the call.
    case channel
    /// All connections of everybody in ``Call/people``, as that is once the call has answered.
    case participants
    /// All connections of one person.
    case person(PersonID)
    case connection(ConnectionID)
}

/// What is to be done with a participant's media.
package enum MediaOrder: Hashable, Sendable {
    case join(decodesAV1: Bool)
    case leave
    case mute(Bool)
    case screenOn(stream: String)
    case screenOff
    case videoOn(stream: String)
    case videoOff
    case description(MediaDescription)
    case lock
    case unlock
    /// To the participant's first data channel, binary unless text.
    case send(isText: Bool, [UInt8], asksForReceipt: Bool = false)
}

package enum OrderOutcome: Hashable, Sendable {
    case done
    case refused(OrderRefusal)
}

/// The texts are those that stock clients compare or show.
package enum OrderRefusal: String, Error, Hashable, Sendable, CustomStringConvertible {
    case noCall = "no call ongoing"
    case noPermission = "no permissions"
    case notInCall = "requested session or user is not in the call"
    case notAllowed = "not allowed"

    package var description: String { rawValue }
}

package enum CallMemory: Hashable, Sendable {
    case began(CallBeginning)
    case joined(ParticipantID, PersonID, at: WallTime)
    case left(ParticipantID, PersonID, joined: WallTime, at: WallTime)
    case ended(CallSummary)
}

package struct CallBeginning: Hashable, Sendable {
    package var call: CallID
    package var channel: ChannelID
    package var owner: PersonID
    package var title: String
    package var thread: String
    package var started: WallTime

    package init(
        call: CallID,
        channel: ChannelID,
        owner: PersonID,
        title: String = "",
        thread: String = "",
        started: WallTime
    ) {
        self.call = call
        self.channel = channel
        self.owner = owner
        self.title = title
        self.thread = thread
        self.started = started
    }
}

/// A call that is over, as history keeps it.
package struct CallSummary: Hashable, Sendable {
    package var beginning: CallBeginning
    package var ended: WallTime
    /// Everybody who was in it, in the order they first came.
    package var people: [PersonID]
    /// Seconds during which a screen was shared.
    package var screenSeconds: Int
    /// Participant-seconds of camera.
    package var videoSeconds: Int
    package var hasUsedScreen: Bool
    package var hasUsedVideo: Bool
}

/// What metrics and webhooks are made from.
package enum CallNote: Hashable, Sendable {
    case participantJoined(ParticipantID, PersonID)
    case participantLeft(ParticipantID, PersonID)
    case hostChanged(PersonID?)
    /// What a participant reports of its connection.
    case loss(ParticipantID, Double)
    case roundTrip(ParticipantID, seconds: Double)
    case jitter(ParticipantID, seconds: Double)
    /// A participant's quality has become another grade.
    case quality(ParticipantID, mos: Double)
    /// A message that this participant may not send, or not now.
    case refused(ParticipantID?, what: String, why: String)
}
