internal import Basics
internal import Media
internal import Synchronization

/// What a node's boards have done, for the metrics page.
///
/// Boards count in plain numbers of their own thread. Each leaves a copy here twice a second at most, so
/// that the packet path shares nothing with whoever reads the page.
final class MediaFigures: Sendable {
    struct Snapshot: Sendable {
        var counts = BoardCounts()
        var peers = 0
        var calls = 0
        var strays: UInt64 = 0
        var mailDropped: UInt64 = 0
        var incomingTracks: [Codec: Int] = [:]
        var outgoingTracks: [Codec: Int] = [:]
    }

    private let snapshots: Mutex<[Snapshot]>
    private let openings: HistogramFamily
    private let grabs: HistogramFamily
    private let holds: HistogramFamily

    init(shards: Int, in registry: MetricRegistry) {
        snapshots = Mutex(Array(repeating: Snapshot(), count: shards))
        let prefix = ProcessFigures.pluginPrefix
        openings = registry.histograms(
            "\(prefix)rtc_dc_open_time",
            help: "Seconds from joining to having a data channel.",
            labels: ["groupID"]
        )
        grabs = registry.histograms(
            "\(prefix)rtc_signaling_lock_grab_time",
            help:
                "Seconds that whoever wished to offer, a client or the node, waited for its turn.",
            labels: ["groupID"]
        )
        holds = registry.histograms(
            "\(prefix)rtc_signaling_lock_locked_time",
            help: "Seconds that such turns lasted.",
            labels: ["groupID"]
        )
        register(in: registry)
    }

    private static let group = "default"

    func note(_ measure: PlanMeasure) {
        switch measure {
        case .channelOpened(let after): openings.child(Self.group).observe(after)
        case .lockGrabbed(let after): grabs.child(Self.group).observe(after)
        case .lockHeld(let time): holds.child(Self.group).observe(time)
        }
    }

    private var tracks: [MetricRegistry.Reading] {
        var all: [[String]: Int] = [:]
        for snapshot in snapshots.withLock({ $0 }) {
            for (direction, counts) in [
                ("in", snapshot.incomingTracks), ("out", snapshot.outgoingTracks),
            ] {
                for (codec, count) in counts {
                    all[[Self.group, direction, codec.mimeType], default: 0] += count
                }
            }
        }
        return all.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map {
            .init($0.key, Double($0.value))
        }
    }

    func leave(_ snapshot: Snapshot, of shard: Int) {
        snapshots.withLock { $0[shard] = snapshot }
    }

    private func sum(_ value: (Snapshot) -> UInt64) -> Double {
        snapshots.withLock { all in Double(all.reduce(0) { $0 + value($1) }) }
    }

    private func register(in registry: MetricRegistry) {
        registry.untyped(
            "\(ProcessFigures.pluginPrefix)rtc_rtp_tracks_total",
            help: "Tracks that come and go, as they were agreed.",
            labels: ["groupID", "direction", "type"],
            readings: { [self] in tracks }
        )
        registry.gauge(
            "roost_media_peers",
            help: "Participants' connections, expected ones included.",
            reading: { [self] in sum { UInt64($0.peers) } }
        )
        registry.gauge(
            "roost_media_calls",
            help: "Calls with media.",
            reading: { [self] in sum { UInt64($0.calls) } }
        )
        let counters: [(String, String, @Sendable (BoardCounts) -> UInt64)] = [
            ("datagrams", "Datagrams that came for media, of any kind.", { $0.datagrams }),
            ("received_bytes", "Their bytes.", { $0.bytesIn }),
            (
                "packets_received", "Packets of sound and pictures that proved authentic.",
                { $0.packetsIn }
            ),
            (
                "packets_mirrored", "Packets handed to other threads that have viewers of them.",
                { $0.mirrored }
            ),
            (
                "packets_mirrored_dropped", "Packets that found no room on their way there.",
                { $0.mirroredDropped }
            ),
            ("packets_sent", "Packets of sound and pictures sent.", { $0.packetsOut }),
            ("sent_bytes", "Their bytes, encrypted.", { $0.bytesOut }),
            ("packets_resent", "Packets sent again to viewers who lost them.", { $0.resent }),
            (
                "resends_refused", "Packets that could not be sent again, or not so soon.",
                { $0.resendsRefused }
            ),
            ("padding_sent", "Packets of padding that probed a path.", { $0.paddingOut }),
            ("reports_sent", "Packets of RTCP sent.", { $0.reports }),
            ("key_frames_asked", "Whole pictures asked of publishers.", { $0.keyFramesAsked }),
            (
                "key_frames_forwarded", "Whole pictures with which a viewer began.",
                { $0.keyFramesForwarded }
            ),
            ("packets_muted", "Packets held back because their track is muted.", { $0.muted }),
            ("packets_forged", "Packets that did not prove authentic.", { $0.forged }),
            ("packets_replayed", "Packets that had come before, or far too late.", { $0.replayed }),
            (
                "packets_undeclared", "Packets of streams that nobody has announced.",
                { $0.undeclared }
            ),
            ("packets_malformed", "Packets that are none, by their own header.", { $0.malformed }),
            ("datagrams_alien", "Datagrams of a kind that is not spoken here.", { $0.alien }),
            (
                "datagrams_from_nowhere", "Datagrams over paths that have passed no check.",
                { $0.fromNowhere }
            ),
            ("checks", "Connectivity checks that passed.", { $0.checks }),
            (
                "checks_refused", "Connectivity checks of strangers, not answered.",
                { $0.checksRefused }
            ),
            ("handshakes", "Handshakes begun.", { $0.handshakes }),
            ("handshakes_failed", "Handshakes that failed.", { $0.handshakesFailed }),
            (
                "messages_refused", "Messages for data channels that could not be sent.",
                { $0.messagesRefused }
            ),
        ]
        for (name, help, value) in counters {
            registry.counter(
                "roost_media_\(name)_total",
                help: help,
                reading: { [self] in sum { value($0.counts) } }
            )
        }
        registry.counter(
            "roost_media_datagrams_handed_over_total",
            help: "Datagrams that came to another thread than their participant's.",
            reading: { [self] in sum(\.strays) }
        )
        registry.counter(
            "roost_media_datagrams_hand_over_dropped_total",
            help: "Of those, what found no room.",
            reading: { [self] in sum(\.mailDropped) }
        )
    }
}

extension Codec {
    /// As RFC 6838 names it.
    fileprivate var mimeType: String {
        (kind == .audio ? "audio/" : "video/") + encodingName
    }
}
