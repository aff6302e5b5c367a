internal import Basics
internal import Coordination

/// What befalls a cluster in the rehearsals that have a name.
package enum Schedule: String, CaseIterable, Sendable {
    /// A node that only one of the others reaches, and that has no Redis.
    case livingOnPromises
    /// Redis loses its last second, twice, and once a node that has just been given calls.
    case forgetfulRedis
    /// Redis is emptied, and a node comes that one of the others can't tell what it hosts.
    case newcomerToAnEmptyRedis
    /// Each in turn loses what Redis answers for a moment.
    case lostAnswers
    /// A node sleeps with an answer in its socket, and is cut off when it wakes.
    case lateAnswer
    /// A node is cut off just long enough to lose its right, and not long enough to be declared dead.
    case briefIsolation
    /// Everybody is cut off in turn, much comes late, and calls end and move all the time.
    case storm
    /// A node is cut off again and again while what it sends Redis comes seconds late, so that what it asked
    /// in an earlier life may arrive in a later one.
    case lateRegistration
    /// Sentinels make another Redis the master, and a node that is cut from all others keeps the old one.
    case deposedMaster

    package func scenario(_ seed: UInt64) -> Scenario {
        switch self {
        case .livingOnPromises: Self.livingOnPromises(seed)
        case .forgetfulRedis: Self.forgetfulRedis(seed)
        case .newcomerToAnEmptyRedis: Self.newcomerToAnEmptyRedis(seed)
        case .lostAnswers: Self.lostAnswers(seed)
        case .lateAnswer: Self.lateAnswer(seed)
        case .briefIsolation: Self.briefIsolation(seed)
        case .storm: Self.storm(seed)
        case .lateRegistration: Self.lateRegistration(seed)
        case .deposedMaster: Self.deposedMaster(seed)
        }
    }

    package func firstViolation(
        among seeds: Range<UInt64>,
        flaws: Set<PlantedFault> = []
    ) -> (seed: UInt64, violation: Report.Violation)? {
        Self.firstViolation(among: seeds, flaws: flaws, scenario)
    }

    /// Plays a scenario with one seed after another, until something is wrong or the seeds are over.
    package static func firstViolation(
        among seeds: Range<UInt64>,
        flaws: Set<PlantedFault> = [],
        _ scenario: (UInt64) -> Scenario
    ) -> (seed: UInt64, violation: Report.Violation)? {
        for seed in seeds {
            var cluster = SimulatedCluster(scenario(seed), seed: seed, flaws: flaws)
            if let violation = cluster.run().violations.first { return (seed, violation) }
        }
        return nil
    }

    package static func three(
        _ mishaps: [Mishap],
        late: Int = 0,
        restlessness: Int = 2,
        hasSentinels: Bool = false
    ) -> Scenario {
        var pace = Pace.lan
        pace.continuesAlone = false
        return Scenario(
            nodes: 3,
            pace: pace,
            hasSentinels: hasSentinels,
            mishaps: mishaps,
            lateThousandths: late,
            restlessness: restlessness
        )
    }

    private static func livingOnPromises(_ seed: UInt64) -> Scenario {
        three([
            Mishap(.cutFromRedis(0), at: .milliseconds(3_000), for: .seconds(3)),
            Mishap(.cut(0, 1), at: .milliseconds(3_000), for: .seconds(3)),
        ])
    }

    private static func forgetfulRedis(_ seed: UInt64) -> Scenario {
        let begin = later(seed, than: 3_000)
        return three([
            Mishap(.restartRedis(losing: .milliseconds(900)), at: begin),
            Mishap(.kill(0, isSeen: true), at: begin + .milliseconds(10), for: .milliseconds(500)),
            Mishap(.restartRedis(losing: .milliseconds(900)), at: begin + .seconds(2)),
        ])
    }

    private static func newcomerToAnEmptyRedis(_ seed: UInt64) -> Scenario {
        let begin = later(seed, than: 3_000)
        return three([
            Mishap(.cut(0, 3), at: .milliseconds(3_000), for: .seconds(4)),
            Mishap(.emptyRedis, at: begin),
            Mishap(.join, at: begin + .milliseconds(300)),
        ])
    }

    private static func lostAnswers(_ seed: UInt64) -> Scenario {
        three(
            (0..<6).map { turn in
                Mishap(
                    .cutFromRedis(turn % 3),
                    at: later(seed, than: 2_500 + turn * 700),
                    for: .milliseconds(250)
                )
            }
        )
    }

    private static func lateAnswer(_ seed: UInt64) -> Scenario {
        let begin = later(seed, than: 4_000)
        return three([
            Mishap(.slowRedis(0), at: .milliseconds(2_500), for: .seconds(5)),
            Mishap(.freeze(0), at: begin, for: .milliseconds(590)),
            Mishap(.isolate(0), at: begin + .milliseconds(310), for: .seconds(3)),
        ])
    }

    private static func briefIsolation(_ seed: UInt64) -> Scenario {
        three([
            Mishap(.isolate(0), at: later(seed, than: 3_000), for: .milliseconds(640)),
            Mishap(.isolate(0), at: later(seed, than: 5_000), for: .milliseconds(660)),
        ])
    }

    private static func storm(_ seed: UInt64) -> Scenario {
        three(
            (0..<6).map { turn in
                Mishap(
                    .isolate(turn % 3),
                    at: later(seed, than: 2_500 + turn * 800),
                    for: .milliseconds(700)
                )
            },
            late: 150,
            restlessness: 16
        )
    }

    private static func lateRegistration(_ seed: UInt64) -> Scenario {
        three(
            (0..<5).map { turn in
                Mishap(
                    .isolate(0),
                    at: later(seed, than: 2_500 + turn * 900),
                    for: .milliseconds(650 + turn * 10)
                )
            },
            late: 600
        )
    }

    private static func deposedMaster(_ seed: UInt64) -> Scenario {
        three(
            [
                Mishap(
                    .failOver(losing: .milliseconds(200), leaving: [0]),
                    at: later(seed, than: 3_500),
                    for: .seconds(3)
                )
            ],
            hasSentinels: true
        )
    }

    /// So that the same befalls each seed at another moment of its beats.
    package static func later(_ seed: UInt64, than milliseconds: Int) -> Duration {
        .milliseconds(milliseconds + Int(seed * 7_919 % 400))
    }
}
