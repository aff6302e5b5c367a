internal import Basics
internal import Cluster
internal import Coordination
internal import Crypto
internal import Glibc
internal import IO
internal import Settings

/// Where a node meets the others, as its settings say: the loop that does nothing else, the port that they
/// dial, and the Redis.
struct ClusterMeeting {
    let loop: Loop
    let links: Links
    let client: RedisClient
    let credentials: GuardCredentials
    let mutexes: ClusterMutex
    /// For as long as it is open, this node may host and hold.
    let gate = HoldGate(until: Instant(nanoseconds: .min))
    /// Where others are told to dial.
    let endpoint: String
    /// Which versions of the links are spoken.
    let versions: ClosedRange<UInt64>

    init(
        _ settings: Settings,
        _ member: MemberID,
        registry: MetricRegistry,
        log: Log
    ) throws(NodeFault) {
        let cluster = settings.cluster
        let resolver: NameResolver
        do throws(SystemFault) {
            loop = try Loop(name: "cluster")
            resolver = try NameResolver(threads: 1)
        } catch {
            throw NodeFault("\(error); raise the limits of threads and open files")
        }
        credentials = try Self.credentials(settings)
        if case .certificates(let chain, _, _) = credentials {
            let now = Loop.readWallClock().seconds
            try LinkCertificate(chain, of: member.name, at: now).show(in: registry, at: now, log)
        }
        versions = try Self.versions()
        links = Links(
            Links.Identity(cluster: cluster.name, member: member, versions: versions),
            loop: loop,
            security: try Self.security(settings, credentials),
            resolver: resolver,
            pace: settings.clusterPace,
            figures: LinkFigures(in: registry),
            log: log
        )
        let bound: SocketAddress
        do throws(SystemFault) {
            bound = try links.listen(on: cluster.listen)
        } catch {
            throw NodeFault("cluster.listen: \(error); set it to a free address of this machine")
        }
        var endpoint = settings.clusterEndpoint
        if cluster.advertise.isEmpty { endpoint.port = bound.port }
        self.endpoint = endpoint.description
        let place = try Self.place(settings)
        var rules = RedisRules()
        rules.answerTimeout = settings.redis.timeout
        rules.name = "roost-\(member.name)"
        if case .sentinels = place.way { rules.confirmEvery = .milliseconds(200) }
        let tls = try Self.tls(settings, place)
        client = RedisClient(
            place,
            loop: loop,
            resolver: resolver,
            tls: tls,
            rules: rules,
            log: log
        )
        rules.name += "-mutex"
        var newsRules = rules
        newsRules.name += "-news"
        var confirmation: Duration?
        if case .sentinels = place.way { confirmation = settings.clusterPace.confirmation }
        mutexes = ClusterMutex(
            member,
            cluster: cluster.name,
            gate: gate,
            client: RedisClient(
                place,
                loop: loop,
                resolver: resolver,
                tls: tls,
                rules: rules,
                log: log
            ),
            subscriber: RedisSubscriber(
                place,
                loop: loop,
                resolver: resolver,
                tls: tls,
                rules: newsRules,
                log: log
            ),
            terms: MutexTerms(confirmation: confirmation),
            figures: MutexFigures(in: registry, prefix: ProcessFigures.pluginPrefix),
            log: log
        )
    }

    /// Another connection to the same Redis, for what may take its time.
    static func client(
        _ settings: Settings,
        on loop: Loop,
        named name: String,
        log: Log
    ) throws(NodeFault) -> RedisClient {
        let place = try place(settings)
        var rules = RedisRules()
        rules.answerTimeout = settings.redis.timeout
        rules.name = "roost-\(NodeName.own(settings))-\(name)"
        let tls = try tls(settings, place)
        let resolver: NameResolver
        do throws(SystemFault) {
            resolver = try NameResolver(threads: 1)
        } catch {
            throw NodeFault("\(error); raise the limit of threads")
        }
        return RedisClient(
            place,
            loop: loop,
            resolver: resolver,
            tls: tls,
            rules: rules,
            log: log
        )
    }

    /// What this build speaks, or what tests have it say to pass for an older or a newer one.
    private static func versions() throws(NodeFault) -> ClosedRange<UInt64> {
        guard let text = unsafe getenv("ROOST_LINK_VERSIONS") else { return Links.versions }
        let bounds = unsafe String(cString: text).split(separator: "-").map { UInt64($0) }
        guard bounds.count == 2, let lowest = bounds[0], let highest = bounds[1], lowest <= highest
        else {
            throw NodeFault("ROOST_LINK_VERSIONS is for tests, and looks like 1-2; unset it")
        }
        return lowest...highest
    }

    /// Where the Redis is.
    static func place(_ settings: Settings) throws(NodeFault) -> RedisPlace {
        let redis = settings.redis
        do throws(RedisPlaceFault) {
            var place =
                redis.url.isEmpty
                ? RedisPlace(.sentinels([], master: redis.sentinelMaster))
                : try RedisPlace(redis.url.revealedText)
            if !redis.sentinels.isEmpty {
                var hosts: [RedisHost] = []
                for text in redis.sentinels {
                    let host = RedisHost(
                        "\(text)",
                        usual: RedisPlace.usualSentinelPort
                    )
                    guard let host else { throw RedisPlaceFault.host }
                    hosts.append(host)
                }
                place.way = .sentinels(hosts, master: redis.sentinelMaster)
            }
            place.sentinelPassword = redis.sentinelPassword
            return place
        } catch {
            throw NodeFault("redis.url: \(error)")
        }
    }

    static func tls(_ settings: Settings, _ place: RedisPlace) throws(NodeFault) -> TLSContext? {
        guard place.isSecure else { return nil }
        let path = settings.redis.ca
        let authorities = path.isEmpty ? nil : try NodeFault.reading(path, for: "redis.ca")
        do throws(TLSFault) {
            return try .client(trust: authorities.map { .only(pem: $0) } ?? .system)
        } catch {
            throw NodeFault("redis.ca: \(error)")
        }
    }

    /// What this node shows to the others.
    private static func credentials(_ settings: Settings) throws(NodeFault) -> GuardCredentials {
        let cluster = settings.cluster
        guard !cluster.ca.isEmpty else { return .secret(cluster.secret.revealed) }
        return .certificates(
            chain: try NodeFault.reading(cluster.certificate, for: "cluster.certificate"),
            key: try NodeFault.reading(cluster.key, for: "cluster.key"),
            authorities: try NodeFault.reading(cluster.ca, for: "cluster.ca")
        )
    }

    private static func security(
        _ settings: Settings,
        _ credentials: GuardCredentials
    ) throws(NodeFault) -> LinkSecurity {
        let previous = settings.cluster.previousSecret
        do throws(TLSFault) {
            switch credentials {
            case .secret(let secret):
                return try LinkSecurity(
                    secret: Secret(secret),
                    previous: previous.isEmpty ? nil : previous
                )
            case .certificates(let chain, let key, let authorities):
                return try LinkSecurity(
                    certificateChainPEM: chain,
                    privateKeyPEM: key,
                    authoritiesPEM: authorities
                )
            }
        } catch {
            throw NodeFault("the cluster's secret or certificates can't be used: \(error)")
        }
    }
}
