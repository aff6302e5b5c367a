package import Basics

/// Whether a Redis is the one to write to, and stops taking writes when it is cut off from those that
/// would replace it.
package struct RedisReplicasCheck: Check {
    private let url: Secret
    private let patience: Duration

    package init(_ url: Secret, patience: Duration = .seconds(2)) {
        self.url = url
        self.patience = patience
    }

    package var name: String { "redis replicas" }

    package func look() -> Outcome {
        RedisDialogue.asking(url, within: patience) { dialogue throws(RedisDialogue.Fault) in
            let facts = try dialogue.facts("replication")
            guard let role = facts["role"] else {
                return .ok("it doesn't show whether it has replicas")
            }
            guard role == "master" else {
                return .fail(
                    "is a replica of \(facts["master_host"] ?? "another"), and takes no writes",
                    remedy: "set redis.url to the primary, or redis.sentinels to who knows it"
                )
            }
            let count = Int(facts["connected_slaves"] ?? "0") ?? 0
            guard count > 0 else { return .ok("none; what it keeps goes with its machine") }
            let least = try dialogue.setting("min-replicas-to-write")
            let lag = try dialogue.setting("min-replicas-max-lag")
            return judge(count, least, lag)
        }
    }

    private func judge(_ count: Int, _ least: String?, _ lag: String?) -> Outcome {
        let seen = "\(count) of them"
        guard let least, let lag else { return .ok("\(seen); it doesn't show how many it needs") }
        guard least != "0", lag == "1" || lag == "2" else {
            return .warn(
                "\(seen), and cut off from them it would still take writes, which are lost later",
                remedy: """
                    redis-cli config set min-replicas-to-write 1
                    redis-cli config set min-replicas-max-lag 1
                    and the same two lines in redis.conf
                    """
            )
        }
        return .ok("\(seen), needs \(least) no more than \(lag)s behind")
    }
}
