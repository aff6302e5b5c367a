package import Basics

extension Settings {
    /// Whether this node shares its calls with others.
    package var isClustered: Bool { !redis.url.isEmpty || !redis.sentinels.isEmpty }

    /// Where other nodes are told to connect.
    package var clusterEndpoint: Endpoint {
        Endpoint(cluster.advertise) ?? Endpoint(cluster.listen)
    }

    /// The setting that made this node one of a cluster.
    var meetingPlace: any AnyKey {
        redis.sentinels.isEmpty ? RedisSettings.all.url : RedisSettings.all.sentinels
    }
}
