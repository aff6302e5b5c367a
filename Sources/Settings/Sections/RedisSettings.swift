package import Basics

/// What the nodes of a cluster share.
package struct RedisSettings: SectionKeys {
    package static let all = RedisSettings()
    package static let name = "redis"
    package static let purpose = "What the nodes of a cluster share."

    package let url = Key(
        "redis.url",
        .redisURL,
        default: Secret(""),
        isSecret: true,
        because: "redis://host:6379/0, or rediss:// for TLS, with user:password@ where needed. "
            + "Empty means that this node is alone."
    )
}
