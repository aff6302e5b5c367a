package import Basics

/// What the store counts: how often each method was asked, and how long its callers waited.
package struct StoreMetrics: Sendable {
    private let operations: [Counter]
    private let times: [Histogram]
    private let faults: Counter

    /// The methods of ``DurableStore`` by the names of their metrics' labels.
    package enum Method: Int, CaseIterable, Sendable {
        case saveChannel, channel, channels
        case saveCall, call, calls, unendedCalls, forgetCalls, statistics
        case saveAttendance, attendance
        case register, client, unregister
        case saveJob, job, jobs, forgetJobs
        case saveSession, session, endSession, forgetSessions
        case value, write, remove
    }

    /// Registers `PREFIXstore_ops_total`, `PREFIXstore_methods_time` and `PREFIXstore_faults_total`.
    package init(registry: MetricRegistry, prefix: String) {
        let operations = registry.counters(
            prefix + "store_ops_total",
            help: "Operations asked of the store.",
            labels: ["type"]
        )
        let times = registry.histograms(
            prefix + "store_methods_time",
            help: "Seconds from asking the store to its answer.",
            labels: ["method"]
        )
        self.operations = Method.allCases.map { operations.child("\($0)") }
        self.times = Method.allCases.map { times.child("\($0)") }
        faults = registry.counter(
            prefix + "store_faults_total",
            help: "Operations the store could not do."
        )
    }

    /// One method was asked, and answered or failed.
    package func note(_ method: Method, took duration: Duration, isFault: Bool) {
        operations[method.rawValue].add()
        times[method.rawValue].observe(duration)
        if isFault { faults.add() }
    }
}
