package import Basics

/// What is counted of the links.
package struct LinkFigures: Sendable {
    let linked: Gauge
    let broken: Counter
    let refused: CounterFamily
    let overloads: Counter
    let parcels: Counter
    let relayed: Counter
    let starved: Counter

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
        relayed = registry.counter(
            "roost_cluster_frames_relayed_total",
            help: "Frames that were passed on between two other nodes which can't reach each other."
        )
        starved = refused.child("no_descriptor")
    }
}
