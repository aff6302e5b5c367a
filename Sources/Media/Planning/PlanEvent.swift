/// What happens to a call's media, as ``CallPlan`` is told.
package enum PlanEvent: Sendable {
    /// A participant comes. What they can do is fixed for the session's life.
    case join(SessionID, Abilities)
    case leave(SessionID)
    /// The participant wants to be offered what there is, before any offer of its own.
    case ready(SessionID)
    case offer(SessionID, sdp: String)
    case answer(SessionID, sdp: String)
    case mute(SessionID, Bool)
    /// The participant shares a screen, whose tracks bear this stream's name.
    case screenOn(SessionID, stream: String)
    case screenOff(SessionID)
    case cameraOn(SessionID, stream: String)
    case cameraOff(SessionID)
    /// How large the participant shows the track in this media section.
    case show(SessionID, mid: String, Showing)
    /// The participant wants to make an offer, and nobody else shall meanwhile.
    case lock(SessionID)
    case unlock(SessionID)
    /// Over that channel, or the first that the participant has opened.
    case send(SessionID, channel: UInt16?, isText: Bool, [UInt8], asksForReceipt: Bool = false)
    /// The board of that shard has noticed something.
    case board(BoardEvent, from: Int)

    package struct Abilities: Hashable, Sendable {
        package var decodesAV1: Bool
        /// Whether offers wait for a data channel, as clients of the calls protocol expect.
        package var hasChannel: Bool
        /// Whether tracks of pictures that nobody has announced are passed on as cameras.
        package var announcesTracks: Bool

        package init(decodesAV1: Bool, hasChannel: Bool, announcesTracks: Bool) {
            self.decodesAV1 = decodesAV1
            self.hasChannel = hasChannel
            self.announcesTracks = announcesTracks
        }
    }
}
