internal import Basics

/// What is counted of what nodes say to each other.
struct ClusterFigures: Sendable {
    private let events: CounterFamily

    init(in registry: MetricRegistry) {
        events = registry.counters(
            ProcessFigures.pluginPrefix + "cluster_events_total",
            help: "What came from other nodes, by kind.",
            labels: ["type"]
        )
    }

    func came(_ type: String) { events.child(type).add() }
}
