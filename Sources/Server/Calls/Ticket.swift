internal import Coordination

/// One wish of a connection to be in a call. Whoever leaves and comes again has another, so that what a
/// call says of the first changes nothing about the second.
struct Ticket: Hashable, Sendable {
    /// Counted by the node of the connection's websocket.
    var number: Int
    /// The node, if it is not this one.
    var member: MemberID?
}
