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
    let loops: [Loop]
    let store: any DurableStore
    let desk: LoginDesk
    private let lobby: SocketLobby
    private let sockets: SocketRoutes
    private let door: FrontDoor
    private let media: MediaPlane
    private let paces: PersonPaces
    let history: CallHistory
    let totals: CallTotals
    let calls: CallDirectory
    let cluster: ClusterFloor
    private let clusterDesk: ClusterDesk
    private let webhooks: WebhookKeeper
    private let server: HTTPServer
    private let metricsServer: HTTPServer
    private let health = Health()
    private let refusal = Mutex(Refusal())
    private let levels: LogLevels
    private let log: Log
    let settings: Mutex<Settings>
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
            requests: LoginDesk.Rates(settings),
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
        health.enter(.apart)
        cluster.watch { [health, weak self] standing in
            switch standing {
            case .joining: health.enter(.apart, unless: .draining)
            case .joined: health.enter(.ready, unless: .draining)
            case .refused(let why):
                health.enter(.apart, unless: .draining)
                self?.refuse(why)
            }
        }
        let terms = settings.withLock { BalanceTerms($0.cluster) }
        loops[0].begin { [cluster, calls, clusterDesk] in
            await cluster.open(calls, hall: hall, post: post, desk: clusterDesk, balance: terms)
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

    // MARK: - Reload

    /// Takes over what can be taken over from new settings, and says what can't.
    package func reload(_ read: Settings) throws(NodeFault) -> [SettingsChange] {
        let old = settings.withLock { $0 }
        let new = old.following(read)
        let rules = try HTTPRules(new)
        let worry = try CertificateWorry(new, at: Loop.readWallClock().seconds)
        let provider = try LoginDesk.Provider(new)
        settings.withLock { $0 = new }
        levels.set(new.log.level, rooms: new.log.levels)
        server.apply(
            rules,
            connectionLimit: new.http.maxConnections,
            connectionLimitPerAddress: new.http.maxConnectionsPerAddress
        )
        desk.replace(provider: provider)
        desk.apply(
            SessionBook.Limits(new),
            requests: LoginDesk.Rates(new),
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
        cluster.balance?.set(BalanceTerms(new.cluster))
        webhooks.apply(WebhookKeeper.Values(new))
        door.apply(SitePolicy(allowed: new.http.allowedOrigins))
        media.renewCertificate()
        warn(about: worry)
        return old.changes(to: read)
    }

    // MARK: - Ending

    /// Gives the calls of this node to others, until that moment.
    private func leaveCluster(until end: Instant) async {
        guard let parts = cluster.parts else { return }
        parts.keeper.drain(true)
        _ = await calls.moveAll(within: end - Loop.readClock())
    }

    /// Waits until nothing of the calls that have moved is left here. A call may come back meanwhile, if the node that has
    /// taken it dies; it goes to another, if one is there for it.
    private func fade(until end: Instant) async {
        await calls.fade()
        guard await calls.mayMove else { return }
        await leaveCluster(until: end)
        await calls.fade()
    }

    /// Takes nobody new, lets everybody finish, and lets go of everything. Says how many had to be cut
    /// off.
    package func close() async -> Int {
        clusterDesk.close()
        health.enter(.draining)
        let grace = settings.withLock { $0.http.shutdownGrace }
        let end = Loop.readClock() + settings.withLock { $0.cluster.drainTimeout }
        await leaveCluster(until: end)
        log.info("draining", ["connections": .int(server.connectionCount)])
        let cut = await server.drain(within: grace)
        _ = await metricsServer.drain(within: .milliseconds(100))
        await fade(until: end)
        await calls.close()
        await cluster.close()
        await webhooks.close()
        await media.close()
        await store.close()
        for loop in loops { loop.stop() }
        return cut
    }
}
