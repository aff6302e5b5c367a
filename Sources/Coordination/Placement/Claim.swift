internal import Basics

/// A channel that somebody here, or a member that passes it on, wants a host for.
struct Claim: Sendable {
    enum Waiter: Hashable, Sendable {
        case local(UInt64)
        case peer(MemberID, UInt64)
    }

    enum Phase: Sendable {
        /// For what stands in the way to go.
        case waiting(retry: Instant)
        /// Redis.
        case asking
        /// The others, whether somebody hosts what Redis may have forgotten.
        case inquiring(number: UInt64, answered: [MemberID], until: Instant)
        /// Another member to claim it in this one's stead.
        case passing(number: UInt64, to: MemberID, until: Instant)
    }

    /// How long who claims is kept waiting before being told why not: longer than a newcomer's first generation
    /// takes to settle.
    static let patience = Duration.milliseconds(2_000)
    static let waiterLimit = 256

    var phase: Phase
    var waiters: [Waiter]
    var above: Token?
    var chance: UInt64
    var began: Instant
    var attempts = 0
    /// Who has answered an inquiry by naming a host that is not believed, and whom.
    var pointers: [MemberID: MemberID] = [:]
    /// Members that did not want it, whatever is known of their load.
    var declined: [MemberID] = []

    /// Whether this member must do it itself: another one was not fit and passed it here.
    var isPassedHere: Bool {
        waiters.contains { if case .peer = $0 { true } else { false } }
    }
}
