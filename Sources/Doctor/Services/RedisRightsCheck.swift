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
                ["GET", key], ["EVAL", script, "1", key], ["PUBLISH", key, "looks"], ["TIME"],
            ]
            for words in questions {
                let command = RedisCommand(words[0], Array(words.dropFirst()))
                if let why = try dialogue.ask(command).refusal {
                    return .fail("may not \(words[0]) \(key): \(why.prefix(120))", remedy: rule)
                }
            }
            if try dialogue.ask(RedisCommand("GET", "doctor")).refusal != nil {
                return .ok("may touch this cluster's keys alone")
            }
            return user.isEmpty
                ? .ok("may do everything; fine if this Redis is for this cluster alone")
                : .warn("may touch keys that are not this cluster's", remedy: rule)
        }
    }

    /// Whom the URL names, if it is one and does.
    private var user: String {
        do throws(RedisPlaceFault) {
            return try RedisPlace(url.revealedText).username
        } catch {
            return ""
        }
    }

    private var rule: String {
        """
        redis-cli acl setuser \(user.isEmpty ? "roost" : user) on '>PASSWORD' resetkeys resetchannels \
          '~r1:{\(cluster)}:*' '&r1:{\(cluster)}:*' -@all +@read +@write +@pubsub +@scripting \
          +@connection +@transaction -@dangerous +info +role +wait +time
        """
    }
}
