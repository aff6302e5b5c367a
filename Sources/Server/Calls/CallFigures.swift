internal import Basics
internal import Calls

/// What is counted of calls, under the names that the Calls plugin has for it, so that dashboards made
/// for that go on working.
///
/// Two of the plugin's habits are at odds with those of Prometheus: gauges that end in `_total` and
/// counters that do not. The names are kept, and such metrics are declared untyped, which is true and which
/// `promtool` does not mind. Names and labels in camelCase it does mind; they appear with the first
/// thing that is counted under them.
final class CallFigures: Sendable {
    enum Handler: String, CaseIterable, Sendable {
        case addUserSession
        case removeUserSession
        case getCallState
    }

    private let incoming: CounterFamily
    private let outgoing: CounterFamily
    private let handlers: [Handler: Histogram]
    private let pairs: CounterFamily
    private let participants: Gauge
    private let losses: HistogramFamily
    private let roundTrips: HistogramFamily
    private let jitters: HistogramFamily
    /// Everybody who ever came, so that a figure stays once it has been seen.
    private let arrivals = Counter()
    private let states: CounterFamily
    private let errors: CounterFamily
    private let connecting: HistogramFamily
    private let captionedSound: Histogram
    private let windowDropped: Counter
    private let transcriberFull: Counter
    private let queueFull: Counter
    private let refusals: CounterFamily
    private let quality: Histogram

    init(in registry: MetricRegistry) {
        let prefix = ProcessFigures.pluginPrefix
        let events = registry.counters(
            "\(prefix)websocket_events_total",
            help:
                "Messages of the calls protocol: those that came, and those told, to however many.",
            labels: ["direction", "type"]
        )
        incoming = events
        outgoing = events
        let times = registry.histograms(
            "\(prefix)app_handlers_time",
            help: "Seconds that it took to do what a client asked.",
            labels: ["handler"]
        )
        handlers = Dictionary(
            uniqueKeysWithValues: Handler.allCases.map { ($0, times.child($0.rawValue)) }
        )
        pairs = registry.counters(
            "\(prefix)client_ice_candidate_pairs_total",
            help: "Pairs of candidates that clients have tried, as they tell.",
            labels: ["state", "local_type", "local_protocol", "remote_type", "remote_protocol"],
            limit: 500
        )
        let (participants, arrivals) = (Gauge(), arrivals)
        self.participants = participants
        registry.untyped(
            "\(prefix)rtc_sessions_total",
            help: "Participations in calls.",
            labels: ["groupID"]
        ) { arrivals.value > 0 ? [.init([Self.group], participants.value)] : [] }
        losses = registry.histograms(
            "\(prefix)rtc_client_loss_rate",
            help: "Shares of packets lost, as clients tell.",
            labels: ["groupID"],
            buckets: .losses
        )
        roundTrips = registry.histograms(
            "\(prefix)rtc_client_rtt",
            help: "Seconds from clients to here and back, as they tell.",
            labels: ["groupID"],
            buckets: .latencies
        )
        jitters = registry.histograms(
            "\(prefix)rtc_client_jitter",
            help: "Seconds by which packets vary, as clients tell.",
            labels: ["groupID"],
            buckets: .latencies
        )
        states = registry.counters(
            "\(prefix)rtc_conn_states_total",
            help: "What has become of participants' connections for media.",
            labels: ["type"]
        )
        errors = registry.counters(
            "\(prefix)rtc_errors_total",
            help: "What media would not take.",
            labels: ["groupID", "type"]
        )
        connecting = registry.histograms(
            "\(prefix)rtc_connection_time",
            help: "Seconds from joining to being connected for media.",
            labels: ["groupID"]
        )
        captionedSound = registry.histogram(
            "\(prefix)jobs_live_captions_new_audio_len_ms",
            help: "Milliseconds of sound that were new in a caption.",
            buckets: [2_000, 4_000, 6_000, 8_000],
            isShownAtZero: false
        )
        windowDropped = registry.untypedCounter(
            "\(prefix)jobs_live_captions_window_dropped",
            help: "Pieces of sound that a captioner was too slow for."
        )
        transcriberFull = registry.untypedCounter(
            "\(prefix)jobs_live_captions_transcriber_buf_full",
            help: "Pieces of sound that found a captioner's queue full."
        )
        queueFull = registry.untypedCounter(
            "\(prefix)jobs_live_captions_pktPayloadCh_buf_full",
            help: "Packets that found a captioner's queue full.",
            isShownAtZero: false
        )
        refusals = registry.counters(
            "roost_call_refusals_total",
            help: "What was asked of calls and not done.",
            labels: ["what"]
        )
        quality = registry.histogram(
            "roost_call_quality_mos",
            help: "How well participants are connected, from 1 to 4.5, at each change of grade.",
            buckets: [1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5]
        )
    }

    /// Counts whoever is connected, which somebody else knows.
    func registerConnections(
        in registry: MetricRegistry,
        reading: @escaping @Sendable () -> Double
    ) {
        registry.untyped(
            "\(ProcessFigures.pluginPrefix)websocket_connections_total",
            help: "Websockets of people who are known, and those who may come back in a moment.",
            reading: reading
        )
    }

    private static let group = "default"

    var participantCount: Int { Int(participants.value) }

    /// With a call from another node, or, below zero, away with one.
    func came(participants count: Int) {
        participants.add(Double(count))
        if count > 0 { arrivals.add(UInt64(count)) }
    }

    func came(_ type: String) { incoming.child("in", type).add() }
    func told(_ type: String) { outgoing.child("out", type).add() }
    func refused(_ what: String) { refusals.child(what).add() }

    func mediaIs(_ state: String) { states.child(state).add() }

    func connected(after wait: Duration) {
        mediaIs("connected")
        connecting.child(Self.group).observe(wait)
    }

    /// Offers and answers are signalling, whatever else is a track's.
    func failed(_ what: String) {
        let isSignal = ["offer", "answer", "join"].contains(what)
        errors.child(Self.group, isSignal ? "signaling" : "track").add()
    }

    func captioned(milliseconds: Double) { captionedSound.observe(milliseconds) }

    func handled(_ handler: Handler, in duration: Duration) {
        handlers[handler]?.observe(duration)
    }

    func count(_ metric: ClientMetric) {
        switch metric {
        case .candidatePair(let pair):
            pairs.child(
                pair.state,
                pair.localType,
                pair.localProtocol,
                pair.remoteType,
                pair.remoteProtocol
            ).add()
        case .captionsWindowDropped: windowDropped.add()
        case .captionsTranscriberFull: transcriberFull.add()
        case .captionsQueueFull: queueFull.add()
        }
    }

    func count(_ note: CallNote) {
        switch note {
        case .participantJoined:
            participants.add()
            arrivals.add()
        case .participantLeft: participants.add(-1)
        case .loss(_, let share): losses.child(Self.group).observe(share)
        case .roundTrip(_, let seconds): roundTrips.child(Self.group).observe(seconds)
        case .jitter(_, let seconds): jitters.child(Self.group).observe(seconds)
        case .quality(_, let mos): quality.observe(mos)
        case .refused(_, let what, _): refused(what)
        case .hostChanged: break
        }
    }
}
