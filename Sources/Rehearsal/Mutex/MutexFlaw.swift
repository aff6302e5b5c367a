/// Mistakes about mutexes that a rehearsal can be told to make, each of which its checks must find.
package enum MutexFlaw: String, CaseIterable, Sendable {
    /// A mutex is seized from a holder who has moved since.
    case seizingIsBlind
    /// Ending a hold ends whatever hold there is.
    case unlockIsUnconditional
    /// A hold is extended whoever has the mutex now.
    case relockIsUnconditional
    /// Deadlines are counted from when an answer came.
    case deadlinesFromAnswers
    /// What looks free after Redis has forgotten something is taken at once.
    case nothingSettles
    /// A fence is only a count: what a lost history issued is issued again.
    case fencesWithoutGeneration
    /// A hold that Redis had handed out before it forgot things is taken up again as it was.
    case oldGrantsReturn
    /// Nobody waits longer for another's hold than their own would last.
    case noGuardTime
}
