/// Why a channel can't be given a place now. Calls that run are not touched by any of this.
package enum PlacementFault: Hashable, Sendable, Error {
    /// This member's right to host has run out; it is coming back.
    case fenced
    /// It has not yet come into the cluster.
    case notJoined
    /// Redis has not answered for this long.
    case redisUnreachable(since: Duration)
    case redisUnwilling(String)
    /// Too few of the other members answer.
    case isolated(reached: Int, of: Int)
    /// Redis may have forgotten calls; those who host them are given time to say so.
    case settling
    /// No majority of Sentinels has lately said which Redis is the master.
    case masterUnconfirmed
    /// Every member is draining, full or marked.
    case noneFit
    /// The member that was asked in this one's stead did not answer.
    case unanswered
    /// More claims wait than the limit.
    case tooMany
    case leaving
}

extension PlacementFault {
    /// Whether a member that has it may not have heard where calls are, until it is over.
    package var leavesInTheDark: Bool {
        switch self {
        case .fenced, .notJoined, .redisUnreachable, .redisUnwilling, .isolated, .settling,
            .masterUnconfirmed:
            true
        case .noneFit, .unanswered, .tooMany, .leaving: false
        }
    }
}

extension PlacementFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .fenced:
            "this node has lost its right to host and is coming back; try again in a second"
        case .notJoined:
            "this node is not in the cluster yet; try again, or another node"
        case .redisUnreachable(let since):
            """
            Redis has not answered for \(since.components.seconds) s; running calls go on, new ones \
            can start once it does
            """
        case .redisUnwilling(let why):
            "Redis refuses to write (\(why)); running calls go on, new ones can start once it does"
        case .isolated(let reached, let count):
            """
            only \(reached) of \(count) nodes reach each other; new calls start where a majority does
            """
        case .settling:
            "Redis was replaced or restarted; new calls can start in a second"
        case .masterUnconfirmed:
            "no majority of Sentinels says which Redis is the master; check the Sentinels"
        case .noneFit:
            "every node is draining, full or marked; add a node or raise the limits"
        case .unanswered:
            "the node that was to host the call did not answer; try again"
        case .tooMany:
            "too many calls are being started at once; try again in a second"
        case .leaving:
            "this node is shutting down; try another"
        }
    }
}
