package import Calls

/// A call that somebody here is in or asks about, whether it roosts on this node (``CallActor``) or on another
/// (``RelayedCall``). What is said from one thread arrives in that order.
protocol RunningCall: AnyObject, Sendable {
    var channel: ChannelID { get }
    /// Under which it roosts where it does; nil on a node that is alone.
    var fence: Fence? { get }

    /// Takes somebody in, or says that the call is over by now, before or after it was asked.
    func join(
        _ joiner: Joiner,
        _ ticket: Ticket,
        seesChannel: Bool,
        ifOver again: @escaping @Sendable () -> Void
    )
    /// Gives a participant another connection, if it is theirs to have.
    func reconnect(_ reconnect: Reconnect, _ ticket: Ticket)
    /// The connection was cut and has been resumed under the name it had.
    func resume(_ connection: ConnectionID, of person: PersonID, _ ticket: Ticket)
    /// Whoever is at this connection says something.
    func hear(_ word: Word, from connection: ConnectionID)
    /// Tells the person at this connection how the call stands.
    func tellState(to connection: ConnectionID, of person: PersonID)
    /// The connection's socket is gone, and may come back.
    func lose(_ connection: ConnectionID)
    func expel(_ person: PersonID, _ why: Expulsion)

    /// Nil if the call is over, or can't be asked.
    func picture(for person: PersonID?) async -> CallPicture?
    func order(_ order: HostOrder, by authority: Authority) async -> OrderOutcome
    /// False if the call is over, or can't be asked.
    func take(_ errand: CallErrand) async -> Bool
}

extension RunningCall {
    /// Whether this is the channel's call at a later host than the other's, or the same one's later.
    func isLater(than other: any RunningCall) -> Bool {
        guard let fence, let known = other.fence else { return false }
        return fence > known
    }
}

/// Something that is done to a call from outside, by no participant.
package enum CallErrand: Hashable, Sendable {
    /// The person does not want to be rung.
    case dismiss(PersonID)
    case expel(PersonID, Expulsion)
    case end(CallEnding)

    var event: CallEvent {
        switch self {
        case .dismiss(let person): .dismiss(person)
        case .expel(let person, let why): .expel(person, why)
        case .end(let ending): .end(ending)
        }
    }
}
