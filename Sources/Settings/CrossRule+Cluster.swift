import Basics

/// What must hold once a node is one of a cluster.
extension CrossRule {
    static let ofClusters = [
        allThree(cluster.ca, cluster.certificate, cluster.key),
        previousNeedsCurrent,
        nodesKnowEachOther,
        nodesFindEachOther,
    ]

    private static let cluster = ClusterSettings.all
    private static let redis = RedisSettings.all

    private static func allThree(
        _ one: Key<String>,
        _ two: Key<String>,
        _ three: Key<String>
    ) -> CrossRule {
        let keys = [one, two, three]
        return CrossRule(keys) { settings in
            let missing = keys.filter { settings[$0].isEmpty }
            guard !missing.isEmpty, let given = keys.first(where: { !settings[$0].isEmpty }) else {
                return nil
            }
            let names = missing.map(\.path).joined(separator: " and ")
            return Breach(
                key: given,
                rule: "needs \(names) too; `roost cluster init` makes all three"
            )
        }
    }

    private static let previousNeedsCurrent = CrossRule(
        [cluster.previousSecret, cluster.secret]
    ) { settings in
        guard !settings[cluster.previousSecret].isEmpty, settings[cluster.secret].isEmpty else {
            return nil
        }
        return Breach(
            key: cluster.previousSecret,
            rule: "needs cluster.secret too, which is to follow it"
        )
    }

    private static let nodesKnowEachOther = CrossRule(
        [redis.url, redis.sentinels, cluster.secret, cluster.ca]
    ) { settings in
        guard settings.isClustered, settings[cluster.secret].isEmpty, settings[cluster.ca].isEmpty
        else { return nil }
        return Breach(
            key: settings.meetingPlace,
            rule: "makes this node one of a cluster, whose nodes must know each other; set "
                + "cluster.secret (`openssl rand -hex 32` makes one), or cluster.ca, "
                + "cluster.certificate and cluster.key (`roost cluster init` makes them)"
        )
    }

    private static let nodesFindEachOther = CrossRule(
        [redis.url, redis.sentinels, cluster.listen, cluster.advertise]
    ) { settings in
        guard settings.isClustered, settings[cluster.advertise].isEmpty,
            settings[cluster.listen].ip.isUnspecified
        else { return nil }
        return Breach(
            key: cluster.listen,
            rule: "is all addresses of this machine, of which others need to know one; set "
                + "cluster.advertise to the address or name by which they reach it"
        )
    }
}
