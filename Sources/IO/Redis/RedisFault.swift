/// Why a command got no answer, and whether it may have run all the same.
package enum RedisFault: Error, Hashable, Sendable {
    /// Redis answered with an error. `code` is its first word: `OOM`, `READONLY`, `NOSCRIPT`, `NOPERM`,
    /// `LOADING`, `WRONGTYPE`, `ERR` and so on.
    case refused(code: String, text: String)
    /// There is no connection, and there was none as long as the command could wait. It was not sent.
    case unreachable(place: String, why: String)
    /// It was sent, or waited to be, and no answer came in time.
    case timedOut(after: Duration, wasSent: Bool)
    /// The connection ended after the command was sent and before its answer came.
    case cutOff(place: String, why: String)
    /// So much waits already that this was not taken.
    case overloaded(limit: Int, of: String)
    /// What answers does not speak as Redis does.
    case malformed(place: String, why: String)
    /// The task that asked was cancelled. It may have been sent.
    case cancelled
    /// The client was closed.
    case closed

    /// Whether the command may have been carried out, or may be yet: the outcome is unknown. Everything
    /// else certainly did nothing, save a script that failed half-way.
    package var mayHaveRun: Bool {
        switch self {
        case .timedOut(_, let wasSent): wasSent
        case .cutOff, .malformed, .cancelled: true
        case .refused, .unreachable, .overloaded, .closed: false
        }
    }

    /// The code of a refusal.
    package var code: String? {
        guard case .refused(let code, _) = self else { return nil }
        return code
    }
}

extension RedisFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .refused(let code, let text):
            "Redis refused: \(code) \(text)" + Self.remedy(for: code)
        case .unreachable(let place, let why):
            "\(place) can't be reached: \(why)"
        case .timedOut(let time, wasSent: true):
            "Redis did not answer within \(time), and may have done it; look at its load and SLOWLOG"
        case .timedOut(let time, wasSent: false):
            "Redis could not be asked within \(time); look at the network and at its load"
        case .cutOff(let place, let why):
            "\(place): the connection ended before the answer (\(why)), and it may have done it"
        case .overloaded(let limit, let things):
            "\(limit) \(things) wait for Redis already; ask less often, or look why it is slow"
        case .malformed(let place, let why):
            "\(place): what answers is no Redis: \(why); check the address and the port"
        case .cancelled:
            "nobody waits for the answer any more"
        case .closed:
            "the Redis client is closed; commands end with the node"
        }
    }

    private static func remedy(for code: String) -> String {
        switch code {
        case "OOM": "; raise maxmemory, and set maxmemory-policy noeviction"
        case "READONLY": "; this is a replica: name the primary, or its sentinels"
        case "NOPERM": "; the ACL user needs +@all on keys and channels that begin with r1:"
        case "NOAUTH", "WRONGPASS": "; correct user and password in redis.url"
        case "LOADING": "; it is reading its data set, and will answer when it has"
        case "MISCONF": "; it can't write its data to disk: look at its log"
        case "NOREPLICAS": "; fewer replicas follow it than min-replicas-to-write says"
        case "MOVED", "ASK", "CROSSSLOT", "CLUSTERDOWN":
            "; this is a Redis Cluster, which spreads keys over servers: name a Redis without "
                + "cluster-enabled, or its sentinels"
        default: ""
        }
    }
}
