package import Basics

/// What is counted of the links.
package struct LinkFigures: Sendable {
    let linked: Gauge
    let broken: Basics.Counter
    let refused: CounterFamily
    let overloads: Basics.Counter
    let parcels: Basics.Counter
    let starved: Basics.Counter

    package init(in registry: MetricRegistry) {
        linked = registry.gauge(
            "roost_cluster_links",
            help: "Other nodes that this one has a link to."
        )
        broken = registry.counter(
            "roost_cluster_links_broken_total",
            help: "Links that have broken and were made anew, or will be."
        )
        refused = registry.counters(
            "roost_cluster_links_refused_total",
            help: "Connections to the cluster's port that became no link, by reason.",
            labels: ["reason"]
        )
        overloads = registry.counter(
            "roost_cluster_parcels_refused_total",
            help: "Calls and letters that found no room on a link."
        )
        parcels = registry.counter(
            "roost_cluster_parcels_total",
            help: "Calls, letters and answers that came from other nodes."
        )
        starved = refused.child("no_descriptor")
    }
}
