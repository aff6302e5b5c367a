/// How long a mutex is held without a word, and how often a word is said: the same at every member.
package struct MutexTerms: Hashable, Sendable {
    /// A holder that is not heard of for so long has lost it.
    package var ttl: Duration
    /// What is taken off every deadline of one's own and put on every wait for another's.
    package var guardTime: Duration
    /// How often who waits says so. Only the order of waiting hangs on it, never who holds.
    package var beat: Duration
    /// For how long a majority of the Sentinels naming the master counts; nil without Sentinels.
    package var confirmation: Duration?

    package init(
        ttl: Duration = .seconds(4),
        guardTime: Duration = .milliseconds(80),
        beat: Duration = .milliseconds(500),
        confirmation: Duration? = nil
    ) {
        precondition(guardTime * 4 < ttl, "a mutex must be held for longer than the guard time")
        precondition(beat * 4 <= ttl, "who waits must be heard while others hold")
        if let confirmation {
            precondition(confirmation < ttl, "an old master must not outlive a wait for a holder")
        }
        self.ttl = ttl
        self.guardTime = guardTime
        self.beat = beat
        self.confirmation = confirmation
    }

    package var renewal: Duration { ttl / 4 }
    /// After how long without an answer a holder asks again.
    var retry: Duration { ttl / 16 }
    /// For how long a holder must stand still before others may take its place.
    package var stall: Duration { ttl + guardTime }
    /// By Redis' clock: who waits and has not been heard of for so long is passed over.
    package var patience: Duration { beat * 3 }
    /// By Redis' clock: who was handed the mutex and has not taken it for so long is passed over.
    package var grace: Duration { beat * 2 }
}
