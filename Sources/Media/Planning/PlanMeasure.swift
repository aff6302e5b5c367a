/// How long something of a participant's signalling took, for whoever keeps figures.
///
/// Only one side may offer at a time. The lock that sees to it is held by the participant from
/// ``PlanEvent/lock(_:)`` to ``PlanEvent/unlock(_:)``, or by the plan from an offer of its own to the answer.
package enum PlanMeasure: Hashable, Sendable {
    /// From joining to the first data channel.
    case channelOpened(after: Duration)
    /// From being wished for to being had.
    case lockGrabbed(after: Duration)
    case lockHeld(for: Duration)
}
