/// What Redis answers to a ``RegistryRequest``.
package enum RegistryAnswer: Hashable, Sendable {
    /// The gate is shut: Redis is at this generation, begun in this run. Nil if it has none.
    case stale(Generation?, RedisRun?)
    /// It is done, and there is nothing to say.
    case done
    /// To register, renew, bump, drain, leave and evict: everybody's record, and how many calls are
    /// noted under the asker.
    case table(MemberTable, owned: UInt64)
    case cards([MemberID: MemberCard])
    /// Redis knows nothing of the asker; it must register.
    case unregistered
    /// The asker's life is over: it was declared dead, or has come back under a later one.
    case evicted
    /// Another member of the asker's name is alive.
    case namesake(MemberID, MemberTable)
    /// What was to be declared dead, moved, ended or saved is not what it was taken for.
    case refused

    case placed(Token)
    /// Somebody alive has the channel already.
    case occupied(Place)
    /// What was said again, and what somebody else has under a higher token.
    case asserted([HostedPlace], lost: [LostPlace])
    case taken([TakenPlace])
    case listed([Channel], next: UInt64)

    package struct LostPlace: Hashable, Sendable {
        package var channel: Channel
        package var place: Place

        package init(channel: Channel, place: Place) {
            self.channel = channel
            self.place = place
        }
    }
}

/// Why a request has no answer.
package enum RegistryFault: Hashable, Sendable, Error {
    /// Redis did not answer in time, or the connection was cut. What was asked may have been done.
    case unanswered
    /// Redis answered that it won't: full, read-only, still loading, or no permission.
    case unwilling(String)
    /// The answer is not one that the scripts give.
    case unreadable
}
