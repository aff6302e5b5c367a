internal import Basics
internal import Cluster
internal import Coordination
internal import Crypto
internal import Glibc
internal import IO
internal import Settings
internal import Store

// How a node's rooms are opened, each as the settings say.
extension Node {
    /// Alone, what is remembered lies in a file; in a cluster in the Redis that all nodes share.
    static func store(
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

    static func webhooks(
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

    static func openLoops(_ wanted: Int) throws(NodeFault) -> [Loop] {
        let count = wanted > 0 ? wanted : max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 1)
        var loops: [Loop] = []
        do throws(SystemFault) {
            for index in 0..<count { loops.append(try Loop(index: index)) }
        } catch {
            throw NodeFault("\(error); lower node.threads, or raise the limit of open files")
        }
        return loops
    }

    static func router(
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

    static func listen(
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
}
