internal import Basics
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
    /// Whether nodes keep their load even among themselves: the first call has one in it, each next one more.
    package var balances: Bool
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
        balances: Bool = false,
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
        self.balances = balances
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
