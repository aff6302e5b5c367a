/// What a nemesis does.
package enum Blow: String, CaseIterable, Sendable {
    case kill
    case freeze
    case drain
    /// All nodes but one are told to end and started again, so that all calls are on that one; others are to take them over
    /// only because they have fewer.
    case crowd
    /// Nothing passes between the node and one other.
    case cutNodes = "cut-nodes"
    /// Nothing passes between the node and every Redis and sentinel.
    case cutRedis = "cut-redis"
    /// Neither of both; people still reach it.
    case isolate
    /// Nothing passes between the node and people.
    case cutPeople = "cut-people"
    /// What passes between the node and the others is late, lost, or waits for its turn.
    case slowNodes = "slow-nodes"
    case slowRedis = "slow-redis"
    case slowPeople = "slow-people"
    /// The node's clock on the wall is set, and set right again.
    case clock
    case redisRestart = "redis-restart"
    case redisEmpty = "redis-empty"
    case redisAway = "redis-away"
    /// The primary is killed, and the sentinels make the replica one.
    case redisFailover = "redis-failover"
    /// The primary is cut from its replica and the sentinels, and not from nodes: it goes on taking what it will
    /// have lost when the other one is the primary.
    case redisSplit = "redis-split"
    /// Redis' clock on the wall is set.
    case redisClock = "redis-clock"

    package var isOfNode: Bool {
        switch self {
        case .kill, .freeze, .drain, .crowd, .cutNodes, .cutRedis, .isolate, .cutPeople,
            .slowNodes, .slowRedis, .slowPeople, .clock:
            true
        case .redisRestart, .redisEmpty, .redisAway, .redisFailover, .redisSplit, .redisClock:
            false
        }
    }

    /// Whether it is done to what lies between machines, which must be apart for that.
    package var isOfNetwork: Bool {
        switch self {
        case .cutNodes, .cutRedis, .isolate, .cutPeople, .slowNodes, .slowRedis, .slowPeople,
            .redisSplit:
            true
        case .kill, .freeze, .drain, .crowd, .clock, .redisRestart, .redisEmpty, .redisAway,
            .redisFailover, .redisClock:
            false
        }
    }

    /// Whether the calls that the node hosts must go on elsewhere.
    package var movesCalls: Bool {
        switch self {
        case .kill, .freeze, .drain, .isolate: true
        case .crowd, .cutNodes, .cutRedis, .cutPeople, .slowNodes, .slowRedis, .slowPeople, .clock,
            .redisRestart, .redisEmpty, .redisAway, .redisFailover, .redisSplit, .redisClock:
            false
        }
    }

    /// Whether the node's websockets end with it.
    package var endsSockets: Bool { self == .kill || self == .drain }

    /// Whether it takes the node's process, so that nothing else is done to that meanwhile.
    package var isOfProcess: Bool {
        self == .kill || self == .freeze || self == .drain || self == .crowd
    }

    /// Whether it is done to all nodes but the one that it is of.
    package var sparesItsNode: Bool { self == .crowd }

    package var needsSentinels: Bool { self == .redisFailover || self == .redisSplit }

    /// Whether no host can write anything down while it lasts.
    package var keepsFromSaving: Bool { losesData || self == .redisRestart }

    /// Whether Redis may come back without what it had acknowledged.
    package var losesData: Bool {
        self == .redisEmpty || self == .redisFailover || self == .redisSplit
            || self == .redisAway
    }
}
