package import Basics
internal import Calls
internal import Cluster
internal import Coordination
internal import Crypto
internal import Glibc
internal import IO
internal import Identity
package import Settings
internal import Store
internal import Synchronization
internal import Wire

/// One running node.
///
///     open ──▶ serving ── reload ──▶ serving
///                 ╰────── close ──▶ draining ──▶ closed
///
/// Rooms are opened from the ground up and closed from the top down, so that nobody is ever asked who
/// is not there yet, or no longer.
package final class Node: Sendable {
    private let loops: [Loop]
    private let store: any DurableStore
    private let desk: LoginDesk
    private let lobby: SocketLobby
    private let sockets: SocketRoutes
    private let door: FrontDoor
    private let media: MediaPlane
    private let paces: PersonPaces
    private let history: CallHistory
    private let totals: CallTotals
    private let calls: CallDirectory
    private let cluster: ClusterFloor
    private let clusterDesk: ClusterDesk
    private let webhooks: WebhookKeeper
    private let server: HTTPServer
    private let metricsServer: HTTPServer
    private let health = Health()
    private let refusal = Mutex(Refusal())
    private let levels: LogLevels
    private let log: Log
    private let settings: Mutex<Settings>
    /// The same settings, for requests.
    private let current: CurrentSettings

    /// Where people can reach the node, with the real ports.
    package let addresses: [SocketAddress]
    package let metricsAddresses: [SocketAddress]
    package let isSecure: Bool

    /// Opens everything and begins to serve.
    package init(
        _ settings: Settings,
        sink: any LogSink,
        levels: LogLevels
    ) throws(NodeFault) {
        log = Log("node", levels: levels, sink: sink)
        self.levels = levels
        self.settings = Mutex(settings)
        current = CurrentSettings(settings)
        let registry = MetricRegistry()
        ProcessFigures.register(in: registry)
        let rules = try HTTPRules(settings)
        let worry = try CertificateWorry(settings, at: Loop.readWallClock().seconds)
        isSecure = rules.values.tls != nil
        let provider = try LoginDesk.Provider(settings)
        loops = try Self.openLoops(settings.node.threads)
        let clusterLog = Log("cluster", levels: levels, sink: sink)
        store = try Self.store(settings, loops[0], registry, clusterLog)
        let loginLog = Log("login", levels: levels, sink: sink)
        let people = PersonBook(store: store, log: loginLog)
        desk = LoginDesk(
            provider: provider,
            limits: SessionBook.Limits(settings),
            requests: .requests(settings),
            loginsByAddress: .loginsByAddress(settings),
            store: store,
            people: people,
            metrics: registry,
            log: loginLog
        )
        let lobby = SocketLobby(
            limit: settings.websocket.unauthenticatedTotal,
            limitPerAddress: settings.websocket.unauthenticatedPerAddress
        )
        self.lobby = lobby
        registry.gauge(
            "roost_websocket_unauthenticated",
            help: "Websockets whose owner is not known yet.",
            reading: { Double(lobby.count) }
        )
        media = try MediaPlane(
            settings,
            registry: registry,
            log: Log("media", levels: levels, sink: sink)
        )
        paces = PersonPaces(.perPerson(settings))
        let callLog = Log("calls", levels: levels, sink: sink)
        history = CallHistory(store: store, loop: loops[0], metrics: registry, log: callLog)
        totals = CallTotals(store: store, log: callLog)
        let figures = CallFigures(in: registry)
        let hall = SocketHall(loops: loops) { figures.told($0) }
        figures.registerConnections(in: registry) { Double(hall.count) }
        let clusterFigures = ClusterFigures(in: registry)
        cluster =
            settings.isClustered
            ? try ClusterFloor(
                settings,
                media: media.addresses.first?.description ?? "",
                figures: clusterFigures,
                registry: registry,
                log: clusterLog
            )
            : ClusterFloor(alone: .own(settings), figures: clusterFigures, log: clusterLog)
        let glance = ClusterGlance(cluster.gate)
        ClusterFigures.show(glance, in: registry)
        cluster.show(to: glance)
        if settings.isClustered { media.keep(behind: cluster.gate) }
        let reservations = Reservations(store: store, log: callLog)
        let crier = Crier(hall: hall, system: cluster.system)
        desk.whenEnded { crier.post(.loggedOut($0)) }
        reservations.whenChanged { crier.post(.reserved) }
        calls = CallDirectory(
            CallDirectory.Values(settings),
            loops: loops,
            around: CallActor.Surroundings(
                crier: crier,
                gate: cluster.gate,
                media: media,
                history: history,
                figures: figures,
                journal: cluster.journal,
                log: callLog
            ),
            system: cluster.system,
            placing: settings.isClustered ? cluster : nil,
            channels: ChannelBook(store: store, log: callLog),
            reservations: reservations
        )
        webhooks = try Self.webhooks(settings, loops[0], store, registry, callLog)
        calls.watch { [webhooks] in webhooks.tell($0, $1, $2) }
        sockets = SocketRoutes(
            around: ClientSocket.Surroundings(
                desk: desk,
                lobby: lobby,
                hall: hall,
                calls: calls,
                paces: paces,
                figures: figures
            ),
            values: SocketRoutes.Values(settings)
        )
        let requestLog = Log("requests", levels: levels, sink: sink)
        let channels = ChannelNames(store: store, log: requestLog)
        clusterDesk = ClusterDesk(
            cluster,
            calls: calls,
            names: channels,
            health: health,
            loop: loops[0],
            log: clusterLog
        )
        let asks = RequestRoutes(
            desk: desk,
            calls: calls,
            store: store,
            people: people,
            channels: channels,
            reservations: reservations,
            settings: current,
            log: requestLog
        )
        door = FrontDoor(
            router: Self.router(health, desk, sockets, media, settings, asks),
            policy: SitePolicy(allowed: settings.http.allowedOrigins)
        )
        let httpLog = Log("http", levels: levels, sink: sink)
        server = HTTPServer(
            loops: loops,
            service: door,
            rules: rules,
            connectionLimit: settings.http.maxConnections,
            connectionLimitPerAddress: settings.http.maxConnectionsPerAddress,
            metrics: HTTPMetrics(in: registry, loops: loops.count),
            log: httpLog
        )
        metricsServer = HTTPServer(
            loops: [loops[0]],
            service: MetricsDoor.router(
                registry,
                health: health,
                cluster: ClusterRoutes(desk: clusterDesk, settings: current)
            ),
            rules: HTTPRules(HTTPRules.Values()),
            connectionLimit: 100,
            connectionLimitPerAddress: 100,
            // The listener for figures is not itself figured.
            metrics: HTTPMetrics(in: MetricRegistry(), loops: 1),
            log: httpLog
        )
        metricsAddresses = try Self.listen(
            metricsServer,
            on: settings.metrics.listen,
            setting: "metrics.listen"
        )
        addresses = try Self.listen(server, on: settings.http.listen, setting: "http.listen")
        warn(about: worry)
        totals.register(in: registry) { [calls] in (calls.callCount, calls.participantCount) }
        loops[0].begin { [history, totals] in
            if !settings.isClustered { await history.endWhatWasLeft() }
            await totals.refresh()
        }
        loops[0].begin { await reservations.restore() }
        webhooks.apply(WebhookKeeper.Values(settings))
        enterCluster(
            hall: hall,
            post: NodePost(
                calls: calls,
                hall: hall,
                desk: desk,
                reservations: reservations,
                figures: clusterFigures,
                log: clusterLog
            )
        )
        tidyLater()
        beatLater()
    }

    /// Alone, the node is ready at once; in a cluster once it is one of it, and whenever it is.
    private func enterCluster(hall: SocketHall, post: NodePost) {
        guard cluster.parts != nil else { return health.enter(.ready) }
        cluster.watch { [health, weak self] standing in
            switch standing {
            case .joining: health.leave(.ready)
            case .joined: health.enter(.ready, unless: .draining)
            case .refused(let why):
                health.leave(.ready)
                self?.refuse(why)
            }
        }
        loops[0].begin { [cluster, calls, clusterDesk] in
            await cluster.open(calls, hall: hall, post: post, desk: clusterDesk)
        }
        loops[0].begin { [weak self, loop = loops[0]] in
            // By then those that run have been heard of.
            let born = WallTime(seconds: Loop.readWallClock().seconds)
            await loop.sleep(for: .seconds(15))
            guard let self else { return }
            await cluster.alone(.historySweep) { await self.sweepHistory(startedBefore: born) }
        }
        carryLater()
    }

    private struct Refusal {
        var text: String?
        var tell: (@Sendable (String) -> Void)?
    }

    private func refuse(_ why: String) {
        let tell = refusal.withLock { refusal in
            refusal.text = why
            return refusal.tell
        }
        tell?(why)
    }

    /// Tells, once, why this node must not run after all.
    package func whenRefused(_ tell: @escaping @Sendable (String) -> Void) {
        let text = refusal.withLock { refusal in
            refusal.tell = tell
            return refusal.text
        }
        if let text { tell(text) }
    }

    /// Tells the cluster now and then what this node carries.
    private func carryLater() {
        let loop = loops[0]
        loop.execute { [weak self] in
            loop.schedule(at: loop.now + .milliseconds(250)) { [weak self] in
                guard let self else { return }
                let limits = settings.withLock { $0.cluster }
                cluster.carry(
                    MemberLoad(
                        calls: UInt32(clamping: calls.callCount),
                        sessions: UInt32(clamping: calls.participantCount),
                        callLimit: UInt32(clamping: limits.maxCalls),
                        sessionLimit: UInt32(clamping: limits.maxSessions),
                        isMarked: !limits.takesCalls
                    )
                )
                carryLater()
            }
        }
    }

    private func warn(about worry: CertificateWorry?) {
        guard let worry else { return }
        log.warning(
            worry.sentence,
            [
                "certificate": .string(worry.certificate.subject),
                "not_before": .string(WallTime(seconds: worry.certificate.notBefore).rfc3339),
                "not_after": .string(WallTime(seconds: worry.certificate.notAfter).rfc3339),
            ]
        )
    }

    /// Alone, what is remembered lies in a file; in a cluster in the Redis that all nodes share.
    private static func store(
        _ settings: Settings,
        _ loop: Loop,
        _ registry: MetricRegistry,
        _ log: Log
    ) throws(NodeFault) -> any DurableStore {
        let metrics = StoreMetrics(registry: registry, prefix: ProcessFigures.pluginPrefix)
        guard settings.isClustered else {
            do throws(StoreFault) {
                return try EmbeddedStore(path: settings.store.path, metrics: metrics)
            } catch {
                throw NodeFault(error.description)
            }
        }
        let client = try ClusterMeeting.client(settings, on: loop, named: "store", log: log)
        return RedisStore(client, cluster: settings.cluster.name, metrics: metrics)
    }

    private static func webhooks(
        _ settings: Settings,
        _ loop: Loop,
        _ store: any DurableStore,
        _ registry: MetricRegistry,
        _ log: Log
    ) throws(NodeFault) -> WebhookKeeper {
        let tls: TLSContext
        do throws(TLSFault) {
            tls = try TLSContext.client(trust: .system)
        } catch {
            throw NodeFault("the system's certificates can't be read: \(error.description)")
        }
        do throws(SystemFault) {
            let resolver = try NameResolver(threads: 1)
            return WebhookKeeper(
                WebhookKeeper.Values(settings),
                loop: loop,
                client: HTTPClient(loop: loop, resolver: resolver, tls: tls),
                store: store,
                owner: settings.isClustered ? "\(NodeName.own(settings))/" : "",
                metrics: registry,
                log: log
            )
        } catch {
            throw NodeFault("\(error); raise the limit of threads")
        }
    }

    private static func openLoops(_ wanted: Int) throws(NodeFault) -> [Loop] {
        let count = wanted > 0 ? wanted : max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 1)
        var loops: [Loop] = []
        do throws(SystemFault) {
            for index in 0..<count { loops.append(try Loop(index: index)) }
        } catch {
            throw NodeFault("\(error); lower node.threads, or raise the limit of open files")
        }
        return loops
    }

    private static func router(
        _ health: Health,
        _ desk: LoginDesk,
        _ sockets: SocketRoutes,
        _ media: MediaPlane,
        _ settings: Settings,
        _ requests: RequestRoutes
    ) -> Router {
        var router = Router()
        health.addAlive(to: &router)
        health.addReady(to: &router)
        Health.addVersion(to: &router)
        sockets.add(to: &router, withEcho: settings.websocket.echo)
        if settings.media.testDoor { MediaDoor(plane: media).add(to: &router) }
        LoginRoutes(desk: desk).add(to: &router)
        requests.add(to: &router)
        PageRoutes().add(to: &router)
        return router
    }

    private static func listen(
        _ server: HTTPServer,
        on addresses: [SocketAddress],
        setting: String
    ) throws(NodeFault) -> [SocketAddress] {
        var bound: [SocketAddress] = []
        for address in addresses {
            do throws(SystemFault) {
                bound.append(try server.listen(on: address))
            } catch {
                let advice =
                    switch error.code {
                    case EADDRINUSE:
                        "another process has this port; stop it (see `ss -ltnp`), or set \(setting)"
                    case EACCES:
                        "ports below 1024 need CAP_NET_BIND_SERVICE; set \(setting) to a higher one"
                    case EADDRNOTAVAIL:
                        "this machine has no such address; see `ip address`, or set \(setting)"
                    default:
                        "set \(setting) to another address"
                    }
                throw NodeFault("\(setting): \(error); \(advice)")
            }
        }
        return bound
    }

    /// Forgets what has expired, once an hour.
    private func tidyLater() {
        let loop = loops[0]
        loop.execute { [weak self] in
            loop.schedule(at: loop.now + .seconds(3_600)) { [weak self] in
                guard let self else { return }
                loop.begin { [weak self] in await self?.tidy() }
                tidyLater()
            }
        }
    }

    private func tidy() async {
        await desk.tidy()
        let now = Loop.readWallClock().seconds
        let days = settings.withLock { $0.store.historyDays }
        await cluster.alone(.historySweep) { [self] in
            if days > 0 {
                let limit = WallTime(seconds: now - Int64(days) * 86_400)
                await history.forget(endedBefore: limit)
            }
            await sweepHistory(startedBefore: WallTime(seconds: now - 60))
        }
        await totals.refresh()
    }

    /// In a cluster calls may have been left by nodes that are gone, and nobody has them now.
    private func sweepHistory(startedBefore limit: WallTime) async {
        guard cluster.parts != nil else { return }
        await history.endWhatWasLeft(startedBefore: limit) { [calls] channel in
            await calls.find(channel) != nil
        }
    }

    /// Notes once a minute that calls are running, if any are.
    private func beatLater() {
        let loop = loops[0]
        loop.execute { [weak self] in
            loop.schedule(at: loop.now + .seconds(60)) { [weak self] in
                guard let self else { return }
                if calls.callCount > 0 { loop.begin { [history] in await history.beat() } }
                beatLater()
            }
        }
    }

    // MARK: - Reload

    /// Takes over what can be taken over from new settings, and says what can't.
    package func reload(_ new: Settings) throws(NodeFault) -> [SettingsChange] {
        let rules = try HTTPRules(new)
        let worry = try CertificateWorry(new, at: Loop.readWallClock().seconds)
        let provider = try LoginDesk.Provider(new)
        let changes = settings.withLock { old in
            defer { old = new }
            return old.changes(to: new)
        }
        levels.set(new.log.level, rooms: new.log.levels)
        server.apply(
            rules,
            connectionLimit: new.http.maxConnections,
            connectionLimitPerAddress: new.http.maxConnectionsPerAddress
        )
        if changes.allSatisfy({ $0.path != "identity.provider" }) {
            desk.replace(provider: provider)
        }
        desk.apply(
            SessionBook.Limits(new),
            requests: .requests(new),
            loginsByAddress: .loginsByAddress(new)
        )
        lobby.apply(
            limit: new.websocket.unauthenticatedTotal,
            limitPerAddress: new.websocket.unauthenticatedPerAddress
        )
        sockets.apply(SocketRoutes.Values(new))
        current.replace(with: new)
        paces.apply(.perPerson(new))
        calls.apply(CallDirectory.Values(new))
        webhooks.apply(WebhookKeeper.Values(new))
        door.apply(SitePolicy(allowed: new.http.allowedOrigins))
        media.renewCertificate()
        warn(about: worry)
        return changes
    }

    // MARK: - Ending

    /// Gives the calls of this node to others.
    private func leaveCluster() async {
        guard let parts = cluster.parts else { return }
        parts.keeper.drain(true)
        let patience = settings.withLock { $0.cluster.drainTimeout }
        let left = await calls.moveAll(within: patience)
        if left > 0 { log.error("calls end with this node", ["calls": .int(left)]) }
    }

    /// Takes nobody new, lets everybody finish, and lets go of everything. Says how many had to be cut
    /// off.
    package func close() async -> Int {
        clusterDesk.close()
        health.enter(.draining)
        let grace = settings.withLock { $0.http.shutdownGrace }
        await leaveCluster()
        log.info("draining", ["connections": .int(server.connectionCount)])
        let cut = await server.drain(within: grace)
        _ = await metricsServer.drain(within: .milliseconds(100))
        await calls.fade()
        await calls.close()
        await cluster.close()
        await webhooks.close()
        await media.close()
        await store.close()
        for loop in loops { loop.stop() }
        return cut
    }
}

extension SocketRoutes.Values {
    fileprivate init(_ settings: Settings) {
        policy = SitePolicy(allowed: settings.http.allowedOrigins)
        rules = ClientSocketRules(
            authenticationTimeout: settings.websocket.authenticationTimeout,
            messages: TokenBucket.Rate(
                perSecond: Double(settings.websocket.messagesPerSecond),
                burst: settings.websocket.burst
            )
        )
    }
}

extension SessionBook.Limits {
    fileprivate init(_ settings: Settings) {
        let lifetime = settings.identity.sessionLifetime.components.seconds
        self.init(
            longestLife: lifetime,
            longestIdle: lifetime,
            perPerson: settings.identity.sessionsPerUser
        )
    }
}

extension CallDirectory.Values {
    fileprivate init(_ settings: Settings) {
        let calls = settings.calls
        self.init(
            rules: CallRules(
                participantLimit: calls.maxParticipants,
                allowsScreenSharing: calls.allowScreenSharing,
                allowsVideo: calls.enableVideo,
                reconnectGrace: calls.reconnectGrace
            ),
            isEnabledByDefault: calls.defaultEnabled
        )
    }
}

extension TokenBucket.Rate {
    /// Over all of one person's websockets: a few tabs and a phone, all as busy as may be.
    fileprivate static func perPerson(_ settings: Settings) -> TokenBucket.Rate {
        TokenBucket.Rate(
            perSecond: Double(settings.websocket.messagesPerSecond * 4),
            burst: settings.websocket.burst * 4
        )
    }

    fileprivate static func requests(_ settings: Settings) -> TokenBucket.Rate {
        TokenBucket.Rate(
            perSecond: Double(settings.limits.requestsPerSecond),
            burst: settings.limits.requestBurst
        )
    }

    fileprivate static func loginsByAddress(_ settings: Settings) -> TokenBucket.Rate {
        TokenBucket.Rate(
            perSecond: Double(settings.limits.loginsPerSecond),
            burst: settings.limits.loginBurst
        )
    }
}
