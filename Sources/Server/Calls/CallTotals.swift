internal import Basics
internal import IO
internal import Store
internal import Synchronization

/// What all calls come to, on the metrics page, under the plugin's names: asked of the store once an hour.
///
/// Two of the names end in `_total` and are gauges, so they are declared untyped.
final class CallTotals: Sendable {
    private let latest = Mutex(CallStatistics())
    private let store: any DurableStore
    private let log: Log

    init(store: any DurableStore, log: Log) {
        self.store = store
        self.log = log
    }

    /// `running` tells how many calls and participations there are now.
    func register(
        in registry: MetricRegistry,
        running: @escaping @Sendable () -> (calls: Int, sessions: Int)
    ) {
        let prefix = ProcessFigures.pluginPrefix
        registry.untyped(
            "\(prefix)daily_calls_total",
            help: "Calls begun on each of the last thirty days.",
            labels: ["date"]
        ) { [self] in readings(of: \.callsByDay) }
        registry.untyped(
            "\(prefix)monthly_calls_total",
            help: "Calls begun in each of the last twelve months.",
            labels: ["month"]
        ) { [self] in readings(of: \.callsByMonth) }
        registry.gauges(
            "\(prefix)calls_by_channel_type",
            help: "Calls by kind of channel. Here all channels are alike.",
            labels: ["type"]
        ) { [self] in [.init(["public"], Double(latest.withLock { $0.calls }))] }
        registry.gauges(
            "\(prefix)aggregate_stats",
            help: "What all calls come to.",
            labels: ["stat"]
        ) { [self] in
            let (statistics, now) = (latest.withLock { $0 }, running())
            let figures: [(String, Double)] = [
                ("total_calls", Double(statistics.calls)),
                ("total_active_calls", Double(now.calls)),
                ("total_active_sessions", Double(now.sessions)),
                ("avg_duration_seconds", statistics.meanSeconds),
                ("avg_participants", statistics.meanPeople),
                ("avg_video_duration_seconds", Double(statistics.meanVideoSeconds)),
                ("total_video_duration_seconds", Double(statistics.videoSeconds)),
                ("total_video_calls", Double(statistics.videoCalls)),
                ("total_screen_share_calls", Double(statistics.screenCalls)),
            ]
            return figures.map { .init([$0.0], $0.1) }
        }
    }

    private func readings(
        of counts: KeyPath<CallStatistics, [(String, Int)]>
    ) -> [MetricRegistry.Reading] {
        latest.withLock { $0[keyPath: counts] }.map { .init([$0.0], Double($0.1)) }
    }

    /// Asks the store again.
    func refresh() async {
        let (seconds, nanoseconds) = Loop.readWallClock()
        let now = WallTime(seconds: seconds, nanoseconds: Int32(nanoseconds))
        do throws(StoreFault) {
            let statistics = try await store.statistics(at: now)
            latest.withLock { $0 = statistics }
        } catch {
            log.warning("calls could not be counted for the metrics", ["why": .error(error)])
        }
    }
}
