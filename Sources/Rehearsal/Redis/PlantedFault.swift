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
    /// A node goes on hosting after its right to has run out.
    case gateIsIgnored
    /// Who has Sentinels believes a Redis for as long as it answers, confirmed or not.
    case deposedMasterIsBelieved
}

extension PlantedFault {
    /// The schedule in which it must be found, among so many seeds.
    package var proof: (schedule: Schedule, seeds: UInt64) {
        switch self {
        case .promisesAreBroken: (.livingOnPromises, 20)
        case .tokensWithoutGeneration: (.forgetfulRedis, 30)
        case .claimsAreNotAdopted: (.lostAnswers, 60)
        case .nothingIsSaidAgain: (.newcomerToAnEmptyRedis, 20)
        case .deadlinesFromAnswers: (.lateAnswer, 60)
        case .endIsUnconditional: (.storm, 80)
        case .evictionIsBlind: (.storm, 60)
        case .placesForgetLives: (.briefIsolation, 10)
        case .gateIsIgnored: (.storm, 60)
        case .deposedMasterIsBelieved: (.deposedMaster, 20)
        }
    }

    /// What must be wrong besides, since it would heal this one.
    package var companions: Set<PlantedFault> {
        self == .placesForgetLives ? [.claimsAreNotAdopted] : []
    }

    /// The first seed of its schedule that shows it, if any does.
    package func firstViolation() -> (seed: UInt64, violation: Report.Violation)? {
        let (schedule, seeds) = proof
        return schedule.firstViolation(among: 0..<seeds, flaws: companions.union([self]))
    }
}
