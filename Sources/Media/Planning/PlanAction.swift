/// What is to be done, as ``CallPlan`` answers.
package enum PlanAction: Sendable {
    /// For the board of this shard.
    case board(shard: Int, BoardCommand)
    case tell(SessionID, Signal)
    case measured(PlanMeasure)

    /// What a participant is told about media.
    package enum Signal: Hashable, Sendable {
        case answer(sdp: String)
        /// What the media sections of the offer carry comes first: clients look it up when a track
        /// appears.
        case offer(sdp: String, tracks: [MappedTrack])
        case connected
        case locked(Bool)
        case voice(SessionID, isOn: Bool)
        case channelMessage(channel: UInt16, isText: Bool, [UInt8])
        /// All messages so far have arrived, as was asked for.
        case delivered
        /// What the participant asked for was not done.
        case refused(what: String, why: String)
        /// Which encodings of the participant's track anybody wants.
        case wanted(mid: String, rids: [String])
        /// Media is over. The session may join again.
        case over(PeerEnd)
    }

    package struct MappedTrack: Hashable, Sendable {
        package var mid: String
        package var role: TrackRole
        package var sender: SessionID

        package init(mid: String, role: TrackRole, sender: SessionID) {
            self.mid = mid
            self.role = role
            self.sender = sender
        }
    }
}
