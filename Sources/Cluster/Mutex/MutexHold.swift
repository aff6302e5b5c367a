internal import Basics
package import Coordination
internal import IO

/// A mutex that is held, for those who do something under it.
///
/// The fence goes into every effect, and whoever stores effects refuses lower ones: that alone is safe
/// against a process that is stopped between the check and the effect. The check before each effect spares
/// those who could know better.
package struct MutexHold: Sendable {
    package let name: MutexName
    package let fence: Token
    let ticket: MutexTicket
    let gate: HoldGate
    /// That of the member: others take the mutex of a dead one at once.
    let membership: HoldGate

    /// Whether it is held at this moment.
    package var isHeld: Bool {
        let now = Loop.readClock()
        return gate.isOpen(at: now) && membership.isOpen(at: now)
    }

    /// Throws unless it is held at this moment.
    package func check() throws(MutexFault) {
        guard isHeld else { throw .lost(name) }
    }
}

/// Why a mutex is not held.
package enum MutexFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// It was not to be had in the time allowed.
    case timedOut(MutexName, after: Duration)
    /// It was held, and no longer is: what is done since must not count.
    case lost(MutexName)
    /// More wait for it than there are places.
    case tooMany(MutexName)
    case cancelled
    /// The node is closing.
    case closed

    package var description: String {
        switch self {
        case .timedOut(let name, let time):
            "the mutex \(name) was not free within \(time); look who holds it: redis-cli HGETALL "
                + "r1:{CLUSTER}:mx:\(name)"
        case .lost(let name):
            "the mutex \(name) was lost before its work was done: Redis did not confirm it in time, or "
                + "somebody else has it; begin again"
        case .tooMany(let name):
            "too many wait for the mutex \(name) already; try again later"
        case .cancelled: "nobody waits for the mutex any more"
        case .closed: "the node is closing, and takes no mutexes any more"
        }
    }
}
