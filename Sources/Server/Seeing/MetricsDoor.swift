internal import Basics
internal import IO
internal import Wire

/// The listener that Prometheus and operators ask, apart from the one that people use.
struct MetricsDoor {
    static func router(_ registry: MetricRegistry, health: Health, cluster: ClusterRoutes) -> Router
    {
        var router = Router()
        // The second is where the chat server has the Calls plugin's figures.
        for path in ["/metrics", PluginRoutes.base + "/metrics"] {
            router.on(.get, path) { _ in
                var fields = HTTPFields()
                fields.append("content-type", "text/plain; version=0.0.4; charset=utf-8")
                fields.append("cache-control", "no-store")
                var response = HTTPResponse(.ok, fields: fields, body: .bytes(registry.render()))
                response.isCompressible = true
                return .now(response)
            }
        }
        health.addAlive(to: &router)
        health.addReady(to: &router)
        cluster.add(to: &router)
        return router
    }
}

extension Router: HTTPService {}
