package import Basics

/// Where the nodes of a cluster meet.
package struct RedisSettings: SectionKeys {
    package static let all = RedisSettings()
    package static let name = "redis"
    package static let purpose =
        "Where the nodes of a cluster meet. With neither url nor sentinels, this node is alone."

    package let url = Key(
        "redis.url",
        .redisURL,
        default: Secret(""),
        isSecret: true,
        because: "redis://host:6379/0, or rediss:// for TLS, with user:password@ where needed. "
            + "With sentinels only its user, password, database and TLS count."
    )

    package let sentinels = Key(
        "redis.sentinels",
        .list(of: .sentinel, upTo: 16),
        default: [],
        because: "Sentinels that know which Redis is the primary: all of them, so that one that "
            + "answers is found."
    )

    package let sentinelMaster = Key(
        "redis.sentinel_master",
        .sentinelMaster,
        default: "mymaster",
        because: "What the sentinels call the Redis that they watch."
    )

    package let sentinelPassword = Key(
        "redis.sentinel_password",
        .secret(),
        default: Secret(""),
        isSecret: true,
        because: "What the sentinels themselves ask for, if they do; that of the Redis is in url."
    )

    package let ca = Key(
        "redis.ca",
        .file,
        default: "",
        because:
            "The certificate of who signs the Redis' certificate, as PEM, for rediss://. Empty "
            + "means whom this machine trusts."
    )

    package let timeout = Key(
        "redis.timeout",
        .time(.milliseconds(20) ... .seconds(10)),
        default: .milliseconds(300),
        because: "How long to wait for an answer before the connection counts as lost. Nodes keep "
            + "their calls meanwhile; shorter finds a new primary sooner."
    )
}
