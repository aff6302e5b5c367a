package import Basics

/// Whether a Redis still knows after a restart what it was given.
package struct RedisDiskCheck: Check {
    private let url: Secret
    private let patience: Duration

    package init(_ url: Secret, patience: Duration = .seconds(2)) {
        self.url = url
        self.patience = patience
    }

    package var name: String { "redis disk" }

    package func look() -> Outcome {
        RedisDialogue.asking(url, within: patience) { dialogue throws(RedisDialogue.Fault) in
            judge(try dialogue.facts("persistence"))
        }
    }

    private func judge(_ facts: [String: String]) -> Outcome {
        guard let appends = facts["aof_enabled"] else {
            return .ok("it doesn't show whether it writes to disk")
        }
        guard appends == "1" else {
            return .warn(
                "does not write each change to disk: a restart forgets calls, logins and settings",
                remedy: """
                    redis-cli config set appendonly yes
                    and in redis.conf: appendonly yes, appendfsync everysec
                    """
            )
        }
        guard facts["aof_last_write_status", default: "ok"] == "ok" else {
            return .fail(
                "can't write to its disk, and takes no changes until it can",
                remedy: "make room on the disk of its dir, or mend it: redis-cli config get dir"
            )
        }
        return .ok("writes each change to disk")
    }
}
