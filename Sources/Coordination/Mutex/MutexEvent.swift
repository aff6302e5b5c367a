package import Basics

/// Somebody on this node who wants the mutex. Numbers are drawn in order, and never twice.
package struct MutexTicket: Hashable, Sendable, Comparable {
    package var number: UInt64

    package init(number: UInt64) {
        self.number = number
    }

    package static func < (lhs: MutexTicket, rhs: MutexTicket) -> Bool { lhs.number < rhs.number }
}

/// What happens to a node's claim to one mutex.
package enum MutexEvent: Hashable, Sendable {
    /// Somebody on this node wants it, behind those who do already.
    case enter(MutexTicket)
    /// Somebody holds it no longer, or no longer wants it.
    case leave(MutexTicket)
    /// Redis is in this era, as this node knows since then; nil while nobody knows.
    case era(MutexEra?, since: Instant)
    /// A majority of the Sentinels, asked at that instant, names the Redis that is asked as master.
    case confirmed(sentAt: Instant)
    /// Somebody has handed it over, or news may have been missed.
    case noticed
    /// The member is dead in that life, as all agree.
    case died(MemberID, Life)
    /// This member has lost its right to do anything: others may have been told that it is dead.
    case fenced
    /// This member is in the cluster, in this life.
    case joined(Life)
    case answered(MutexAnswer, to: MutexRequest, sentAt: Instant)
    /// No answer came, or one that says nothing. It may have been done.
    case failed(MutexRequest)
    /// ``MutexClaim/deadline`` has come.
    case woke
}

package enum MutexAction: Hashable, Sendable {
    case ask(MutexRequest)
    /// It is this one's, with this fence.
    case begin(MutexTicket, Token)
    /// It is this one's no longer, though it has not let go.
    case lose(MutexTicket, MutexLoss)
    /// It can't have it.
    case refuse(MutexTicket)
}

package enum MutexLoss: String, Hashable, Sendable {
    case taken = "somebody else has the mutex; what was done since is refused by its fence"
    case fenced =
        "this node has lost its right to host, and the others may have been told that it is dead"
    case unrenewed = "Redis did not confirm in time that this node still has the mutex"
    case unconfirmed = "the sentinels did not confirm in time that Redis is the master"
}
