/// Which history of Redis' data is asked for, as in ``RegistryRequest``.
package struct MutexEra: Hashable, Sendable {
    package var generation: Generation
    package var run: RedisRun

    package init(generation: Generation, run: RedisRun) {
        self.generation = generation
        self.run = run
    }
}

/// Who holds a mutex or waits for it: a member, in one of its lives and rounds. A round is one place in the
/// queue and, later, one hold; it has the number of the ticket that opened it. The life says whether the
/// death of a member is the death of this owner: who has come back holds anew.
///
/// In text `crow#00c0ffee00c0ffee/2/17`. Nodes of an earlier version write no life, `crow#00c0ffee00c0ffee/17`: whether
/// one of these is dead nobody can tell, and its time is waited for.
package struct MutexOwner: Hashable, Sendable, CustomStringConvertible {
    package var member: MemberID
    package var life: Life?
    package var round: UInt64

    package init(member: MemberID, life: Life?, round: UInt64) {
        self.member = member
        self.life = life
        self.round = round
    }

    /// Reads an owner; nil unless it is exactly one.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard 2...3 ~= parts.count, let member = MemberID(parts[0]),
            let round = UInt64(decimal: parts[parts.count - 1])
        else { return nil }
        guard parts.count == 3 else {
            self.init(member: member, life: nil, round: round)
            return
        }
        guard let life = UInt64(decimal: parts[1]) else { return nil }
        self.init(member: member, life: Life(life), round: round)
    }

    package var description: String {
        ["\(member)", life.map { "\($0)" }, "\(round)"].compactMap(\.self).joined(separator: "/")
    }
}

/// What is asked of Redis about one mutex: one script each.
package struct MutexRequest: Hashable, Sendable {
    package var name: MutexName
    package var era: MutexEra
    package var owner: MutexOwner
    package var order: MutexOrder

    package init(name: MutexName, era: MutexEra, owner: MutexOwner, order: MutexOrder) {
        self.name = name
        self.era = era
        self.owner = owner
        self.order = order
    }
}

package enum MutexOrder: Hashable, Sendable {
    /// Takes it, takes what was handed over, or waits: said again as long as one waits. Who holds it
    /// already gets the same fence again.
    ///
    /// - `seizing`: whom the asker has seen stand still for too long, which must still be true.
    /// - `isSettled`: the asker knows the era for so long that nobody can hold anything from before.
    case lock(seizing: MutexHolder?, isSettled: Bool)
    /// Extends a hold, or says it again where Redis has forgotten it.
    case relock(Token)
    /// Ends a hold and hands over to who waits longest.
    case unlock(Token)
    /// Waits no more.
    case quit
}

/// A holder as it was seen: whoever moves changes the sequence.
package struct MutexHolder: Hashable, Sendable {
    package var owner: MutexOwner
    package var fence: Token
    package var sequence: UInt64

    package init(owner: MutexOwner, fence: Token, sequence: UInt64) {
        self.owner = owner
        self.fence = fence
        self.sequence = sequence
    }
}

/// What Redis answers.
package enum MutexAnswer: Hashable, Sendable {
    /// Redis is in another era.
    case stale
    case granted(Token)
    /// Somebody holds it, or was handed it. The asker waits in the queue.
    case busy(MutexHolder)
    /// Nobody holds it that Redis knows of, but somebody may have before it forgot. The asker waits.
    case unsettled
    /// More wait than the queue has places for.
    case full
    case renewed
    /// Somebody else has it, or nobody: the asker does not.
    case lost
    /// It was the asker's, and no longer is.
    case released
}
