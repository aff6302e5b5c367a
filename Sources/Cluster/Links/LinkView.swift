package import Coordination

/// What operators are shown of the way to a member.
package struct LinkView: Hashable, Sendable {
    /// Through whom it is spoken to, if it can't be reached itself.
    package var third: MemberID?
    /// Why it can't be reached.
    package var trouble: String?
}
