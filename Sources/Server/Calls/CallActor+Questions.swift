internal import Calls
internal import Cluster
internal import Coordination

// What can be asked of a call without changing anything.
extension CallActor {
    func picture(for person: PersonID?) -> CallPicture? {
        isOver ? nil : call.picture(for: person)
    }

    /// Nil if it is over, or on its way to another node.
    var movable: MovableCall? {
        guard !isOver, !isPacked else { return nil }
        return MovableCall(
            channel: Channel(channel),
            people: UInt64(call.sessionCount),
            follows: call.isFollowed
        )
    }

    /// Nil if the session is in another call, or none.
    func whereabouts(of participant: ParticipantID, host: MemberID) -> Whereabouts? {
        guard !isOver, call.knows(participant) else { return nil }
        let connection = call.connection(of: participant)
        return Whereabouts(
            channel: channel,
            host: host,
            connection: connection,
            websocket: connection.map { homes[$0] ?? host }
        )
    }
}
