package import Basics
package import Coordination

extension Scenario {
    /// What kinds of mishap a drawn scenario may have.
    package struct Weather: Sendable {
        package var mayLoseData: Bool
        package var mayLeaveOldMaster: Bool
        package var mishaps: Int

        package init(mayLoseData: Bool = true, mayLeaveOldMaster: Bool = false, mishaps: Int = 3) {
            self.mayLoseData = mayLoseData
            self.mayLeaveOldMaster = mayLeaveOldMaster
            self.mishaps = mishaps
        }
    }

    /// Draws a scenario. Every seed has a weather of its own: a bug may hide from the average one.
    package init(
        nodes: Int,
        pace: Pace,
        hasSentinels: Bool,
        weather: Weather,
        using random: inout SeededRandom
    ) {
        var mishaps: [Mishap] = []
        for _ in 0..<weather.mishaps {
            let begin = Duration.milliseconds(Int.random(in: 2_500...6_000, using: &random))
            let length = Duration.milliseconds(Int.random(in: 100...2_000, using: &random))
            let one = Int.random(in: 0..<nodes, using: &random)
            let other = (one + Int.random(in: 1..<max(nodes, 2), using: &random)) % nodes
            let lost = Duration.milliseconds(Int.random(in: 0...1_000, using: &random))
            let isSeen = Bool.random(using: &random)
            let kind: Mishap.Kind
            switch Int.random(in: 0..<17, using: &random) {
            case 0: kind = .kill(one, isSeen: isSeen)
            case 1, 2: kind = .freeze(one)
            case 3: kind = .cut(one, other)
            case 4: kind = .cutOneWay(from: one, to: other)
            case 5, 6: kind = .cutFromRedis(one)
            case 7: kind = .isolate(one)
            case 14: kind = .slowRedis(one)
            case 8: kind = .silenceRedis
            case 9, 10:
                guard weather.mayLoseData else {
                    kind = .restartRedis(losing: .zero)
                    break
                }
                if hasSentinels {
                    let left = weather.mayLeaveOldMaster && isSeen ? [one] : []
                    kind = .failOver(losing: lost, leaving: left)
                } else {
                    kind = .restartRedis(losing: lost)
                }
            case 11: kind = weather.mayLoseData ? .emptyRedis : .silenceRedis
            case 15: kind = .stopRedis(isEmptied: weather.mayLoseData && isSeen)
            case 12: kind = .drain(one)
            case 16: kind = .leave(one)
            default: kind = .join
            }
            mishaps.append(Mishap(kind, at: begin, for: length))
        }
        self.init(
            nodes: nodes,
            pace: pace,
            hasSentinels: hasSentinels,
            mishaps: mishaps,
            lateThousandths: [0, 2, 10, 30].randomElement(using: &random) ?? 0
        )
    }

    /// What the rehearsal plays under that number: two to five nodes at either pace, with Sentinels or without,
    /// and one to six mishaps that may overlap. From 100,000 on every fourth has rebalancers at work all the while.
    package static func drawn(_ seed: UInt64) -> Scenario {
        var random = SeededRandom(seed: seed)
        var pace = seed % 2 == 0 ? Pace.lan : Pace.wan
        pace.continuesAlone = false
        var scenario = Scenario(
            nodes: [2, 3, 3, 5][Int(seed % 4)],
            pace: pace,
            hasSentinels: seed % 3 == 2,
            weather: Scenario.Weather(
                mayLeaveOldMaster: seed % 5 == 4,
                mishaps: [1, 2, 3, 3, 4, 6].randomElement(using: &random) ?? 3
            ),
            using: &random
        )
        if seed >= 100_000, seed % 4 == 3 {
            scenario.balances = true
            scenario.channels = 8
        }
        return scenario
    }
}
