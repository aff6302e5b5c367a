package import Basics
package import Coordination

/// How a rehearsal goes: so many nodes, this pace, and what befalls them.
package struct Scenario: Sendable {
    package var nodes: Int
    package var pace: Pace
    package var hasSentinels: Bool
    package var mishaps: [Mishap]
    package var channels: Int
    /// How many of a thousand messages come late: most of them a little, some by seconds.
    package var lateThousandths: Int
    /// Of forty things that clients do, how many end or move a call.
    package var restlessness: Int
    /// When everything is mended; nothing befalls anybody any more.
    package var healed: Duration
    package var end: Duration

    package init(
        nodes: Int,
        pace: Pace,
        hasSentinels: Bool = false,
        mishaps: [Mishap],
        channels: Int = 4,
        lateThousandths: Int = 10,
        restlessness: Int = 2,
        healed: Duration = .seconds(8),
        end: Duration = .seconds(11)
    ) {
        self.nodes = nodes
        self.pace = pace
        self.hasSentinels = hasSentinels
        self.mishaps = mishaps
        self.channels = channels
        self.lateThousandths = lateThousandths
        self.restlessness = restlessness
        self.healed = healed
        self.end = end
    }
}

/// Something that befalls a cluster.
package struct Mishap: Sendable {
    package enum Kind: Sendable {
        /// The process ends. `isSeen`: a guard tells the others. It is started again later.
        case kill(Int, isSeen: Bool)
        case freeze(Int)
        case cut(Int, Int)
        /// What the first sends does not reach the second.
        case cutOneWay(from: Int, to: Int)
        case cutFromRedis(Int)
        /// What Redis answers this node comes just before it would stop waiting.
        case slowRedis(Int)
        case isolate(Int)
        /// Redis answers nobody, then goes on with what it had.
        case silenceRedis
        /// Redis is another process, with the data of a moment before.
        case restartRedis(losing: Duration)
        case emptyRedis
        /// Redis is gone for as long, and comes back as another process.
        case stopRedis(isEmptied: Bool)
        /// The replica takes over, without what had not reached it. `leaving`: these nodes, cut from all
        /// others, still have the old master, which does not know that it is deposed.
        case failOver(losing: Duration, leaving: [Int])
        case drain(Int)
        /// One more node is started.
        case join
        /// A node says goodbye.
        case leave(Int)
    }

    package var kind: Kind
    package var begin: Duration
    package var length: Duration

    package init(_ kind: Kind, at begin: Duration, for length: Duration = .zero) {
        self.kind = kind
        self.begin = begin
        self.length = length
    }
}

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
            switch Int.random(in: 0..<16, using: &random) {
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
}
