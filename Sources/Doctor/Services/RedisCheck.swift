package import Basics

/// Whether a Redis can be reached, lets us in, is new enough, and forgets nothing to make room.
package struct RedisCheck: Check {
    private let url: Secret
    private let patience: Duration

    /// `redis://user:password@host:port/0`, secret for the sake of its password.
    package init(_ url: Secret, patience: Duration = .seconds(2)) {
        self.url = url
        self.patience = patience
    }

    package var name: String { "redis" }

    package func look() -> Outcome {
        RedisDialogue.asking(url, within: patience) { dialogue throws(RedisDialogue.Fault) in
            let version = try dialogue.facts("server")["redis_version"] ?? "unknown"
            let memory = try dialogue.facts("memory")
            return judge(version, try dialogue.setting("maxmemory-policy"), memory)
        }
    }

    private func judge(
        _ version: String,
        _ policy: String?,
        _ memory: [String: String]
    ) -> Outcome {
        let major = Int(version.prefix { $0 != "." }) ?? 0
        guard major >= 6 else {
            return .warn("version \(version)", remedy: "upgrade to Redis 6.2 or newer")
        }
        guard let policy = policy ?? memory["maxmemory_policy"] else {
            return .ok("version \(version); it doesn't show its maxmemory-policy")
        }
        guard policy == "noeviction" else {
            return .warn(
                "version \(version), maxmemory-policy \(policy): it may forget who hosts a call",
                remedy: """
                    redis-cli config set maxmemory-policy noeviction
                    and in redis.conf: maxmemory-policy noeviction
                    """
            )
        }
        let used = memory["used_memory"].flatMap { Int($0) } ?? 0
        let limit = memory["maxmemory"].flatMap { Int($0) } ?? 0
        if limit > 0, used / 4 > limit / 5 {
            return .warn(
                "version \(version), more than 80% of its memory in use: full, it takes no new calls",
                remedy: "redis-cli config set maxmemory 2gb, and the same in redis.conf"
            )
        }
        return .ok("version \(version), maxmemory-policy noeviction")
    }
}

extension RedisDialogue {
    /// Opens a dialogue, and answers with what the questions came to or what stood in their way.
    static func asking(
        _ url: Secret,
        within patience: Duration,
        _ questions: (inout RedisDialogue) throws(Fault) -> Outcome
    ) -> Outcome {
        do throws(Turned) {
            var dialogue = try entering(url, within: patience)
            do throws(Fault) {
                return try questions(&dialogue)
            } catch {
                return .fail("\(error)", remedy: "look at its log: journalctl -u redis-server")
            }
        } catch {
            return error.outcome
        }
    }
}
