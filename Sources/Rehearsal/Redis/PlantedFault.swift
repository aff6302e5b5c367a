/// Mistakes that a rehearsal can be told to make, each of which its checks must find.
package enum PlantedFault: String, CaseIterable, Sendable {
    /// A token is only a count: what a lost history issued is issued again.
    case tokensWithoutGeneration
    /// What a member placed counts as placed in its later lives, too.
    case placesForgetLives
    /// Ending a call ends whatever is in its place.
    case endIsUnconditional
    /// A member is declared dead although it has moved since.
    case evictionIsBlind
    /// Members vote against others while they promise not to.
    case promisesAreBroken
    /// A member does not learn what Redis has noted under it.
    case claimsAreNotAdopted
    /// Deadlines are counted from when an answer came.
    case deadlinesFromAnswers
    /// Who hosts says so to Redis only, never to the others, and Redis forgets.
    case nothingIsSaidAgain
}
