package import Basics
internal import IO

/// Whether the user that a Redis knows us by may do what a node does, and no more.
package struct RedisRightsCheck: Check {
    private let url: Secret
    private let cluster: String
    private let patience: Duration

    package init(_ url: Secret, cluster: String, patience: Duration = .seconds(2)) {
        self.url = url
        self.cluster = cluster
        self.patience = patience
    }

    package var name: String { "redis rights" }

    package func look() -> Outcome {
        RedisDialogue.asking(url, within: patience) { dialogue throws(RedisDialogue.Fault) in
            let key = "r1:{\(cluster)}:doctor"
            let script = "return redis.call('ZCARD', KEYS[1])"
            let questions = [
                RedisCommand("GET", key), RedisCommand("EVAL", script, "1", key),
                RedisCommand("PUBLISH", key, "looks"), RedisCommand("TIME"),
            ]
            for question in questions {
                if let why = try dialogue.ask(question).refusal {
                    return .fail("may not \(question) \(key): \(why.prefix(120))", remedy: rule)
                }
            }
            guard try dialogue.ask("GET", "doctor").refusal != nil else {
                return username?.isEmpty == false
                    ? .warn("may touch keys that are not this cluster's", remedy: rule)
                    : .ok("may do everything; fine if this Redis is for this cluster alone")
            }
            return .ok("may touch this cluster's keys alone")
        }
    }

    /// A URL that can't be read is told of when it is opened.
    private var username: String? {
        (try? RedisPlace(url.revealedText))?.username
    }

    private var rule: String {
        let user = username ?? ""
        return """
            redis-cli acl setuser \(user.isEmpty ? "roost" : user) on '>PASSWORD' resetkeys resetchannels \
              '~r1:{\(cluster)}:*' '&r1:{\(cluster)}:*' -@all +@read +@write +@pubsub +@scripting \
              +@connection +@transaction -@dangerous +info +role +wait +time
            """
    }
}
