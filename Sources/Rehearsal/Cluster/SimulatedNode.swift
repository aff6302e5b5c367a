internal import Basics
internal import Coordination

/// A process with its own clock, its connection to Redis, and its links.
struct SimulatedNode: Sendable {
    /// A request that was sent and not answered.
    struct Pending: Sendable {
        var number: UInt64
        var request: RegistryRequest
        var sent: Instant
    }

    /// A call of its own that is on its way for the sake of the load.
    struct Gift: Sendable {
        var place: HostedPlace
        var number: UInt64
    }

    let name: NodeName
    var id: MemberID
    var node: ClusterNode
    /// Parts in a million that its clock is fast.
    var drift: Int64
    var offset: Int64
    var isRunning = true
    /// Nothing is done before this moment; what comes waits.
    var frozenUntil: Int64 = 0
    var backlog: [ClusterEvent] = []
    /// Counts what becomes void with the process.
    var boot = 0

    var connection = 0
    var isConnected = false
    var server = 0
    /// In the order in which they were sent.
    var pending: [Pending] = []
    var lastRequest: UInt64 = 0
    /// When the last thing sent, or answered, on this connection arrives: what follows comes after.
    var lastArrival: Int64 = 0
    var lastReply: Int64 = 0

    var balancer: Rebalancer?
    var gifts: [Channel: Gift] = [:]

    var wakeTime: Int64 = .max
    var fences = 0
    var refusals = 0
    /// Whether it had a right to host when it was last looked at.
    var hasHeld = false
    var knows: Set<MemberID> = []
    /// The revision of its book when that was last looked into.
    var seen: UInt64?

    /// What a node does about an event, and how it stands afterwards.
    struct Turn {
        var actions: [ClusterAction]
        var holdsUntil: Instant?
        var deadline: Instant?
    }

    /// One step for all three, since to look at a node from outside is to copy it.
    mutating func take(_ event: ClusterEvent, at now: Instant) -> Turn {
        let actions = node.receive(event, at: now)
        return Turn(actions: actions, holdsUntil: node.holdsUntil, deadline: node.deadline)
    }

    func isWaiting(for number: UInt64) -> Bool { pending.contains { $0.number == number } }

    mutating func takePending(_ number: UInt64) -> Pending? {
        // Answers come in order, so it is the first but for what has been lost.
        pending.firstIndex { $0.number == number }.map { pending.remove(at: $0) }
    }

    func clock(at time: Int64) -> Instant {
        Instant(nanoseconds: offset + time + time / 1_000_000 * drift)
    }

    /// When its clock will show this.
    func time(of instant: Instant) -> Int64 {
        let local = instant.nanoseconds - offset
        return local - local / (1_000_000 + drift) * drift
    }
}
