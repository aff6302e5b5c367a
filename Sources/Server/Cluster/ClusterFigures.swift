internal import Basics

/// What is counted of what nodes say to each other.
struct ClusterFigures: Sendable {
    private let events: CounterFamily
    let moves: CounterFamily
    let fenced: Counter
    let rebalanced: CounterFamily

    init(in registry: MetricRegistry) {
        events = registry.counters(
            ProcessFigures.pluginPrefix + "cluster_events_total",
            help: "What came from other nodes, by kind.",
            labels: ["type"]
        )
        moves = registry.counters(
            "roost_cluster_calls_moved_total",
            help: "Calls that came from other nodes or went to them, by how.",
            labels: ["how"]
        )
        fenced = registry.counter(
            "roost_cluster_fenced_total",
            help: "How often this node has lost its right to host."
        )
        rebalanced = registry.counters(
            "roost_cluster_rebalanced_total",
            help:
                "Calls that this node was to give away for its load, by what came of it.",
            labels: ["outcome"]
        )
    }

    /// Shows what is known of the cluster.
    static func show(_ glance: ClusterGlance, in registry: MetricRegistry) {
        registry.gauges(
            "roost_cluster_members",
            help: "Nodes of the cluster, by state, as this one sees them.",
            labels: ["state"]
        ) {
            glance.memberCounts.map { .init([$0.state], Double($0.count)) }
        }
        registry.gauge(
            "roost_cluster_holding",
            help: "1 while this node may host calls, else 0.",
            reading: { glance.isHolding ? 1 : 0 }
        )
        registry.gauges(
            "roost_cluster_link_seconds",
            help: "What the last heartbeat to another node and back took.",
            labels: ["node"]
        ) {
            glance.roundTrips.map { .init([$0.node], $0.seconds) }
        }
    }

    func came(_ type: String) { events.child(type).add() }
}
