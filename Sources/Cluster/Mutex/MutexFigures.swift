package import Basics
internal import Coordination

/// What is counted about mutexes, under the names of the protocol's metrics.
package struct MutexFigures: Sendable {
    private let grabs: HistogramFamily
    private let holds: HistogramFamily
    private let retries: CounterFamily

    package init(in registry: MetricRegistry, prefix: String) {
        grabs = registry.histograms(
            prefix + "cluster_mutex_grab_time",
            help: "Seconds from wanting a global mutex to holding it.",
            labels: ["group"]
        )
        holds = registry.histograms(
            prefix + "cluster_mutex_locked_time",
            help: "Seconds for which a global mutex was held.",
            labels: ["group"]
        )
        retries = registry.counters(
            prefix + "cluster_mutex_lock_retries_total",
            help: "How often who waits for a global mutex asked again.",
            labels: ["group"]
        )
    }

    func noteGrab(_ name: MutexName, took: Duration) {
        grabs.child(name.group).observe(took)
    }

    func noteHold(_ name: MutexName, took: Duration) {
        holds.child(name.group).observe(took)
    }

    func noteRetries(_ name: MutexName, _ count: UInt64) {
        guard count > 0 else { return }
        retries.child(name.group).add(count)
    }
}
